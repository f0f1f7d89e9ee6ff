"""Mail that is never lost: written with its cause, sent once, tried again, given up where staff see it."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from blog.models import ReaderComment
from booking.models import AppointmentRequest, ConsentText
from booking.services import request_appointment
from outbox.delivery import EXPIRES
from outbox.models import Message
from outbox.services import BACK_OFF, LEASE, prune, queue, send_due
from tests import factories
from tests.conftest import Visitor
from tests.forms import BOOKING_PATH, comments_path, filled_booking, filled_comment

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLINIC, VISITOR = "hello@clinic.example", "ada@visitor.example"


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def clinic(site: Any) -> None:
    """Every mail here is from a clinic that has its address."""


def book(**fields: Any) -> AppointmentRequest:
    """A request that a visitor sent: it queues one mail to the visitor and one to the clinic."""
    response = Visitor().send("POST", BOOKING_PATH, filled_booking(**fields))
    assert response.status_code == 201, response.content
    return AppointmentRequest.objects.get(reference=response.json()["reference"])


def comment(*, at: datetime = NOON - timedelta(minutes=15), **fields: Any) -> None:
    """A comment that a visitor sent. Its mail goes at the end of its quarter of an hour: at noon."""
    with time_machine.travel(at, tick=False):
        post = factories.make_post()
        assert Visitor().send("POST", comments_path(post), filled_comment(post, **fields)).status_code == 202


def message(**fields: Any) -> Message:
    """The one mail to the clinic about a comment that waits."""
    comment()
    Message.objects.update(**({"created_at": NOON} | fields))
    return Message.objects.get()


def statuses() -> list[str]:
    return list(Message.objects.order_by("kind").values_list("status", flat=True))


# --- Mail servers ----------------------------------------------------------------------------------------------------


class Down(EmailBackend):
    """A mail server that takes nothing, and whose error quotes an address."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected(f"lost while sending to {VISITOR}")


class Refusing(EmailBackend):
    """A mail server that knows no such mailbox."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such mailbox")})


class Busy(EmailBackend):
    """A mail server that asks to try again."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (450, b"greylisted")})


class Killed(EmailBackend):
    """The process ends while it talks to the mail server."""

    def send_messages(self, messages: Any) -> int:
        raise SystemExit


