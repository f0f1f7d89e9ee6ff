"""The queue: what it shows, in which order, in what words, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from blog.models import BlockRule, BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of, decide, names, queue_url, seen, shown, url_of

HOSTILE = "<script>alert(1)</script>\u202egnp.exe=HYPERLINK(1)" + "x" * 2900


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post(title="Knees on stairs", intro="Why they ache.")


@pytest.fixture
def held(post: BlogPage) -> ReaderComment:
    return factories.make_comment(post, status="pending", author_name="Quentin", body="Please\nread me")


@pytest.fixture
def moderator(site: Page) -> Client:
    """Somebody in the group that comes with the site, and in no other."""
    return client_of(group="Comment moderators")


def test_what_waits_stands_first_and_oldest_first(post: BlogPage, moderator: Client) -> None:
    for days, name in ((1, "New"), (9, "Old"), (4, "Middle")):
        written = timezone.now() - timedelta(days=days)
        factories.make_comment(post, status="pending", author_name=name, created_at=written)
    factories.make_comment(post, author_name="Done")
    assert names(shown(moderator)) == ["Old", "Middle", "New"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=spam", ["Spam"]),
        ("status=approved", ["Approved"]),
        ("status=rejected", ["Rejected"]),
        ("status=removed", ["Removed"]),
        ("status=pending", ["Pending"]),
        ("status=all&q=words+of+spam", ["Spam"]),
        ("status=all&q=REMOVED", ["Removed"]),
        ("status=erased", []),
        ("sender=nonsense", []),
        ("post=99999", []),
        ("p=99", ["Pending"]),
    ],
)
def test_the_queue_is_narrowed(query: str, expected: list[str], post: BlogPage, moderator: Client) -> None:
    for status in ("spam", "approved", "rejected", "removed", "pending"):
        factories.make_comment(post, status=status, author_name=status.capitalize(), body=f"words of {status}")
    factories.make_comment(post, status="erased", author_name="", body="")
    assert names(shown(moderator, query)) == expected


def test_one_post_alone(held: ReaderComment, moderator: Client) -> None:
    other = factories.make_post()
    factories.make_comment(other, status="pending", author_name="Elsewhere")
    assert names(shown(moderator, f"post={other.pk}")) == ["Elsewhere"]


def test_an_entry_says_what_a_moderator_needs(held: ReaderComment, moderator: Client) -> None:
    first = factories.make_comment(held.post, author_name="Ada", body="Do your knees hurt?")
    ReaderComment.objects.filter(pk=held.pk).update(
        parent=first, root=first, email="q@visitor.example", email_digest="d" * 32, email_confirmed_at=timezone.now()
    )
    page = unescape(shown(moderator))
    for words in (
        "<p>Please<br>read me</p>",
        "Knees on stairs",
        "Why they ache.",
        held.post.url,
        "Do your knees hurt?",
        "Address confirmed",
        "q@visitor.example",
        "Waiting",
    ):
        assert words in page
    assert "d" * 32 not in page


def test_the_editor_of_the_post_is_only_for_its_editors(held: ReaderComment, moderator: Client) -> None:
    edit = reverse("wagtailadmin_pages:edit", args=[held.post_id])
    assert edit not in shown(moderator)
    assert edit in shown(client_of(is_superuser=True))


def test_signals_are_said_in_words(held: ReaderComment, moderator: Client) -> None:
    rule = BlockRule.objects.create(kind="words", value="cheap pills", action="spam")
    gone = BlockRule.objects.create(
        kind="address", value="ada@visitor.example", expires_at=timezone.now() - timedelta(days=1)
    )
    network = BlockRule.objects.create(kind="network", value="f" * 32, action="spam")
    signals = ["honeypot", "quick", "no_proof", "many_links", "duplicate", "lookalike"]
    signals += [f"rule:{pk}" for pk in (rule.pk, gone.pk, network.pk, 9999)]
    ReaderComment.objects.filter(pk=held.pk).update(signals=signals)
    page = unescape(shown(moderator))
    for words in (
        "The hidden field was filled in",
        "within seconds",
        "without the browser’s calculation",
        "many links",
        "same text was sent before",
        "The name looks like ours",
        "words: “cheap pills” (put it under spam)",
        "a…@visitor.example",
        "expired on",
        "network: a network (put it under spam)",
        "deleted since",
        reverse("wagtailsnippets_blog_blockrule:edit", args=[rule.pk]),
    ):
        assert words in page
    assert "ada@visitor.example" not in page
    assert "f" * 32 not in page


def test_what_else_a_sender_sent_is_counted_once_and_linked(post: BlogPage, moderator: Client) -> None:
    traces: list[dict[str, str]] = [
        {"email_digest": "a" * 32, "network": "b" * 32},
        {"email_digest": "a" * 32},
        {"network": "b" * 32},
        {"email_digest": "a" * 32, "network": "b" * 32},
        {"email_digest": "c" * 32},
        {},
    ]
    made = [
        factories.make_comment(post, status="pending" if number == 0 else "spam", author_name=f"N{number}", **trace)
        for number, trace in enumerate(traces)
    ]
    for number in range(9):
        factories.make_comment(post, author_name=f"More{number}", body=f"excerpt {number}", network="b" * 32)
    page = shown(moderator)
    assert "9 approved, 3 spam" in page
    assert page.count("excerpt ") == 5
    assert {name for name in names(shown(moderator, f"sender={made[0].pk}")) if name.startswith("N")} == {
        "N0",
        "N1",
        "N2",
        "N3",
    }
    assert f"sender={made[0].pk}" in page
    for digest in ("a", "b", "c"):
        assert digest * 32 not in page + shown(moderator, f"sender={made[0].pk}")
    assert names(shown(moderator, f"sender={made[5].pk}")) == ["N5"]


def test_hostile_text_stays_text(post: BlogPage, moderator: Client) -> None:
    comment = factories.make_comment(
        post, status="pending", author_name="<b>=1+1</b>", body=HOSTILE, signals=["<i>odd</i>"]
    )
    factories.make_comment(post, status="pending", parent=comment, author_name="\u202eadA", body="fine")
    for url in (queue_url(), url_of(comment, "erase"), reverse("wagtailadmin_home"), reverse("blog_caught")):
        page = moderator.get(url).content.decode()
        for markup in ("<script>alert", "<b>=1", "<i>odd"):
            assert markup not in page
    assert "\u202egnp.exe" in shown(moderator)
    answer = decide(moderator, comment)
    assert "<b>=1" not in moderator.get(answer["Location"]).content.decode()


def test_the_log_says_it_in_words(held: ReaderComment, moderator: Client) -> None:
    decide(moderator, held)
    moderator.post(url_of(held, "reply"), seen(held, status="approved", body="Yes."))
    moderator.post(url_of(held, "erase"), seen(held))
    history = client_of(is_superuser=True).get(reverse("wagtailadmin_reports:site_history")).content.decode()
    for words in ("Comment: waiting → approved", "Comment answered by the clinic", "Comment erased"):
        assert words in history
    assert "Quentin" not in history


def test_the_queue_costs_the_same_for_one_and_for_many(post: BlogPage, moderator: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(moderator)
        return len(captured)

    rule = BlockRule.objects.create(kind="words", value="pills")
    fields = {"status": "pending", "network": "e" * 32, "email_digest": "f" * 32, "signals": [f"rule:{rule.pk}"]}
    factories.make_comment(post, **fields)
    shown(moderator)
    few = queries()
    others = [factories.make_post() for _ in range(5)]
    answered = factories.make_comment(post)
    for number in range(60):
        factories.make_comment(others[number % 5], **fields | {"network": f"{number % 7:032}"})
        factories.make_comment(post, parent=answered, **fields)
    assert queries() == few
    assert few <= 35
