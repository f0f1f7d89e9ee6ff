"""What each button of an entry does, and what it must not do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry, Page

from blog import services
from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.moderating import actions_on, client_of, decide, names, queue_url, said, seen, shown, url_of

LEGAL = {
    "pending": {"approve", "reject", "spam"},
    "approved": {"spam", "remove"},
    "rejected": {"approve", "spam"},
    "spam": {"approve", "reject"},
    "removed": {"approve"},
}
ACTIONS = {"approve": "approved", "reject": "rejected", "spam": "spam", "remove": "removed"}


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


@pytest.mark.parametrize("status", LEGAL)
def test_only_what_may_follow_is_offered(status: str, post: BlogPage, moderator: Client) -> None:
    factories.make_comment(post, status=status)
    assert actions_on(shown(moderator, f"status={status}")) == LEGAL[status]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", LEGAL)
def test_only_what_may_follow_is_done(status: str, action: str, post: BlogPage, moderator: Client) -> None:
    comment = factories.make_comment(post, status=status)
    answer = decide(moderator, comment, action)
    comment.refresh_from_db()
    is_legal = action in LEGAL[status]
    assert comment.status == (ACTIONS[action] if is_legal else status)
    assert answer.status_code == (302 if is_legal else 409)
    assert ModelLogEntry.objects.filter(action="blog.decide_comment").count() == is_legal


def test_a_text_that_was_changed_meanwhile_is_not_approved_but_shown_again(
    held: ReaderComment, moderator: Client
) -> None:
    form = seen(held, list="status=pending&q=nothing-that-is-there")
    services.edit_comment(comment=held, body="Buy my pills")
    answer = moderator.post(url_of(held, "decide", "approve"), form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "has changed this comment" in said(answer, moderator)[0]
    assert "Buy my pills" in page
    assert "data-again" in page
    assert 'name="revision" value="2"' in page
    held.refresh_from_db()
    assert held.status == "pending"


def test_what_a_colleague_decided_meanwhile_stands(held: ReaderComment, moderator: Client) -> None:
    form = seen(held)
    decide(client_of("access_admin", "moderate_comment"), held, "reject")
    answer = moderator.post(url_of(held, "decide", "approve"), form)
    assert said(answer, moderator) == ["This comment is rejected already."]
    assert "data-again" in answer.content.decode()
    held.refresh_from_db()
    assert held.status == "rejected"


def test_after_a_decision_the_list_stands_where_it_was(post: BlogPage, moderator: Client) -> None:
    for number in range(25):
        factories.make_comment(post, status="pending", author_name=f"N{number}", body="knee")
    page = shown(moderator, "q=knee&p=2")
    first, second = re.findall(r'<article class="entry" id="comment-([^"]+)"', page)[:2]
    place = re.search(rf'name="place" value="({second})"', page)
    assert place
    assert 'name="list" value="status=pending&amp;q=knee&amp;p=2"' in page
    comment = ReaderComment.objects.get(pk=first)
    answer = decide(moderator, comment, list="status=pending&q=knee&p=2", place=place[1])
    assert answer["Location"] == f"{queue_url('status=pending&q=knee&p=2')}#comment-{second}"
    assert len(names(shown(moderator, "q=knee&p=2"))) == 4


@pytest.mark.parametrize("place", ["//evil.example", '"><script>', "x"])
def test_nobody_is_sent_elsewhere(place: str, held: ReaderComment, moderator: Client) -> None:
    answer = decide(moderator, held, list="https://evil.example/?status=spam&next=//evil.example", place=place)
    assert answer["Location"].startswith("/admin/comments/?")
    assert "evil" not in answer["Location"]
    assert "<" not in answer["Location"]


def test_erasing_asks_first_and_leaves_nothing(held: ReaderComment, moderator: Client) -> None:
    asked = moderator.get(url_of(held, "erase"), {"list": "status=pending"})
    assert "Yes, erase it" in asked.content.decode()
    assert ReaderComment.objects.filter(pk=held.pk).exists()
    assert moderator.post(url_of(held, "erase"), {"list": "status=pending"}).status_code == 302
    assert not ReaderComment.objects.filter(pk=held.pk).exists()
    entry = ModelLogEntry.objects.get(action="blog.erase_comment")
    assert "Quentin" not in f"{entry.label} {entry.data} {entry.message}"
    assert moderator.post(url_of(held, "erase"), {"list": "status=pending"}).status_code == 404


def test_what_is_erased_has_no_buttons(post: BlogPage, moderator: Client) -> None:
    gone = factories.make_comment(post, status="erased", author_name="", body="")
    for url in (url_of(gone, "decide", "approve"), url_of(gone, "erase"), url_of(gone, "reply")):
        assert moderator.post(url, seen(gone)).status_code == 404


def test_the_clinic_answers_an_approved_comment(post: BlogPage, moderator: Client, visitor: Any) -> None:
    comment = factories.make_comment(post)
    answer = moderator.post(url_of(comment, "reply"), seen(comment, body=" Two lines\r\nof advice "))
    assert answer.status_code == 302
    thread = visitor.get(f"/api/v1/posts/{post.pk}/comments/").json()
    assert "Two lines\\nof advice" in str(thread)
    assert ReaderComment.objects.get(parent=comment).is_staff
    assert ModelLogEntry.objects.filter(action="blog.answer_comment").count() == 1


def test_a_waiting_comment_is_approved_and_answered_in_one_step(held: ReaderComment, moderator: Client) -> None:
    assert moderator.post(url_of(held, "reply"), seen(held, body="Yes.", approve="1")).status_code == 302
    held.refresh_from_db()
    assert held.status == "approved"
    assert ReaderComment.objects.get(parent=held).body == "Yes."


@pytest.mark.parametrize("body", ["", "   ", "x" * 3001])
def test_an_answer_that_cannot_be_sent_approves_nothing_and_is_kept(
    body: str, held: ReaderComment, moderator: Client
) -> None:
    answer = moderator.post(url_of(held, "reply"), seen(held, body=body, approve="1"))
    assert answer.status_code == 409
    assert "not sent" in said(answer, moderator)[0]
    assert body.strip() in answer.content.decode()
    held.refresh_from_db()
    assert held.status == "pending"
    assert ReaderComment.objects.count() == 1


def test_an_answer_to_what_was_removed_meanwhile_is_kept_and_not_shown(post: BlogPage, moderator: Client) -> None:
    comment = factories.make_comment(post)
    form = seen(comment, body="My long answer")
    decide(moderator, comment, "remove")
    answer = moderator.post(url_of(comment, "reply"), form)
    assert answer.status_code == 409
    assert "My long answer</textarea>" in answer.content.decode()
    comment.refresh_from_db()
    assert comment.status == "removed"
    assert ReaderComment.objects.count() == 1
