"""Mail in the admin: staff see what is in trouble and send it again, once, and never whom it is to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from outbox import kinds
from outbox.models import LATE, MANY_ATTEMPTS, Message
from outbox.services import queue, send_due
from tests import factories

CLINIC = "hello@clinic.example"
HOME_PATH, MAIL_PATH, ALL_PATH = "/admin/", "/admin/reports/mail/", "/admin/reports/mail/send-again/"
Status = Message.Status

pytestmark = pytest.mark.usefixtures("site")


def client_of(*permissions: str, is_superuser: bool = False) -> Client:
    user = get_user_model().objects.create_user(f"user-{len(permissions)}-{is_superuser}", is_superuser=is_superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=("access_admin", *permissions)))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def writer() -> Client:
    """Somebody of the staff who may enter the admin and nothing else."""
    return client_of()


@pytest.fixture
def postmaster() -> Client:
    return client_of("resend_message")


def make_mail(**fields: Any) -> Message:
    """A mail to the clinic about a request; dead unless told otherwise."""
    request = factories.make_request()
    queue(kind="booking.waiting", context={"request": str(request.pk)}, dedupe_key=str(request.pk))
    mails = Message.objects.filter(dedupe_key=str(request.pk))
    mails.update(**({"status": Status.DEAD, "attempts": 7, "last_error": "SMTPDataError"} | fields))
    return mails.get()


def waiting(**fields: Any) -> Message:
    return make_mail(**({"status": Status.QUEUED, "attempts": 0, "last_error": ""} | fields))


def overdue() -> Message:
    return waiting(next_attempt_at=timezone.now() - LATE - timedelta(minutes=1))


def failing() -> Message:
    later = timezone.now() + timedelta(hours=1)
    return waiting(next_attempt_at=later, attempts=MANY_ATTEMPTS, last_error="ConnectionRefusedError")


def again_path(mail: Message) -> str:
    return reverse("outbox_send_again", args=[mail.pk])


def rows(client: Client, query: str = "") -> list[list[str]]:
    """The words in each row of the list, in both of its forms: the page, and what a filter puts in its place."""
    whole, part = (client.get(f"{MAIL_PATH}{path}{query}").content.decode() for path in ("", "results/"))
    assert table(whole) == table(part)
    return table(whole)


def table(html: str) -> list[list[str]]:
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in found]


def state(mail: Message) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.status, mail.attempts


# --- The list --------------------------------------------------------------------------------------------------------


def test_page_opens_on_what_is_in_trouble(postmaster: Client) -> None:
    for status in (Status.SENT, Status.CANCELLED, Status.QUEUED):
        waiting(status=status)
    waiting(lease_until=timezone.now() + timedelta(minutes=1), attempts=1)
    waiting(next_attempt_at=timezone.now() + timedelta(days=1))
    assert rows(postmaster) == []
    assert "No mail is in trouble." in postmaster.get(MAIL_PATH).content.decode()
    for make in (make_mail, overdue, failing):
        make()
    assert sorted(row[1] for row in rows(postmaster)) == ["Could not be sent", "Late", "Late"]


def test_row_says_in_words_what_happened(postmaster: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register("booking.waiting", lambda context: None, "Request to the clinic")
    make_mail()
    ((kind, status, attempts, queued, following, error, button),) = rows(postmaster)
    assert (kind, status, attempts, queued) == ("Request to the clinic", "Could not be sent", "7", "Just now")
    assert (following, error, button) == ("", "SMTPDataError", "Send again : Request to the clinic")


def test_kind_without_a_label_is_named(postmaster: Client) -> None:
    make_mail(kind="gone.kind")
    assert [row[0] for row in rows(postmaster)] == ["gone.kind"]


def test_late_mail_says_when_it_is_tried_next(postmaster: Client) -> None:
    mail = failing()
    expected = timezone.localtime(mail.next_attempt_at)
    ((_, _, _, _, following, error, _),) = rows(postmaster)
    assert following == f"{expected.day} {expected:%b, %H:%M}"
    assert error == "ConnectionRefusedError"


@pytest.mark.parametrize(
    ("query", "number"), [("?status=sent", 2), ("?status=queued", 1), ("?status=dead", 1), ("?status=all", 4)]
)
def test_list_is_filtered_by_status(query: str, number: int, postmaster: Client) -> None:
    for status in (Status.SENT, Status.SENT, Status.QUEUED, Status.DEAD):
        make_mail(status=status, attempts=1)
    assert len(rows(postmaster, query)) == number


def test_list_is_filtered_by_kind(postmaster: Client) -> None:
    make_mail()
    make_mail(kind="booking.received")
    assert [row[0] for row in rows(postmaster, "?kind=booking.received")] == [kinds.label("booking.received")]
    assert "No such mail." in postmaster.get(f"{MAIL_PATH}?kind=blog.comments_waiting").content.decode()


def test_only_mail_in_trouble_has_a_button(postmaster: Client) -> None:
    make_mail(status=Status.SENT)
    make_mail()
    buttons = {row[1]: row[6].split(":")[0].strip() for row in rows(postmaster, "?status=all")}
    assert buttons == {"Could not be sent": "Send again", "Sent": ""}


def test_page_tells_nothing_about_a_visitor(postmaster: Client) -> None:
    request = factories.make_request(name="Quentin", email="quentin@visitor.example")
    make_mail(context={"request": str(request.pk)})
    for path in (MAIL_PATH, HOME_PATH):
        shown = postmaster.get(path).content.decode()
        assert [word for word in ("Quentin", "quentin@", CLINIC, str(request.pk)) if word in shown] == []


def test_list_costs_the_same_whatever_its_length(postmaster: Client) -> None:
    costs = []
    for _ in range(2):
        make_mail()
        postmaster.get(MAIL_PATH)
        with CaptureQueriesContext(connection) as queries:
            postmaster.get(MAIL_PATH)
        costs.append(len(queries))
        for _ in range(20):
            make_mail()
    assert costs[0] == costs[1] <= 15


# --- Sending again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_mail, overdue, failing])
def test_mail_in_trouble_is_sent_again(make: Any, postmaster: Client, mailoutbox: list[Any]) -> None:
    mail = make()
    answer = postmaster.post(again_path(mail))
    assert (answer.status_code, answer["Location"]) == (302, MAIL_PATH)
    assert state(mail) == ("queued", 0)
    assert rows(postmaster) == []
    assert send_due() == 1
    assert [(sent.to, sent.message()["Message-ID"]) for sent in mailoutbox] == [([CLINIC], mail.message_id)]


def test_mail_that_fails_again_is_tried_as_often_as_a_new_one(postmaster: Client, settings: Any) -> None:
    mail = make_mail()
    postmaster.post(again_path(mail))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send_due() == 0
    assert state(mail) == ("queued", 1)


def test_mail_that_waited_for_too_long_goes_when_staff_say_so(postmaster: Client, mailoutbox: list[Any]) -> None:
    mail = waiting(next_attempt_at=timezone.now() - timedelta(days=20))
    send_due()
    assert state(mail) == ("dead", 1)
    Message.objects.update(created_at=timezone.now() - timedelta(days=20))
    postmaster.post(again_path(mail))
    assert send_due() == 1


@pytest.mark.parametrize("status", [Status.SENT, Status.CANCELLED, Status.QUEUED])
def test_mail_that_is_in_no_trouble_stays_as_it_is(status: str, postmaster: Client, mailoutbox: list[Any]) -> None:
    """A button that stood there for a while: the mail went before it was pressed."""
    mail = waiting(status=status, attempts=1, next_attempt_at=timezone.now() + timedelta(minutes=1))
    answer = postmaster.post(again_path(mail), follow=True)
    assert "nothing to send again" in answer.content.decode()
    assert state(mail) == (status, 1)
    assert send_due() == 0
    assert not ModelLogEntry.objects.exists()


def test_mail_that_is_just_being_sent_is_not_taken_away(postmaster: Client) -> None:
    mail = waiting(attempts=MANY_ATTEMPTS + 1, lease_until=timezone.now() + timedelta(minutes=1))
    postmaster.post(again_path(mail))
    assert state(mail) == ("queued", MANY_ATTEMPTS + 1)


def test_double_click_sends_once(postmaster: Client, mailoutbox: list[Any]) -> None:
    mail = make_mail()
    for _ in range(2):
        postmaster.post(again_path(mail))
        send_due()
    assert len(mailoutbox) == 1


def test_all_dead_mails_are_sent_again_and_no_other(postmaster: Client, mailoutbox: list[Any]) -> None:
    for _ in range(3):
        make_mail()
    make_mail(status=Status.SENT)
    late = failing()
    page = postmaster.get(MAIL_PATH).content.decode()
    assert "3 mails could not be sent" in page
    assert f'action="{ALL_PATH}"' in page
    answer = postmaster.post(ALL_PATH, follow=True)
    assert "go out again within a few minutes: 3." in answer.content.decode()
    assert state(late) == ("queued", MANY_ATTEMPTS)
    assert send_due() == 3
    assert len(mailoutbox) == 3


def test_without_dead_mail_there_is_nothing_to_send_at_once(postmaster: Client) -> None:
    failing()
    assert ALL_PATH not in postmaster.get(MAIL_PATH).content.decode()


def test_log_says_who_sent_what_again_and_names_no_visitor(postmaster: Client) -> None:
    first, second = make_mail(), make_mail()
    postmaster.post(again_path(first))
    postmaster.post(ALL_PATH)
    entries = ModelLogEntry.objects.filter(action="outbox.resend")
    assert {(entry.object_id, entry.user.get_username()) for entry in entries} == {
        (str(mail.pk), "user-1-False") for mail in (first, second)
    }
    assert {entry.label for entry in entries} == {str(first), str(second)}
    assert [entry.data for entry in entries] == [{}, {}]
    history = client_of(is_superuser=True).get(reverse("wagtailadmin_reports:site_history")).content.decode()
    assert "Mail sent again" in history


# --- Who may ---------------------------------------------------------------------------------------------------------


def paths(mail: Message) -> list[str]:
    return [MAIL_PATH, f"{MAIL_PATH}results/", again_path(mail), ALL_PATH]


def test_entering_the_admin_is_not_enough(writer: Client) -> None:
    mail = make_mail()
    for path in paths(mail):
        for answer in (writer.get(path), writer.post(path)):
            assert answer.status_code == 302
            assert answer["Location"] == HOME_PATH
    assert state(mail) == ("dead", 7)


def test_stranger_is_sent_to_the_login(client: Client) -> None:
    mail = make_mail()
    for path in paths(mail):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302
            assert "/login/" in answer["Location"]
    assert state(mail) == ("dead", 7)


def test_link_sends_nothing(postmaster: Client) -> None:
    mail = make_mail()
    for path in (again_path(mail), ALL_PATH):
        assert postmaster.get(path).status_code == 405
    assert state(mail) == ("dead", 7)


def test_another_site_sends_nothing_and_our_own_form_does(postmaster: Client) -> None:
    mail = make_mail()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = postmaster.cookies
    for path in (again_path(mail), ALL_PATH):
        assert strict.post(path).status_code == 403
    assert state(mail) == ("dead", 7)
    for path in (MAIL_PATH, f"{MAIL_PATH}results/"):
        page = strict.get(path).content.decode()
        form = page[page.index(f'action="{again_path(mail)}"') :]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token
        assert strict.post(again_path(mail), {"csrfmiddlewaretoken": token[1]}).status_code == 302
        assert state(mail) == ("queued", 0)
        Message.objects.update(status=Status.DEAD, attempts=7)


def test_mail_that_is_not_there_is_not_found(postmaster: Client) -> None:
    assert postmaster.post(f"{MAIL_PATH}00000000-0000-4000-8000-000000000000/send-again/").status_code == 404


def test_home_page_and_menu_lead_there_for_those_who_may(writer: Client, postmaster: Client) -> None:
    for client, is_shown in ((writer, False), (postmaster, True)):
        make_mail()
        overdue()
        home = client.get(HOME_PATH).content.decode()
        assert ("Mail in trouble" in home) is is_shown
        assert (f'<a href="{MAIL_PATH}">See and send again</a>' in home) is is_shown
        assert (f'"url": "{MAIL_PATH}"' in home) is is_shown
    assert "2 mails could not be sent." in home
    assert "2 mails should have gone by now." in home


def test_home_page_is_silent_when_all_is_well(postmaster: Client) -> None:
    waiting()
    make_mail(status=Status.SENT)
    assert "Mail in trouble" not in postmaster.get(HOME_PATH).content.decode()


def test_group_is_given_the_permission_in_the_admin() -> None:
    group = Group.objects.create(name="Front desk")
    path = reverse("wagtailusers_groups:edit", args=[group.pk])
    assert "Can send mail again" in client_of(is_superuser=True).get(path).content.decode()
