"""What a person may ask for: a copy of what is held under their address, and that it goes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog import moderation
from blog.models import BlogPage, ReaderComment
from blog.rules import address_digest
from booking.models import AppointmentRequest
from cms import rights
from cms.models import DataRequest
from outbox.services import send_due
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import (
    BOOKING_PATH,
    PRIVACY_PATH,
    PRIVACY_TICKET_PATH,
    comments_path,
    filled_booking,
    filled_privacy,
    send_comment,
)

pytestmark = pytest.mark.usefixtures("noon")
ADDRESS = "zzaddazz@visitor.example"
# Every word that the person wrote. A key or a token may well have two z in a row.
THEIR_WORDS = re.compile("zz[a-z]{4,7}zz", re.IGNORECASE)
CONFIRM = "/api/v1/privacy/confirm/"


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def held(post: BlogPage) -> ReaderComment:
    """A person who has commented twice and asked for an appointment, each with a key; the approved one was answered."""
    sent = [
        send_comment(
            post,
            headers={"Idempotency-Key": f"00000000-0000-4000-8000-00000000000{number}"},
            author_name="zznamezz",
            body=f"zzbodyzz {number}",
            email=ADDRESS,
            notify_replies=True,
        ).json()
        for number in range(2)
    ]
    booking = filled_booking(name="zznamezz", email=ADDRESS.upper(), message="zzmessagezz", phone="01632 960 214")
    assert Visitor().send("POST", BOOKING_PATH, booking).status_code == 201
    user = get_user_model().objects.create_user("moderator")
    comment = moderation.decide(comment_id=sent[0]["id"], action="approve", user=user)
    factories.make_comment(post, parent=comment, author_name="Ben")
    return comment


def ask(kind: str = "export", email: str = ADDRESS, network: str = "198.51.100.7", **fields: Any) -> Any:
    return Visitor(REMOTE_ADDR=network).send("POST", PRIVACY_PATH, filled_privacy(kind=kind, email=email, **fields))


def mailed_token(mailoutbox: list[Any]) -> str:
    send_due()
    mail = [mail for mail in mailoutbox if "Your data" in mail.subject][-1]
    (token,) = re.findall(r"token=(\S+)", mail.body)
    return str(token)


def confirm(token: Any) -> Any:
    return Visitor().send("POST", CONFIRM, {"token": token})


def everything() -> str:
    """Every value of every table."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


# --- Asked -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["export", "erase"])
def test_known_and_unknown_addresses_are_answered_alike(kind: str, held: Any, mailoutbox: list[Any]) -> None:
    known, unknown = ask(kind), ask(kind, email="nobody@visitor.example")
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    assert known.headers == unknown.headers
    send_due()
    assert [mail.to for mail in mailoutbox if "Your data" in mail.subject] == [[ADDRESS]]


def test_known_and_unknown_addresses_cost_the_same(held: Any) -> None:
    counts = []
    for email in ("first@visitor.example", ADDRESS, "nobody@visitor.example"):
        body = filled_privacy(email=email)
        with CaptureQueriesContext(connection) as captured:
            Visitor().send("POST", PRIVACY_PATH, body)
        counts.append(len(captured))
    # The first one finds its network's count unwritten.
    assert counts[1] == counts[2]


def test_mail_carries_nothing_of_what_is_held(held: Any, mailoutbox: list[Any]) -> None:
    ask()
    token = mailed_token(mailoutbox)
    text = str(mailoutbox[-1].message()).replace(token, "").replace(ADDRESS, "")
    assert not THEIR_WORDS.search(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "delete"},
        {"kind": None},
        {"email": "x"},
        {"email": ""},
        {"email": f"{ADDRESS}\nBcc: x@y.example"},
        {"email": [ADDRESS]},
        {"email": f"{'x' * 250}@y.example"},
        {"id": 5},
    ],
    ids=str,
)
def test_request_that_makes_no_sense_is_refused(fields: Any, site: Any) -> None:
    response = Visitor().send("POST", PRIVACY_PATH, filled_privacy() | fields)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == list(fields)
    assert not DataRequest.objects.exists()


def test_trap_asks_for_nothing(held: Any) -> None:
    ticket = fetch_ticket(PRIVACY_TICKET_PATH)
    assert ask(ticket=ticket["ticket"], **{ticket["honeypot"]: "x"}).status_code == 202
    assert not DataRequest.objects.exists()


