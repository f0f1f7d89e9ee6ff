"""A person's rights to what they sent: a copy, erasure; and what the clinic may keep all the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from wagtail.models import ModelLogEntry

from booking import reception
from booking.models import Appointment, AppointmentRequest, Service, SlotClaim
from booking.tokens import manage_token
from outbox.services import send_due
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import book, manage, slot_at, somebody

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
NINE = datetime(2027, 3, 3, 9, tzinfo=UTC)
ADDRESS = "q@visitor.example"
PERSON = {"name": "Quillon Ashby", "email": ADDRESS, "phone": "+44 1632 960214", "message": "Zebrawort"}
CONTENT = ("name", "email", "phone", "message", "staff_note", "network")
OTHER = {"name": "Somebody Else", "email": "else@visitor.example", "message": "Ferrule"}


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    factories.ask_no_proof()
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live(name="Podiatry")


@pytest.fixture
def appointment(service: Service) -> Appointment:
    """One of two of this person; somebody else has come too."""
    factories.make_appointment(service, NINE + timedelta(days=1), **PERSON | {"email": ADDRESS.upper()})
    factories.make_appointment(service, NINE + timedelta(hours=1), **OTHER)
    return factories.make_appointment(service, NINE, staff_note="Left heel", **PERSON)


@pytest.fixture
def request_of_theirs(service: Service) -> AppointmentRequest:
    factories.make_request(**OTHER)
    wishes = [{"date": "2027-03-09", "part": "morning"}]
    return factories.make_request(service=service, preferences=wishes, staff_note="Left heel", **PERSON)


def asked(kind: str, address: str = ADDRESS) -> str:
    """The token that the mail to this address brings; empty if there is no mail."""
    ticket = fetch_ticket("/api/v1/forms/privacy/ticket/")["ticket"]
    answer = somebody().send("POST", "/api/v1/privacy/requests/", {"ticket": ticket, "kind": kind, "email": address})
    assert (answer.status_code, answer.json()) == (202, {"status": "asked"})
    mail.outbox.clear()
    send_due()
    bodies = [message.body for message in mail.outbox if message.to == [address]]
    return bodies[0].partition("?token=")[2].split()[0] if bodies else ""


def confirm(token: str) -> Any:
    answer = Visitor().send("POST", "/api/v1/privacy/confirm/", {"token": token})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return answer.json()["copy"]


def content(record: AppointmentRequest | Appointment) -> list[str]:
    record.refresh_from_db()
    return [getattr(record, name) for name in CONTENT]


# --- A copy ----------------------------------------------------------------------------------------------------------


def test_copy_holds_everything_of_an_address_and_nothing_of_another(
    appointment: Appointment, request_of_theirs: AppointmentRequest
) -> None:
    held = confirm(asked("export"))["appointment requests"]
    assert len(held) == 3
    by_reference = {entry["reference"]: entry for entry in held}
    theirs = by_reference[appointment.reference]
    assert (theirs["name"], theirs["phone"], theirs["message"]) == ("Quillon Ashby", PERSON["phone"], "Zebrawort")
    assert (theirs["service"], theirs["location"]) == ("Podiatry", "Tern Street")
    assert (theirs["begins"], theirs["ends"]) == ("2027-03-03T09:00:00+00:00", "2027-03-03T10:00:00+00:00")
    assert "health" in theirs["agreed to"]
    assert by_reference[request_of_theirs.reference]["wishes"] == [{"date": "2027-03-09", "part": "morning"}]
    text = json.dumps(held)
    assert "Ferrule" not in text
    assert "Somebody Else" not in text


def test_copy_changes_nothing(appointment: Appointment) -> None:
    confirm(asked("export"))
    assert content(appointment)[0] == "Quillon Ashby"
    assert SlotClaim.objects.filter(appointment=appointment).count() == 12


def test_who_is_not_known_is_not_written_to(appointment: Appointment) -> None:
    assert asked("export", "nobody@visitor.example") == ""


def test_copy_is_not_in_the_mail(appointment: Appointment) -> None:
    asked("export")
    (message,) = mail.outbox
    for secret in ("Quillon", "Zebrawort", "960214", appointment.reference, "Podiatry"):
        assert secret not in message.body


# --- Erasure ---------------------------------------------------------------------------------------------------------


def test_erasure_leaves_records_without_content(
    appointment: Appointment, request_of_theirs: AppointmentRequest, service: Service
) -> None:
    assert confirm(asked("erase")) is None
    assert content(appointment) == content(request_of_theirs) == [""] * 6
    assert (appointment.status, request_of_theirs.status) == ("erased", "erased")
    assert request_of_theirs.preferences == []
    assert Appointment.objects.filter(status="erased").count() == 2
    rows = json.dumps([*Appointment.objects.values(), *AppointmentRequest.objects.values()], default=str)
    for secret in (*PERSON.values(), ADDRESS.upper(), "Left heel"):
        assert secret not in rows
    assert set(Appointment.objects.exclude(status="erased").values_list("name", "message")) == {
        ("Somebody Else", "Ferrule")
    }
    assert AppointmentRequest.objects.exclude(status="erased").get().message == "Ferrule"


def test_erased_time_is_free_again(appointment: Appointment, service: Service) -> None:
    confirm(asked("erase"))
    assert not SlotClaim.objects.filter(appointment=appointment).exists()
    other = Appointment.objects.get(name="Somebody Else")
    assert SlotClaim.objects.filter(appointment=other).count() == 12
    assert book(slot_at(service, "2027-03-03T09:00")).status_code == 201


def test_nothing_is_erased_before_the_mail_is_answered(appointment: Appointment) -> None:
    assert asked("erase")
    assert content(appointment)[0] == "Quillon Ashby"


def test_erasure_reaches_what_came_of_a_request_under_another_address(service: Service) -> None:
    """Reception may have written the address of somebody's mother into the appointment."""
    request = factories.make_request(**PERSON)
    given = factories.make_appointment(service, NINE, request=request, **PERSON | {"email": "mother@visitor.example"})
    confirm(asked("erase"))
    assert content(given) == [""] * 6


