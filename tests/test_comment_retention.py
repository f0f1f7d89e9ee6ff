"""What is kept about comments, and for how long; nothing that was hidden comes back when time passes."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from blog import moderation
from blog.models import BlogPage, ReaderComment
from blog.retention import prune
from tests import factories
from tests.conftest import Visitor
from tests.forms import comments_path, send_comment

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def moderator(site: Any) -> Any:
    return get_user_model().objects.create_user("moderator")


def sent(post: BlogPage, **fields: Any) -> ReaderComment:
    answer = send_comment(post, **fields)
    assert answer.status_code == 202
    return ReaderComment.objects.get(pk=answer.json()["id"])


@pytest.mark.parametrize(
    ("action", "days"), [("spam", 30), ("reject", 90), (None, 90)], ids=["spam", "rejected", "never read"]
)
def test_what_was_not_taken_goes(action: str | None, days: int, post: BlogPage, moderator: Any, noon: Any) -> None:
    comment = sent(post)
    if action:
        moderation.decide(comment_id=comment.pk, action=action, user=moderator)
    noon.shift(timedelta(days=days) - timedelta(seconds=1))
    prune()
    assert ReaderComment.objects.exists()
    noon.shift(timedelta(seconds=2))
    prune()
    assert not ReaderComment.objects.exists()


def test_removed_comment_goes_and_leaves_the_place_its_answers_need(post: BlogPage, moderator: Any, noon: Any) -> None:
    root = sent(post, body="zzbodyzz")
    moderation.decide(comment_id=root.pk, action="approve", user=moderator)
    factories.make_comment(post, parent=root, author_name="Ben")
    moderation.decide(comment_id=root.pk, action="remove", user=moderator)
    before = Visitor().get(comments_path(post)).json()
    noon.shift(timedelta(days=91))
    prune()
    assert Visitor().get(comments_path(post)).json() == before
    assert ReaderComment.objects.get(pk=root.pk).body == ""


@pytest.mark.parametrize("action", ["spam", "reject"])
def test_thread_under_what_was_turned_down_never_comes_back(
    action: str, post: BlogPage, moderator: Any, noon: Any
) -> None:
    root = sent(post)
    moderation.decide(comment_id=root.pk, action="approve", user=moderator)
    factories.make_comment(post, parent=root, body="Below it.")
    for step in ("spam", action) if action == "reject" else ("spam",):
        moderation.decide(comment_id=root.pk, action=step, user=moderator)
    noon.shift(timedelta(days=200))
    prune()
    prune()
    assert Visitor().get(comments_path(post)).json()["results"] == []


def test_approved_comment_stays_without_its_traces(post: BlogPage, moderator: Any, noon: Any) -> None:
    comment = sent(post, email="ada@visitor.example", notify_replies=True)
    moderation.decide(comment_id=comment.pk, action="approve", user=moderator)
    noon.shift(timedelta(days=31))
    prune()
    comment.refresh_from_db()
    assert (comment.status, comment.body) == ("approved", "That helped.")
    assert (comment.network, comment.email, comment.notify_replies) == ("", "", False)


def test_address_is_forgotten_when_it_is_not_needed_any_more(post: BlogPage, moderator: Any) -> None:
    comment = sent(post, email="ada@visitor.example")
    moderation.decide(comment_id=comment.pk, action="approve", user=moderator)
    comment.refresh_from_db()
    assert comment.email == ""


def test_network_is_another_one_each_month(post: BlogPage, noon: Any) -> None:
    first, same = sent(post), sent(post, body="Again.")
    noon.shift(timedelta(days=7))
    assert first.network == same.network != sent(post, body="Next month.").network
    assert "127.0.0" not in first.network


def test_log_names_numbers_only(post: BlogPage, noon: Any, caplog: pytest.LogCaptureFixture) -> None:
    sent(post, author_name="zznamezz", body="zzbodyzz", email="zz@visitor.example")
    noon.shift(timedelta(days=91))
    with caplog.at_level(logging.DEBUG):
        prune()
    assert "zz" not in "\n".join(record.getMessage() for record in caplog.records if "django.db" not in record.name)
    assert not ReaderComment.objects.exists()