def test_one_network_asks_three_times_an_hour(site: Any) -> None:
    assert [ask().status_code for _ in range(4)] == [202, 202, 202, 429]


def test_one_address_is_not_flooded_from_many_networks(held: Any, mailoutbox: list[Any]) -> None:
    for number in range(12):
        assert ask(network=f"198.51.{number}.7").status_code == 202
    send_due()
    assert len([mail for mail in mailoutbox if "Your data" in mail.subject]) <= 3


# --- Done ------------------------------------------------------------------------------------------------------------


def test_copy_is_complete(held: Any, mailoutbox: list[Any]) -> None:
    ask()
    answer = confirm(mailed_token(mailoutbox))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    copy = answer.json()["copy"]
    assert copy["address"] == ADDRESS
    assert sorted(entry["comment"] for entry in copy["comments"]) == ["zzbodyzz 0", "zzbodyzz 1"]
    assert {entry["name"] for entry in copy["comments"]} == {"zznamezz"}
    (request,) = copy["appointment requests"]
    assert (request["name"], request["message"], request["agreed to"]) == (
        "zznamezz",
        "zzmessagezz",
        AppointmentRequest.objects.get().consent.text,
    )
    assert "Ben" not in json.dumps(copy)


def test_erasure_leaves_nothing_anywhere(post: BlogPage, held: Any, mailoutbox: list[Any]) -> None:
    send_due()
    assert "zzbodyzz" in everything()
    ask("erase")
    token = mailed_token(mailoutbox)
    answer = confirm(token)
    assert (answer.status_code, answer.json()) == (200, {"kind": "erase", "copy": None})
    left = [line[:300] for line in everything().splitlines() if THEIR_WORDS.search(line)]
    assert left == []
    digests = ReaderComment.objects.exclude(author_name="Ben").values_list("email_digest", "network", "text_digest")
    assert set(digests) <= {("", "", "")}
    place, reply = Visitor().get(comments_path(post)).json()["results"]
    assert (place["removed"], reply["author_name"]) == (True, "Ben")
    assert confirm(token).status_code == 404


def test_own_thread_goes_as_a_whole(post: BlogPage, mailoutbox: list[Any], site: Any) -> None:
    digest = {"email": ADDRESS, "email_digest": "", "status": "approved"}
    root = factories.make_comment(post, **digest)
    reply = factories.make_comment(post, parent=root, **digest)
    for comment in (root, reply):
        ReaderComment.objects.filter(pk=comment.pk).update(email_digest=address_digest(ADDRESS))
    ask("erase")
    assert confirm(mailed_token(mailoutbox)).status_code == 200
    assert Visitor().get(comments_path(post)).json()["results"] == []


def test_nothing_happens_before_the_reader_of_the_address_says_so(held: Any, mailoutbox: list[Any]) -> None:
    ask("erase")
    token = mailed_token(mailoutbox)
    for path in (f"{CONFIRM}?token={token}", f"/your-data/confirm/?token={token}"):
        Visitor().get(path)
        Visitor().head(path)
    foreign = Visitor(HTTP_SEC_FETCH_SITE="cross-site").send("POST", CONFIRM, {"token": token})
    assert foreign.status_code == 403
    assert ReaderComment.objects.filter(author_name="zznamezz").count() == 2
    assert AppointmentRequest.objects.exists()


def test_others_keep_what_is_theirs(post: BlogPage, held: Any, mailoutbox: list[Any]) -> None:
    send_comment(post, Visitor(REMOTE_ADDR="203.0.113.7"), email="other@visitor.example", body="Mine.")
    ask("erase")
    confirm(mailed_token(mailoutbox))
    assert ReaderComment.objects.filter(body="Mine.").exists()


def test_token_is_good_for_a_day(held: Any, mailoutbox: list[Any], noon: Any) -> None:
    ask()
    token = mailed_token(mailoutbox)
    noon.shift(timedelta(hours=23, minutes=59))
    assert confirm(token).status_code == 200
    noon.shift(timedelta(minutes=2))
    assert confirm(token).status_code == 404
    assert rights.prune() == 1
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "é", ":" * 20, "x" * 201, None, 5, [], {}, "a\0b"], ids=repr)
def test_token_that_makes_no_sense_is_refused(token: Any, site: Any) -> None:
    answer = confirm(token)
    assert answer.status_code in {400, 404}
    assert answer.json().keys() == {"code", "detail", "errors"}