class Lossy(EmailBackend):
    """A mail server that took the mail, but whose answer was lost."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise TimeoutError


class Crowded(EmailBackend):
    """While one process sends, another one looks for mail too."""

    def send_messages(self, messages: Any) -> int:
        send_due()
        return super().send_messages(messages) or 0


@pytest.fixture
def mail_server(settings: Any) -> Any:
    def use(backend: type[EmailBackend]) -> None:
        settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"

    use(EmailBackend)
    return use


# --- Queueing --------------------------------------------------------------------------------------------------------


def test_request_queues_a_mail_to_the_visitor_and_one_to_the_clinic(mailoutbox: list[Any]) -> None:
    book()
    assert mailoutbox == []
    assert send_due() == 2
    assert sorted(mail.to for mail in mailoutbox) == [[VISITOR], [CLINIC]]


def test_mail_is_rolled_back_with_its_cause() -> None:
    with transaction.atomic():
        request_appointment(name="Ada", email=VISITOR, consent=ConsentText.objects.latest("version"))
        assert Message.objects.count() == 2
        transaction.set_rollback(True)
    assert not AppointmentRequest.objects.exists()
    assert not Message.objects.exists()


def test_mail_that_is_asked_for_twice_is_queued_once() -> None:
    for _ in range(2):
        queue(kind="blog.comments_waiting", context={}, dedupe_key="the same")
    assert Message.objects.count() == 1


def test_clinic_gets_one_mail_a_quarter_of_an_hour(mailoutbox: list[Any], noon: Any) -> None:
    comment(at=NOON)
    comment(at=NOON + timedelta(minutes=14))
    noon.shift(timedelta(minutes=14))
    assert send_due() == 0
    noon.shift(timedelta(minutes=1))
    assert send_due() == 1
    comment(at=NOON + timedelta(minutes=15))
    noon.shift(timedelta(minutes=15))
    assert send_due() == 1
    assert [mail.subject for mail in mailoutbox] == [
        "2 comments wait on Tern Street Clinic",
        "3 comments wait on Tern Street Clinic",
    ]


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_mail_is_sent_once(mailoutbox: list[Any]) -> None:
    sent = message()
    assert [send_due(), send_due()] == [1, 0]
    sent.refresh_from_db()
    assert (sent.status, sent.sent_at, sent.attempts, sent.lease_until) == ("sent", NOON, 1, None)
    assert len(mailoutbox) == 1


def test_two_senders_at_once_send_each_mail_once(mail_server: Any, mailoutbox: list[Any]) -> None:
    book()
    mail_server(Crowded)
    send_due()
    assert sorted(mail.to for mail in mailoutbox) == [[VISITOR], [CLINIC]]
    assert list(Message.objects.values_list("attempts", flat=True)) == [1, 1]


def test_mail_of_a_killed_sender_is_taken_over_when_its_lease_ran_out(
    mail_server: Any, mailoutbox: list[Any], noon: Any
) -> None:
    message()
    mail_server(Killed)
    with pytest.raises(SystemExit):
        send_due()
    mail_server(EmailBackend)
    assert send_due() == 0
    noon.shift(LEASE + timedelta(seconds=1))
    assert send_due() == 1
    assert len(mailoutbox) == 1


def test_erased_request_is_written_to_nobody(mailoutbox: list[Any]) -> None:
    book().delete()
    assert send_due() == 0
    assert statuses() == ["cancelled", "cancelled"]
    assert mailoutbox == []


def test_comments_that_were_read_meanwhile_need_no_mail(mailoutbox: list[Any]) -> None:
    comment()
    ReaderComment.objects.update(status=ReaderComment.Status.APPROVED)
    send_due()
    assert statuses() == ["cancelled"]


def test_clinic_without_an_address_still_answers_its_visitors(mailoutbox: list[Any]) -> None:
    factories.make_settings(email="")
    book()
    assert send_due() == 1
    assert [mail.to for mail in mailoutbox] == [[VISITOR]]


# --- Trying again ----------------------------------------------------------------------------------------------------


def test_mail_waits_while_the_server_is_down_and_then_goes(mail_server: Any, mailoutbox: list[Any], noon: Any) -> None:
    message()
    mail_server(Down)
    assert [send_due(), send_due()] == [0, 0]
    waiting = Message.objects.get()
    assert (waiting.status, waiting.attempts, waiting.lease_until) == ("queued", 1, None)
    mail_server(EmailBackend)
    noon.shift(timedelta(minutes=1))
    assert send_due() == 1
    assert len(mailoutbox) == 1


def test_error_is_kept_without_the_address_it_quotes(mail_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    message()
    mail_server(Down)
    send_due()
    assert Message.objects.get().last_error == "SMTPServerDisconnected"
    assert "SMTPServerDisconnected" in caplog.text
    assert VISITOR not in caplog.text


def test_pauses_grow_and_after_the_last_try_the_mail_is_dead(mail_server: Any, noon: Any) -> None:
    dead = message()
    mail_server(Down)
    send_due()
    for number, pause in enumerate(BACK_OFF, start=1):
        noon.shift(pause - timedelta(seconds=1))
        send_due()
        dead.refresh_from_db()
        assert (dead.status, dead.attempts) == ("queued", number)
        noon.shift(timedelta(seconds=1))
        send_due()
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == ("dead", len(BACK_OFF) + 1)
    assert list(BACK_OFF) == sorted(BACK_OFF)


def test_dead_mail_stays_dead(mail_server: Any, mailoutbox: list[Any], noon: Any) -> None:
    message(status=Message.Status.DEAD)
    noon.shift(timedelta(days=7))
    assert send_due() == 0
    assert mailoutbox == []


def test_mailbox_that_does_not_exist_is_tried_once(mail_server: Any) -> None:
    message()
    mail_server(Refusing)
    send_due()
    assert statuses() == ["dead"]


def test_mailbox_that_is_busy_is_tried_again(mail_server: Any) -> None:
    message()
    mail_server(Busy)
    send_due()
    assert statuses() == ["queued"]


def test_mail_that_cannot_be_made_holds_up_no_other(mailoutbox: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    queue(kind="unheard-of", context={}, dedupe_key="unheard-of")
    comment()
    assert send_due() == 1
    assert statuses() == ["sent", "queued"]


def test_mail_that_went_twice_has_one_message_id(mail_server: Any, mailoutbox: list[Any], noon: Any) -> None:
    stored = message()
    mail_server(Lossy)
    send_due()
    noon.shift(timedelta(minutes=1))
    send_due()
    ids = [mail.message()["Message-ID"] for mail in mailoutbox]
    assert ids == [stored.message_id] * 2
    assert stored.message_id.endswith("@127.0.0.1>")


def test_mail_keeps_its_message_id_when_the_site_moves(
    mail_server: Any, mailoutbox: list[Any], noon: Any, settings: Any
) -> None:
    stored = message()
    mail_server(Lossy)
    send_due()
    settings.SITE_URL = "https://elsewhere.example"
    noon.shift(timedelta(minutes=1))
    send_due()
    assert {mail.message()["Message-ID"] for mail in mailoutbox} == {stored.message_id}


def test_mails_from_before_message_ids_are_named_after_themselves() -> None:
    """As they were when they were sent for the first time."""
    old, new = (Message.objects.create(kind="booking.waiting", dedupe_key=key) for key in ("old", "new"))
    Message.objects.filter(pk=old.pk).update(message_id="")
    import_module("outbox.migrations.0002_claims_and_message_ids").name_old_mails(apps, None)
    assert dict(Message.objects.values_list("pk", "message_id")) == {
        old.pk: f"<{old.pk}@127.0.0.1>",
        new.pk: new.message_id,
    }


def test_message_id_of_a_host_with_an_umlaut_is_ascii(settings: Any) -> None:
    settings.SITE_URL = "https://praxis-müller.example"
    comment()
    assert Message.objects.get().message_id.endswith("@xn--praxis-mller-klb.example>")


def test_mail_that_cannot_be_made_is_given_up_in_the_end(noon: Any) -> None:
    queue(kind="unheard-of", context={}, dedupe_key="unheard-of")
    for pause in BACK_OFF:
        send_due()
        assert statuses() == ["queued"]
        noon.shift(pause)
    send_due()
    dead = Message.objects.get()
    assert (dead.status, dead.last_error) == ("dead", "KeyError")


def test_mail_that_waited_for_two_weeks_is_left_to_staff(mail_server: Any, mailoutbox: list[Any], noon: Any) -> None:
    message()
    noon.shift(EXPIRES + timedelta(seconds=1))
    assert send_due() == 0
    assert mailoutbox == []
    dead = Message.objects.get()
    assert (dead.status, dead.last_error) == ("dead", "Expired")


def test_mail_that_was_queued_for_a_later_day_waits_for_it(mailoutbox: list[Any], noon: Any) -> None:
    request = factories.make_request()
    context = {"request": str(request.pk)}
    queue(kind="booking.waiting", context=context, dedupe_key="later", not_before=NOON + 2 * EXPIRES)
    noon.shift(2 * EXPIRES - timedelta(seconds=1))
    assert send_due() == 0
    noon.shift(timedelta(seconds=1))
    assert send_due() == 1


def test_mail_to_nobody_is_not_called_sent(mailoutbox: list[Any]) -> None:
    request = factories.make_request(email="")
    queue(kind="booking.received", context={"request": str(request.pk)}, dedupe_key="nobody")
    assert send_due() == 0
    assert statuses() == ["cancelled"]


# --- What a mail says ------------------------------------------------------------------------------------------------


def text_of(mail: Any) -> str:
    """Everything of a mail that is not the recipient's own address."""
    return "\n".join([mail.subject, mail.body, mail.from_email, *mail.reply_to, *mail.extra_headers.values()])


