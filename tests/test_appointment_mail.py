"""What the clinic and its visitors are written about appointments, and what is written to nobody."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from booking import jobs, reception
from booking.models import Appointment, AppointmentRequest, Location, Practitioner, Service
from booking.tokens import manage_token
from outbox.models import Message
from outbox.services import send_due
from tests import factories
from tests.forms import (
    APPOINTMENTS_PATH,
    BOOKING_PATH,
    book,
    filled_appointment,
    filled_booking,
    manage,
    slot_at,
    somebody,
)

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
NINE = datetime(2027, 3, 30, 8, tzinfo=UTC)  # on the clinic's clock, which is an hour ahead from the 28th
CLINIC = "hello@clinic.example"
PERSON = {"name": "Quillon Ashby", "email": "q@visitor.example", "phone": "01632 960 214", "message": "Zebrawort"}
SECRETS = ("Quillon", "Ashby", "Zebrawort", "960214", "960 214")


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    factories.ask_no_proof()
    factories.make_settings(phone="01632 960 200")
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live(name="Podiatry")


@pytest.fixture
def appointment(service: Service) -> Appointment:
    return factories.make_appointment(service, NINE, **PERSON)


@pytest.fixture
def token(appointment: Appointment) -> str:
    return manage_token(appointment)


def mails() -> dict[str, Any]:
    """What is due goes out: the mails, by who gets them; nobody gets two."""
    mail.outbox.clear()
    send_due()
    found = {message.to[0]: message for message in mail.outbox}
    assert len(found) == len(mail.outbox)
    assert all(message.to and not message.cc and not message.bcc for message in mail.outbox)
    return found


def whole(message: Any) -> str:
    """Everything that leaves the house with a mail, as it was before it was encoded."""
    parts = [part.get_payload(decode=True) or b"" for part in message.message().walk() if not part.is_multipart()]
    return "\n".join([message.message().as_string(), *(part.decode() for part in parts)])


def given(service: Service, user: Any, *, is_proposal: bool, start: datetime = NINE) -> Appointment:
    """Reception answers a request with a time."""
    return reception.give_time(
        request=factories.make_request(service=service, **PERSON),
        service=service,
        practitioner=service.practitioners.get(),
        location=Location.objects.get(),
        start=start,
        user=user,
        is_proposal=is_proposal,
    )


WHEN = "Tuesday 30 March 2027, 09:00 to 10:00 (Europe/London)"


# --- To whoever comes ------------------------------------------------------------------------------------------------


def test_who_booked_reads_what_when_where_and_how_to_change_it(service: Service) -> None:
    Location.objects.update(directions="The green door.")
    answer = book(slot_at(service, "2027-03-30T09:00"), **PERSON).json()
    found = mails()
    assert set(found) == {PERSON["email"], CLINIC}
    message = found[PERSON["email"]]
    assert message.subject == f"Your appointment {answer['reference']}"
    for line in ("Podiatry, Maren Holt", WHEN, "Tern Street, 14 Tern Street, Aldermere", "The green door."):
        assert f"{line}\n" in message.body
    assert "up to 24 hours before" in message.body
    assert "01632 960 200" in message.body
    assert message.reply_to == [CLINIC]
    headers = message.message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"] == Message.objects.get(kind="booking.booked").message_id


def test_link_in_the_mail_is_the_key_and_no_server_sees_it(service: Service) -> None:
    answer = book(slot_at(service, "2027-03-30T09:00"), **PERSON).json()
    body = mails()[PERSON["email"]].body
    (link,) = re.findall(r"http\S+", body)
    address, _, key = link.partition("#")
    assert (address, key) == ("http://127.0.0.1:8000/book/manage/", answer["manage_token"])
    assert manage("", key).json()["reference"] == answer["reference"]


@pytest.mark.parametrize(
    ("action", "subject", "to_clinic"),
    [
        ("move/", "Your appointment {} has another time", "Moved: {}"),
        ("cancel/", "Your appointment {} is cancelled", "Cancelled: {}"),
    ],
)
def test_change_is_written_to_both(
    action: str, subject: str, to_clinic: str, service: Service, appointment: Appointment, token: str
) -> None:
    slot = {"slot_id": slot_at(service, "2027-03-31T09:15")} if action == "move/" else {}
    assert manage(action, token, **slot).status_code == 200
    found = mails()
    assert found[PERSON["email"]].subject == subject.format(appointment.reference)
    assert found[CLINIC].subject == to_clinic.format(appointment.reference)
    when = "Wednesday 31 March 2027, 09:15 to 10:15 (Europe/London)" if slot else WHEN
    assert when in found[PERSON["email"]].body
    assert when in found[CLINIC].body


def test_proposal_can_be_taken_with_its_link(service: Service, admin_user: Any) -> None:
    appointment = given(service, admin_user, is_proposal=True)
    message = mails()[PERSON["email"]]
    assert message.subject == f"A time for you: {appointment.reference}"
    assert "48 hours" in message.body
    assert WHEN in message.body
    key = message.body.partition("/book/manage/#")[2].split()[0]
    assert manage("accept/", key).json()["status"] == "booked"
    accepted = mails()
    assert accepted[PERSON["email"]].subject == f"Your appointment {appointment.reference}"
    assert accepted[CLINIC].subject == f"Booked: {appointment.reference}"


def test_what_reception_does_is_written_to_the_visitor_alone(service: Service, admin_user: Any) -> None:
    appointment = given(service, admin_user, is_proposal=False)
    assert set(mails()) == {PERSON["email"]}
    reception.reschedule(appointment=appointment, start=NINE + timedelta(hours=1), user=admin_user)
    moved = mails()
    assert set(moved) == {PERSON["email"]}
    assert "10:00 to 11:00" in moved[PERSON["email"]].body
    reception.cancel_for(appointment=appointment, user=admin_user)
    cancelled = mails()
    assert set(cancelled) == {PERSON["email"]}
    assert "cancelled" in cancelled[PERSON["email"]].subject


def test_request_is_confirmed_and_may_be_declined(service: Service, admin_user: Any) -> None:
    somebody().send("POST", BOOKING_PATH, filled_booking(service=str(service.pk), **PERSON))
    request = AppointmentRequest.objects.get()
    received = mails()
    assert received[PERSON["email"]].subject == f"We have your request {request.reference}"
    assert received[CLINIC].subject == f"New request {request.reference}"
    assert "Podiatry" in received[CLINIC].body
    reception.decline(request=request, user=admin_user)
    assert mails()[PERSON["email"]].subject == f"Your request {request.reference}"


def test_without_an_address_nothing_is_written(service: Service) -> None:
    appointment = factories.make_appointment(service, NINE, email="")
    manage("cancel/", manage_token(appointment))
    assert set(mails()) == {CLINIC}


def test_mail_says_how_things_are_when_it_goes(service: Service) -> None:
    """Booked and cancelled while the mail server was away: there is no appointment to announce."""
    answer = book(slot_at(service, "2027-03-30T09:00"), **PERSON).json()
    manage("cancel/", answer["manage_token"])
    mail.outbox.clear()
    send_due()
    to_visitor = [message.subject for message in mail.outbox if message.to == [PERSON["email"]]]
    assert to_visitor == [f"Your appointment {answer['reference']} is cancelled"]


def test_who_was_erased_gets_no_mail(service: Service) -> None:
    answer = book(slot_at(service, "2027-03-30T09:00"), **PERSON).json()
    manage("erase/", answer["manage_token"])
    send_due()
    assert {message.to[0] for message in mail.outbox} == {CLINIC}
    assert Message.objects.get(kind="booking.booked").status == "cancelled"


def test_clinic_learns_that_whoever_was_erased_does_not_come(appointment: Appointment, token: str) -> None:
    factories.set_booking(names_in_mail=True)
    manage("erase/", token)
    message = mails()[CLINIC]
    assert message.subject == f"Cancelled: {appointment.reference}"
    assert WHEN in message.body
    assert not [secret for secret in (*SECRETS, PERSON["email"]) if secret in whole(message)]


def test_each_state_is_written_once(service: Service, appointment: Appointment, token: str, clock: Any) -> None:
    for day in ("2027-03-31", "2027-03-30", "2027-03-31"):
        clock.shift(31)
        manage("move/", token, slot_id=slot_at(service, f"{day}T09:15"))
        assert set(mails()) == {PERSON["email"], CLINIC}
    manage("cancel/", token)
    assert manage("cancel/", token).status_code == 409
    assert set(mails()) == {PERSON["email"], CLINIC}
    assert mails() == {}


def test_refused_booking_writes_to_nobody(service: Service, appointment: Appointment) -> None:
    slot = slot_at(service, "2027-03-31T09:00")
    factories.make_closure(NINE.date() + timedelta(days=1))
    assert book(slot, **PERSON).status_code == 409
    assert mails() == {}


# --- To the clinic ---------------------------------------------------------------------------------------------------


def test_clinic_reads_reference_service_and_time_and_where_the_rest_is(service: Service) -> None:
    answer = book(slot_at(service, "2027-03-30T09:00"), **PERSON).json()
    message = mails()[CLINIC]
    assert message.subject == f"Booked: {answer['reference']}"
    assert message.body == f"Podiatry, Maren Holt\n{WHEN}\n\nhttp://127.0.0.1:8000/admin/reception/\n"


@pytest.mark.parametrize("with_names", [False, True])
def test_clinic_reads_names_only_if_it_wants_to(with_names: bool, service: Service) -> None:
    factories.set_booking(names_in_mail=with_names)
    book(slot_at(service, "2027-03-30T09:00"), **PERSON)
    somebody().send("POST", BOOKING_PATH, filled_booking(**PERSON))
    send_due()
    to_clinic = [whole(message) for message in mail.outbox if message.to == [CLINIC]]
    assert len(to_clinic) == 2
    for text in to_clinic:
        assert ("Quillon Ashby" in text) is with_names
        for secret in ("Zebrawort", "960214", "960 214", PERSON["email"], "#"):
            assert secret not in text


# --- What goes nowhere -----------------------------------------------------------------------------------------------


def elsewhere() -> str:
    """Everything in the database but the two tables that are meant to hold it."""
    kept = {Appointment._meta.db_table, AppointmentRequest._meta.db_table}
    with connection.cursor() as cursor:
        return "\n".join(
            _content(cursor, table) for table in connection.introspection.table_names(cursor) if table not in kept
        )


def _content(cursor: Any, table: str) -> str:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
    return "\n".join(map(str, cursor.fetchall()))


def test_what_is_typed_is_in_its_row_and_nowhere_else(
    service: Service, admin_user: Any, caplog: pytest.LogCaptureFixture, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    key, slot = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}, slot_at(service, "2027-03-30T09:00")
    taken = filled_appointment(slot, **PERSON)
    answers = [
        somebody().send("POST", APPOINTMENTS_PATH, taken, **key),
        somebody().send("POST", APPOINTMENTS_PATH, taken, **key),
        somebody().send("POST", APPOINTMENTS_PATH, taken | {"message": "Zebrawort!"}, **key),
        book(slot, **PERSON),
        book("no time", **PERSON),
        book(slot, **PERSON | {"name": "Quillon\nAshby"}),
        book(slot, **PERSON | {"email": "Quillon Ashby"}),
        book(slot, **PERSON | {"message": "Zebrawort " * 200}),
        book(slot, **PERSON, Zebrawort="x" * 70_000),
        somebody().send("POST", APPOINTMENTS_PATH, b'{"message": "Zebrawort", "name": Quillon'),
        somebody().send("POST", BOOKING_PATH, filled_booking(service=str(service.pk), **PERSON)),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 409, 409, 400, 400, 400, 400, 413, 400, 201]
    token = answers[0].json()["manage_token"]
    send_due()
    answers.append(manage("move/", token, slot_id=slot_at(service, "2027-03-31T09:00")))
    answers += [manage("", token), manage("calendar/", token), manage("", f"{token}x")]
    send_due()
    clock.move_to(datetime(2027, 3, 30, 8, tzinfo=UTC), tick=False)
    assert jobs.remind() == 1
    send_due()
    answers.append(manage("cancel/", token))
    send_due()
    given(service, admin_user, is_proposal=True, start=NINE + timedelta(days=7))
    send_due()
    clock.shift(timedelta(hours=49))
    assert jobs.release_unanswered() == 1
    send_due()
    written = [whole(message) for message in mail.outbox]
    assert len(written) == 11
    texts = {
        "an answer": "\n".join(answer.content.decode() + str(dict(answer.headers)) for answer in answers),
        "a mail": "\n".join(written),
        "the log": caplog.text,
        "what the server says": "".join(capsys.readouterr()),
        "another table": elsewhere(),
    }
    for place, text in texts.items():
        for secret in SECRETS:
            assert secret not in text, (secret, place)
    assert PERSON["email"] not in texts["the log"] + texts["another table"]
    assert Appointment.objects.filter(message="Zebrawort").count() == 2
    assert AppointmentRequest.objects.filter(message="Zebrawort").count() == 2


def test_outbox_holds_ids_alone(service: Service, appointment: Appointment, token: str) -> None:
    manage("cancel/", token)
    for message in Message.objects.all():
        assert message.context == {"appointment": str(appointment.pk), "sequence": 1}
        assert message.dedupe_key == f"{message.kind}:{appointment.pk}:1"


def test_key_is_in_no_log_and_no_error(
    appointment: Appointment, token: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [manage("", token), manage("move/", token, slot_id="x"), manage("", token, x=1), manage("cancel/", token)]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 200]
    send_due()
    assert token not in caplog.text
    assert token not in "".join(answer.content.decode() for answer in answers)
    assert token not in elsewhere()


def test_practitioner_of_the_mail_is_the_one_who_was_booked(service: Service) -> None:
    other = factories.make_practitioner(name="Idris Vaughan", services=[service])
    factories.make_week(other)
    book(slot_at(service, "2027-03-30T09:00", practitioner=str(other.pk)), **PERSON)
    assert "Podiatry, Idris Vaughan" in mails()[PERSON["email"]].body
    assert Practitioner.objects.count() == 2
