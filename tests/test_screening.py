"""What looks odd about a comment is told to the moderator, and to nobody else; what is spam waits under spam."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from blog.models import BlockRule, BlogPage, ReaderComment
from tests import factories
from tests.conftest import Visitor
from tests.forms import send_comment

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(authors=[factories.make_author(name="Maren Holt")])


def screened(post: BlogPage, network: str = "198.51.100.7", **fields: Any) -> ReaderComment:
    answer = send_comment(post, Visitor(REMOTE_ADDR=network), **fields)
    assert answer.status_code == 202, answer.content
    return ReaderComment.objects.get(pk=answer.json()["id"])


def found(comment: ReaderComment) -> set[str]:
    """All but `quick`: every form of these tests is sent after four seconds."""
    return set(comment.signals) - {"quick"}


def rule(value: str, kind: str = "words", action: str = "spam", **fields: Any) -> BlockRule:
    made = BlockRule(kind=kind, value=value, action=action, **fields)
    made.full_clean()
    made.save()
    return made


def test_honest_comment_has_no_signals(post: BlogPage) -> None:
    text = "Thank you. I ran 5.5 km, e.g. on www.parkrun.org.uk; see https://example.org/plan?a=1 too."
    assert found(screened(post, body=text, email="ada@visitor.example")) == set()


@pytest.mark.parametrize(
    ("body", "is_odd"),
    [
        ("http://a.example and https://b.example", False),
        ("http://a.example https://b.example http://c.example", True),
        ("http://a.example/1 http://a.example/2 http://a.example/3", True),
        ("HTTP://A.EXAMPLE hTTps://b.example WWW.c.example", True),
        ("a.example, b.example and c.example", True),
        ("ｗｗｗ．ａ．ｃｏｍ b.example c.example", True),
    ],
)
def test_many_links_are_odd(body: str, is_odd: bool, post: BlogPage) -> None:
    assert ("many_links" in screened(post, body=body).signals) == is_odd


@pytest.mark.parametrize("again", ["Same words.", "  SAME   words. ", "Ｓame\nwords."])
def test_text_that_was_sent_before_is_odd(again: str, post: BlogPage, noon: Any) -> None:
    assert "duplicate" not in screened(post, body="Same words.").signals
    other = factories.make_post()
    assert "duplicate" in screened(other, network="203.0.113.7", body=again).signals
    noon.shift(timedelta(days=8))
    assert "duplicate" not in screened(other, body=again).signals


@pytest.mark.parametrize(
    ("name", "is_odd"),
    [
        ("Tern Street Clinic", True),
        ("tern street clinic", True),
        ("Tеrn Strееt Сlinіс", True),
        ("T-e-r-n  Street_Clinic!", True),
        ("Ｔern Ｓtreet Clinic", True),
        ("Maren Holt", True),
        ("maren h0lt", True),
        ("Maren", False),
        ("Ada", False),
    ],
)
def test_name_that_could_be_taken_for_ours_is_odd(name: str, is_odd: bool, post: BlogPage) -> None:
    assert ("lookalike" in screened(post, author_name=name).signals) == is_odd


@pytest.mark.parametrize(
    ("kind", "value", "fields", "is_met"),
    [
        ("words", "cheap pills", {"body": "Buy CHEAP  pills, now"}, True),
        ("words", "cheap pills", {"body": "cheap and good pills"}, False),
        ("words", "pills", {"body": "He spills it"}, False),
        ("words", "casino", {"author_name": "Casino King"}, True),
        ("words", "casino", {"body": "ＣＡＳＩＮＯ"}, True),
        ("words", "c.*", {"body": "anything with c"}, True),
        ("words", "a.*", {"body": "banana"}, False),
        ("host", "spam.example", {"body": "see http://www.SPAM.example/x"}, True),
        ("host", "spam.example", {"body": "see spam.example"}, True),
        ("host", "spam.example", {"body": "see http://notspam.example"}, False),
        ("host", "spam.example", {"body": "see http://spam.example.org"}, False),
        ("address", "bad@mail.example", {"email": "BAD@mail.example"}, True),
        ("address", "@mail.example", {"email": "anyone@mail.example"}, True),
        ("address", "@mail.example", {"email": "a@submail.example"}, False),
        ("address", "bad@mail.example", {"email": "not-bad@mail.example"}, False),
        ("address", "@mail.example", {}, False),
    ],
)
def test_rule_catches_what_it_says(kind: str, value: str, fields: Any, is_met: bool, post: BlogPage) -> None:
    made = rule(value, kind)
    comment = screened(post, **fields)
    assert (comment.status, f"rule:{made.pk}" in comment.signals) == (("spam", True) if is_met else ("pending", False))


def test_rule_may_mark_only(post: BlogPage) -> None:
    made = rule("pills", action="hold")
    comment = screened(post, body="pills")
    assert (comment.status, comment.signals) == ("pending", ["quick", f"rule:{made.pk}"])


def test_rule_against_a_network_catches_all_of_it(post: BlogPage) -> None:
    first = screened(post, network="198.51.100.7")
    rule(first.network, "network")
    assert screened(post, network="198.51.100.99", body="Two").status == "spam"
    assert screened(post, network="203.0.113.7", body="Three").status == "pending"


def test_rule_ends_when_it_says(post: BlogPage, noon: Any) -> None:
    rule("pills", expires_at=timezone.now() + timedelta(hours=1))
    assert screened(post, body="pills").status == "spam"
    noon.shift(timedelta(hours=1))
    assert screened(post, body="pills").status == "pending"


def test_sender_learns_nothing_of_being_caught(post: BlogPage) -> None:
    rule("pills")
    caught = send_comment(post, body="pills")
    honest = send_comment(post, body="That helped.")
    own = {"id": "", "edit_token": ""}
    assert caught.json() | own == honest.json() | own
    assert caught.headers == honest.headers


@pytest.mark.parametrize(
    "body",
    ["a." * 1500, "a-" * 1500, "a" * 3000, "." * 3000, "http://" * 428, "www." * 750, "a.b" * 1000, "-." * 1500],
    ids=lambda body: body[:7],
)
def test_no_text_takes_long_to_read(body: str, post: BlogPage) -> None:
    for number in range(20):
        rule(f"host{number}.example", "host")
    began = time.perf_counter()
    screened(post, body=body)
    assert time.perf_counter() - began < 3