def words(typed: dict[str, str]) -> list[str]:
    """Long enough to stand in no number of ours by chance."""
    return [word for value in typed.values() for word in value.split() if len(word) > 5]


@pytest.fixture
def typed() -> dict[str, str]:
    """What a visitor typed, in words that can stand in no template."""
    word = secrets.token_hex
    return {
        "name": word(6),
        "email": f"{word(6)}@visitor.example",
        "message": f"https://{word(6)}.example {word(6)}",
        "phone": "+44 1632 960123",
    }


def test_visitors_mail_repeats_nothing_that_was_typed(typed: dict[str, str], mailoutbox: list[Any]) -> None:
    request = book(**typed)
    send_due()
    mail = next(mail for mail in mailoutbox if mail.to == [typed["email"]])
    assert request.reference in mail.subject
    assert not [word for word in words(typed) if word in text_of(mail)]


def test_clinics_mail_tells_nothing_about_the_visitor(typed: dict[str, str], mailoutbox: list[Any]) -> None:
    request = book(service=str(factories.make_service(name="Gait analysis").pk), **typed)
    send_due()
    mail = next(mail for mail in mailoutbox if mail.to == [CLINIC])
    assert request.reference in mail.subject
    assert "Gait analysis" in mail.body
    assert not [word for word in words(typed) if word in str(mail.message())]


