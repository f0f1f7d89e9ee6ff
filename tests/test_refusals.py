"""What was refused, and why, is counted for the editor; a flood of refusals is no flood of writes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import BlogPage
from guard import refusals, retention
from guard.models import Refusal
from tests import factories
from tests.conftest import Visitor
from tests.forms import BOOKING_PATH, PRIVACY_PATH, comments_path, filled_comment, send_comment

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


def counted() -> dict[tuple[str, str], int]:
    refusals.write()
    return {(row.form, row.reason): row.count for row in Refusal.objects.all()}


def test_refusals_are_counted_by_form_and_code(post: BlogPage) -> None:
    comments, own = comments_path(post), f"/api/v1/comments/{uuid.UUID(int=post.pk)}/"
    ticket = filled_comment(post)["ticket"]
    sent: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", comments, b"[" * 3000, {}),
        ("POST", comments, {}, {}),
        ("POST", comments, filled_comment(post, ticket="x"), {}),
        ("POST", comments, filled_comment(post, proof="x"), {}),
        ("POST", comments, b"x" * 70_000, {}),
        ("POST", comments, {}, {"Sec-Fetch-Site": "cross-site"}),
        ("PUT", comments, {}, {}),
        ("POST", comments.replace(str(post.pk), "999999"), {}, {}),
        ("POST", BOOKING_PATH, {}, {}),
        ("POST", PRIVACY_PATH, {}, {}),
        ("POST", "/api/v1/privacy/confirm/", {"token": "x"}, {}),
        ("POST", "/api/v1/comments/confirm/", {"token": "x"}, {}),
        ("POST", "/api/v1/comments/unsubscribe/", {"token": "x"}, {}),
        ("PATCH", own, {"body": "x"}, {}),
        ("DELETE", own, {}, {}),
    ]
    for method, path, body, headers in sent:
        assert Visitor().send(method, path, body, headers=headers).status_code >= 400
    assert send_comment(post, ticket=ticket).status_code == 202
    assert send_comment(post, ticket=ticket, body="Again.").status_code == 400
    assert counted() == {
        ("comment", "parse_error"): 1,
        ("comment", "invalid"): 1,
        ("comment", "invalid_ticket"): 1,
        ("comment", "invalid_proof"): 1,
        ("comment", "too_large"): 1,
        ("comment", "cross_site"): 1,
        ("comment", "method_not_allowed"): 1,
        ("comment", "not_found"): 1,
        ("comment", "ticket_spent"): 1,
        ("booking", "invalid"): 1,
        ("privacy", "invalid"): 1,
        ("privacy.confirm", "not_found"): 1,
        ("comment.confirm", "not_found"): 1,
        ("comment.unsubscribe", "not_found"): 1,
        ("comment.edit", "not_found"): 2,
    }


def test_closed_post_and_a_network_that_sends_too_much_are_counted(post: BlogPage) -> None:
    closed = factories.make_post(comments_mode=BlogPage.Comments.CLOSED)
    Visitor().send("POST", comments_path(closed), {})
    for _ in range(5):
        send_comment(post)
    assert counted() == {("comment", "comments_closed"): 1, ("comment", "throttled"): 2}


def test_what_is_taken_or_read_is_not_counted(post: BlogPage) -> None:
    assert send_comment(post).status_code == 202
    for path in (comments_path(post), f"{comments_path(post)}?cursor=x", "/api/v1/comments/x/", "/api/v1/posts/0/"):
        Visitor().get(path)
        Visitor().head(path)
        Visitor().options(path)
    Visitor().get(f"/api/v1/comments/{uuid.UUID(int=post.pk)}/")
    Visitor().get("/api/v1/forms/comment/ticket/?post=0")
    assert counted() == {}


def test_first_refusal_is_there_at_once(post: BlogPage) -> None:
    Visitor().send("POST", comments_path(post), {})
    assert Refusal.objects.get().count == 1


def test_flood_of_refusals_is_no_flood_of_writes(post: BlogPage, monkeypatch: Any) -> None:
    monkeypatch.setattr(refusals, "EVERY_SECONDS", 3600.0)
    with CaptureQueriesContext(connection) as captured:
        for _ in range(100):
            assert Visitor().send("POST", comments_path(post), {}).status_code == 400
    table = Refusal._meta.db_table
    writes = [query["sql"] for query in captured if table in query["sql"] and not query["sql"].startswith("SELECT")]
    assert len(writes) == 2
    assert counted() == {("comment", "invalid"): 100}
    assert Refusal.objects.count() == 1


def test_each_day_has_a_count_of_its_own_for_ninety_days(post: BlogPage, noon: Any) -> None:
    for _ in range(2):
        Visitor().send("POST", comments_path(post), {})
        refusals.write()
        noon.shift(timedelta(days=1))
    assert [row.day for row in Refusal.objects.all()] == [timezone.localdate() - timedelta(n) for n in (1, 2)]
    noon.shift(timedelta(days=89))
    retention.prune()
    assert Refusal.objects.count() == 1
