"""What keeps a form that strangers may post to: ticket, honeypot, limit, idempotency, same origin."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from blog.models import BlogPage, ReaderComment
from booking.models import AppointmentRequest
from guard import retention
from guard.models import IdempotencyKey, RateEvent, SpentToken
from outbox.models import Message
from tests import factories
from tests.conftest import NOON, Visitor, fetch_ticket
from tests.forms import (
    BOOKING_PATH,
    BOOKING_TICKET_PATH,
    comment_ticket_path,
    comments_path,
    filled_booking,
    filled_comment,
    send_comment,
)

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


def send_booking(headers: Any = None, **fields: Any) -> Any:
    return Visitor().post(BOOKING_PATH, filled_booking(**fields), "application/json", headers=headers)


def statuses(number: int, post: BlogPage, **meta: str) -> list[int]:
    return [send_comment(post, Visitor(**meta)).status_code for _ in range(number)]


# --- Tickets ---------------------------------------------------------------------------------------------------------


def test_form_with_a_ticket_is_taken(post: BlogPage) -> None:
    response = send_comment(post)
    assert response.status_code == 202
    assert (response.json()["id"], response.json()["status"]) == (str(ReaderComment.objects.get().pk), "pending")
    assert response["Cache-Control"] == "no-store"


def test_ticket_says_what_the_form_needs(post: BlogPage) -> None:
    response = Visitor().get(comment_ticket_path(post))
    ticket = response.json()
    assert ticket["min_seconds"] == 3
    assert datetime.fromisoformat(ticket["expires_at"]) == NOON + timedelta(hours=2)
    assert ticket["honeypot"].isidentifier()
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert not SpentToken.objects.exists()


def test_each_visitor_gets_another_ticket(post: BlogPage) -> None:
    first, second = (Visitor().get(comment_ticket_path(post)).json()["ticket"] for _ in range(2))
    assert first != second


def test_there_is_no_ticket_for_a_draft(site: Any) -> None:
    draft = factories.make_post(live=False)
    assert Visitor().get(comment_ticket_path(draft)).status_code == 404


def _missing(post: BlogPage) -> Any:
    return None


def _empty(post: BlogPage) -> Any:
    return ""


def _number(post: BlogPage) -> Any:
    return 5


def _huge(post: BlogPage) -> Any:
    return "x" * 1000


def _invented(post: BlogPage) -> Any:
    return "eyJrIjoiY29tbWVudCJ9:1vNqrs:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def _not_ascii(post: BlogPage) -> Any:
    return "é:é:é"


def _altered(post: BlogPage) -> Any:
    ticket: str = fetch_ticket(comment_ticket_path(post))["ticket"]
    return ("f" if ticket[0] == "e" else "e") + ticket[1:]


def _of_another_form(post: BlogPage) -> Any:
    return fetch_ticket(BOOKING_TICKET_PATH)["ticket"]


def _of_another_post(post: BlogPage) -> Any:
    return fetch_ticket(comment_ticket_path(factories.make_post()))["ticket"]


def _too_fresh(post: BlogPage) -> Any:
    with time_machine.travel(NOON - timedelta(seconds=2), tick=False):
        return Visitor().get(comment_ticket_path(post)).json()["ticket"]


def _too_old(post: BlogPage) -> Any:
    with time_machine.travel(NOON - timedelta(hours=2, seconds=2), tick=False):
        return Visitor().get(comment_ticket_path(post)).json()["ticket"]


@pytest.mark.parametrize(
    ("make_ticket", "code"),
    [
        (_missing, "invalid"),
        (_empty, "invalid"),
        (_number, "invalid"),
        (_huge, "invalid"),
        (_invented, "invalid_ticket"),
        (_not_ascii, "invalid_ticket"),
        (_altered, "invalid_ticket"),
        (_of_another_form, "invalid_ticket"),
        (_of_another_post, "invalid_ticket"),
        (_too_fresh, "too_quick"),
        (_too_old, "ticket_expired"),
    ],
)
def test_form_is_refused_with_a_bad_ticket(make_ticket: Any, code: str, post: BlogPage) -> None:
    response = send_comment(post, ticket=make_ticket(post))
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert list(response.json()["errors"]) == ["ticket"]
    assert not ReaderComment.objects.exists()
    assert not Message.objects.exists()


def test_ticket_is_still_good_after_almost_two_hours(post: BlogPage, noon: Any) -> None:
    ticket = Visitor().get(comment_ticket_path(post)).json()["ticket"]
    noon.shift(timedelta(hours=1, minutes=59))
    assert send_comment(post, ticket=ticket).status_code == 202


def test_ticket_of_a_hasty_sender_is_good_three_seconds_later(post: BlogPage, noon: Any) -> None:
    ticket = Visitor().get(comment_ticket_path(post)).json()["ticket"]
    assert send_comment(post, ticket=ticket).status_code == 400
    noon.shift(timedelta(seconds=3))
    assert send_comment(post, ticket=ticket).status_code == 202


def test_ticket_is_good_for_one_sending(post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    assert send_comment(post, ticket=ticket).status_code == 202
    again = send_comment(post, ticket=ticket, body="Something else.")
    assert (again.status_code, again.json()["code"]) == (400, "ticket_spent")
    assert again.json()["errors"] == {"ticket": ["This form was sent already."]}
    assert ReaderComment.objects.count() == 1


def test_form_that_was_refused_keeps_its_ticket(post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    assert send_comment(post, ticket=ticket, body="").json()["errors"].keys() == {"body"}
    assert send_comment(post, ticket=ticket).status_code == 202


def test_open_forms_survive_a_change_of_the_secret_key(post: BlogPage, settings: Any) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert send_comment(post, ticket=ticket).status_code == 202


def test_ticket_of_a_secret_key_that_was_given_up_is_refused(post: BlogPage, settings: Any) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    settings.SECRET_KEY = "another key"
    assert send_comment(post, ticket=ticket).status_code == 400


def test_what_the_guard_keeps_is_deleted_when_it_has_expired(post: BlogPage, noon: Any) -> None:
    send_comment(post, headers={"Idempotency-Key": str(uuid.uuid4())})
    tables = (SpentToken, RateEvent, IdempotencyKey)
    retention.prune()
    assert all(model._default_manager.exists() for model in tables)
    noon.shift(timedelta(hours=25))
    retention.prune()
    assert not any(model._default_manager.exists() for model in tables)


# --- Honeypot --------------------------------------------------------------------------------------------------------


def test_comment_with_a_filled_honeypot_is_taken_and_stored_as_spam(post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))
    trapped = send_comment(post, ticket=ticket["ticket"], **{ticket["honeypot"]: "Best prices"})
    honest = send_comment(post)
    assert trapped.status_code == honest.status_code == 202
    own = {"id": "", "edit_token": ""}
    assert trapped.json() | own == honest.json() | own
    assert trapped.headers == honest.headers
    assert ReaderComment.objects.get(pk=trapped.json()["id"]).status == ReaderComment.Status.SPAM
    assert ReaderComment.objects.get(pk=honest.json()["id"]).status == ReaderComment.Status.PENDING


def test_request_with_a_filled_honeypot_is_taken_and_stored_as_suspected(site: Any) -> None:
    ticket = fetch_ticket(BOOKING_TICKET_PATH)
    trapped = send_booking(ticket=ticket["ticket"], **{ticket["honeypot"]: "Best prices"})
    honest = send_booking()
    assert (trapped.status_code, trapped.json()["status"]) == (201, honest.json()["status"])
    assert trapped.json().keys() == honest.json().keys()
    assert trapped.headers == honest.headers
    stored = {request.reference: request.status for request in AppointmentRequest.objects.all()}
    assert stored == {trapped.json()["reference"]: "suspected", honest.json()["reference"]: "new"}


def test_nobody_gets_mail_about_a_filled_honeypot(post: BlogPage) -> None:
    comment, booking = fetch_ticket(comment_ticket_path(post)), fetch_ticket(BOOKING_TICKET_PATH)
    send_comment(post, ticket=comment["ticket"], **{comment["honeypot"]: "x"})
    send_booking(ticket=booking["ticket"], **{booking["honeypot"]: "x"})
    assert not Message.objects.exists()


def test_empty_honeypot_is_what_a_person_sends(post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))
    send_comment(post, ticket=ticket["ticket"], **{ticket["honeypot"]: ""})
    assert ReaderComment.objects.get().status == ReaderComment.Status.PENDING


def test_field_that_nobody_knows_is_refused(post: BlogPage) -> None:
    response = send_comment(post, status="approved")
    assert response.status_code == 400
    assert response.json()["errors"] == {"status": ["This field is not known here."]}


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_fourth_comment_of_a_minute_is_refused(post: BlogPage) -> None:
    assert statuses(3, post) == [202, 202, 202]
    refused = send_comment(post)
    assert refused.status_code == 429
    assert refused.json()["code"] == "throttled"
    assert refused["Retry-After"] == "50"
    assert ReaderComment.objects.count() == 3


def test_comment_that_came_too_often_is_taken_after_the_wait(post: BlogPage, noon: Any) -> None:
    statuses(3, post)
    comment = filled_comment(post)
    refused = Visitor().send("POST", comments_path(post), comment)
    noon.shift(timedelta(seconds=int(refused["Retry-After"])))
    assert Visitor().send("POST", comments_path(post), comment).status_code == 202


def test_twenty_first_comment_of_an_hour_is_refused(post: BlogPage, noon: Any) -> None:
    for _ in range(7):
        statuses(3, post)
        noon.shift(timedelta(minutes=1))
    assert ReaderComment.objects.count() == 20


def test_fourth_request_of_an_hour_is_refused(site: Any) -> None:
    assert [send_booking().status_code for _ in range(4)] == [201, 201, 201, 429]
    assert AppointmentRequest.objects.count() == 3


def test_other_networks_are_not_held_up(post: BlogPage) -> None:
    assert statuses(4, post, REMOTE_ADDR="198.51.100.7")[-1] == 429
    assert statuses(1, post, REMOTE_ADDR="203.0.113.7") == [202]


@pytest.mark.parametrize(
    ("first", "second", "is_shared"),
    [
        pytest.param("198.51.100.7", "198.51.100.250", True, id="one /24"),
        pytest.param("198.51.100.7", "198.51.101.7", False, id="two /24"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True, id="one /64"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:3::1", False, id="two /64"),
        pytest.param("198.51.100.7", "::ffff:198.51.100.8", True, id="IPv4 written as IPv6"),
        pytest.param("no address", "none either", True, id="no addresses"),
    ],
)
def test_visitors_of_one_network_share_a_limit(first: str, second: str, is_shared: bool, post: BlogPage) -> None:
    statuses(3, post, REMOTE_ADDR=first)
    assert statuses(1, post, REMOTE_ADDR=second) == [429 if is_shared else 202]


def test_invented_forwarding_does_not_pass_the_limit(post: BlogPage) -> None:
    answers = [statuses(1, post, HTTP_X_FORWARDED_FOR=f"203.0.{number}.7")[0] for number in range(4)]
    assert answers == [202, 202, 202, 429]


def test_behind_a_proxy_the_hop_it_added_counts(post: BlogPage, settings: Any) -> None:
    settings.NUM_PROXIES = 1
    hops = [f"203.0.{number}.7, 198.51.100.7" for number in range(4)]
    assert [statuses(1, post, HTTP_X_FORWARDED_FOR=hop)[0] for hop in hops] == [202, 202, 202, 429]
    assert statuses(1, post, HTTP_X_FORWARDED_FOR="198.51.100.7, 192.0.2.7") == [202]


def test_limits_keep_no_address(post: BlogPage) -> None:
    send_comment(post, Visitor(REMOTE_ADDR="198.51.100.7"))
    assert not [event for event in RateEvent.objects.values_list("subject", "window") if "198.51" in "".join(event)]


# --- Idempotency -----------------------------------------------------------------------------------------------------


def test_request_that_is_repeated_with_its_key_gets_the_first_answer(site: Any) -> None:
    booking, key = filled_booking(), {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (Visitor().post(BOOKING_PATH, booking, "application/json", headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second["Cache-Control"] == first["Cache-Control"]
    assert AppointmentRequest.objects.count() == 1
    assert Message.objects.count() == 2


def test_key_that_comes_with_another_body_is_a_conflict(post: BlogPage) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    send_comment(post, headers=key)
    response = send_comment(post, headers=key, body="Something else.")
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_mismatch")
    assert ReaderComment.objects.count() == 1


def test_key_of_one_form_means_nothing_to_the_other(post: BlogPage) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert send_comment(post, headers=key).status_code == 202
    assert send_booking(headers=key).status_code == 201


def test_key_of_a_refused_form_can_be_used_again(post: BlogPage) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert send_comment(post, headers=key, body="").status_code == 400
    assert send_comment(post, headers=key).status_code == 202


def test_key_is_forgotten_after_a_day(post: BlogPage, noon: Any) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    send_comment(post, headers=key)
    noon.shift(timedelta(hours=24))
    retention.prune()
    assert send_comment(post, headers=key, body="Something else.").status_code == 202


@pytest.mark.parametrize("value", ["", "1", "not-a-uuid", "x" * 5000, f"{uuid.UUID(int=1)}, {uuid.UUID(int=2)}"])
def test_key_must_be_a_uuid(value: str, post: BlogPage) -> None:
    response = send_comment(post, headers={"Idempotency-Key": value})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["Idempotency-Key"]
    assert not ReaderComment.objects.exists()


# --- Same origin -----------------------------------------------------------------------------------------------------

OWN = "http://127.0.0.1:8000"
FOREIGN = "https://evil.example"


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": OWN}, True, id="our page"),
        pytest.param({"Sec-Fetch-Site": "none"}, True, id="nobody's page"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, False, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, False, id="a neighbour's host"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, False, id="another site with our origin"),
        pytest.param({"Sec-Fetch-Site": "whatever"}, False, id="unknown word"),
        pytest.param({"Origin": OWN}, True, id="old browser on our page"),
        pytest.param({"Origin": FOREIGN}, False, id="old browser on another site"),
        pytest.param({"Origin": "http://127.0.0.1:8001"}, False, id="another port"),
        pytest.param({"Origin": "null"}, False, id="sandboxed frame"),
        pytest.param({}, True, id="no browser"),
    ],
)
def test_form_is_taken_from_our_own_pages_only(headers: dict[str, str], is_taken: bool, post: BlogPage) -> None:
    sender = Client(HTTP_HOST="127.0.0.1:8000")
    comment = sender.post(comments_path(post), filled_comment(post), "application/json", headers=headers)
    booking = sender.post(BOOKING_PATH, filled_booking(), "application/json", headers=headers)
    assert (comment.status_code, booking.status_code) == ((202, 201) if is_taken else (403, 403))
    assert ReaderComment.objects.exists() == AppointmentRequest.objects.exists() == is_taken
    if not is_taken:
        assert comment.json()["code"] == booking.json()["code"] == "cross_site"


def test_reading_is_open_to_every_site(post: BlogPage) -> None:
    response = Client(HTTP_HOST="127.0.0.1:8000").get(comments_path(post), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200


def test_form_that_another_site_submits_is_refused(post: BlogPage) -> None:
    form = {"author_name": "Ada", "body": "That helped.", "ticket": fetch_ticket(comment_ticket_path(post))["ticket"]}
    response = Visitor(HTTP_SEC_FETCH_SITE="cross-site").post(f"/blog/{post.slug}/comment/", form)
    assert response.status_code == 403
    assert not ReaderComment.objects.exists()