def test_clinics_mail_about_a_comment_quotes_none_of_it(mailoutbox: list[Any]) -> None:
    typed = {"author_name": secrets.token_hex(6), "body": secrets.token_hex(6), "email": "bob@visitor.example"}
    comment(**typed)
    send_due()
    assert not [word for word in words(typed) if word in str(mailoutbox[0].message())]


def test_queue_itself_holds_nothing_about_the_visitor(typed: dict[str, str]) -> None:
    book(**typed)
    rows = str(list(Message.objects.values()))
    assert not [value for value in typed.values() if value in rows]


def test_mail_says_that_no_person_wrote_it(mailoutbox: list[Any]) -> None:
    book()
    send_due()
    assert {mail.message()["Auto-Submitted"] for mail in mailoutbox} == {"auto-generated"}


def test_visitor_can_answer_the_mail(mailoutbox: list[Any]) -> None:
    book()
    send_due()
    assert [mail.reply_to for mail in mailoutbox if mail.to == [VISITOR]] == [[CLINIC]]


def test_without_a_mail_server_mails_are_files(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    book()
    assert send_due() == 2
    written = "".join(file.read_text() for file in settings.EMAIL_FILE_PATH.iterdir())
    assert f"To: {VISITOR}" in written
    assert f"To: {CLINIC}" in written


# --- Keeping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "days"),
    [
        pytest.param(Message.Status.SENT, 30, id="sent"),
        pytest.param(Message.Status.CANCELLED, 30, id="cancelled"),
        pytest.param(Message.Status.DEAD, 90, id="dead"),
    ],
)
def test_finished_mail_is_deleted_after_its_time(status: str, days: int, noon: Any) -> None:
    message(status=status)
    noon.shift(timedelta(days=days))
    assert prune() == 0
    noon.shift(timedelta(seconds=1))
    assert prune() == 1


def test_waiting_mail_is_never_deleted(noon: Any) -> None:
    message()
    noon.shift(timedelta(days=1000))
    assert prune() == 0