def test_erased_person_is_unknown_afterwards(appointment: Appointment, service: Service) -> None:
    key = manage_token(appointment)
    confirm(asked("erase"))
    assert asked("export") == ""
    assert manage("", key).status_code == 404
    mail.outbox.clear()
    send_due()
    assert ADDRESS not in [message.to[0] for message in mail.outbox]


def test_what_is_on_legal_hold_is_kept_and_still_in_the_copy(
    appointment: Appointment, request_of_theirs: AppointmentRequest, admin_user: Any
) -> None:
    """Legal claims go before erasure; what else there is of the person goes."""
    for record in (appointment, request_of_theirs):
        reception.set_hold(record=record, is_held=True, user=admin_user)
    confirm(asked("erase"))
    assert content(appointment)[0] == content(request_of_theirs)[0] == "Quillon Ashby"
    assert Appointment.objects.filter(status="erased").count() == 1
    assert len(confirm(asked("export"))["appointment requests"]) == 2


# --- By reception ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["appointment", "request_of_theirs"])
def test_reception_erases_for_who_takes_the_consent_back(
    which: str, request: pytest.FixtureRequest, admin_user: Any
) -> None:
    record = request.getfixturevalue(which)
    reception.erase(record=record, user=admin_user)
    assert content(record) == [""] * 6
    entry = ModelLogEntry.objects.filter(action="booking.erase").get()
    assert record.reference in entry.label
    for secret in PERSON.values():
        assert secret not in f"{entry.label} {entry.data}"


@pytest.mark.parametrize("which", ["appointment", "request_of_theirs"])
def test_what_is_on_legal_hold_is_not_erased_by_reception(
    which: str, request: pytest.FixtureRequest, admin_user: Any
) -> None:
    record = request.getfixturevalue(which)
    reception.set_hold(record=record, is_held=True, user=admin_user)
    with pytest.raises(reception.NotPossible, match="legal hold"):
        reception.erase(record=record, user=admin_user)
    assert content(record)[0] == "Quillon Ashby"
    reception.set_hold(record=record, is_held=False, user=admin_user)
    reception.erase(record=record, user=admin_user)
    assert content(record)[0] == ""


def test_log_says_that_there_is_a_note_and_not_what_it_says(appointment: Appointment, admin_user: Any) -> None:
    reception.note(record=appointment, text="Zebrawort on the heel", user=admin_user)
    logged = str(list(ModelLogEntry.objects.values()))
    assert "booking.note" in logged
    assert "Zebrawort" not in logged
    assert "Quillon" not in logged
