"""What a writer may still do with a comment of their own: change it or take it back, for a quarter of an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from blog import moderation, tokens
from blog.models import BlockRule, BlogPage, ReaderComment
from outbox.models import Message
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import comment_ticket_path, comments_path, send_comment

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def sent(post: BlogPage) -> dict[str, Any]:
    """What the writer of a comment got as an answer."""
    return dict(send_comment(post, body="First words.").json())


def with_token(method: str, comment_id: Any, token: str, body: Any = None, **meta: Any) -> Any:
    headers = {"Authorization": f"Comment {token}"}
    return Visitor(**meta).send(method, f"/api/v1/comments/{comment_id}/", body, headers=headers)


def change(sent: dict[str, Any], body: Any = "Other words.", **fields: Any) -> Any:
    return with_token("PATCH", sent["id"], sent["edit_token"], {"body": body} | fields)


def take_back(sent: dict[str, Any]) -> Any:
    return with_token("DELETE", sent["id"], sent["edit_token"])


def stored() -> ReaderComment:
    return ReaderComment.objects.get()


def approve(comment_id: Any) -> None:
    user = get_user_model().objects.create_user("moderator")
    moderation.decide(comment_id=comment_id, action="approve", user=user)


# --- Change ----------------------------------------------------------------------------------------------------------


def test_writer_changes_a_comment(post: BlogPage, sent: dict[str, Any]) -> None:
    answer = change(sent)
    assert answer.status_code == 200
    assert answer.json().keys() == {"id", "body", "edited_at"}
    assert answer.json()["body"] == "Other words."
    assert answer["Cache-Control"] == "no-store"
    assert (stored().body, stored().revision, stored().status) == ("Other words.", 2, "pending")
    approve(sent["id"])
    (shown,) = Visitor().get(comments_path(post)).json()["results"]
    assert (shown["body"], shown["edited"]) == ("Other words.", True)


def test_change_is_possible_for_a_quarter_of_an_hour(sent: dict[str, Any], noon: Any) -> None:
    noon.shift(timedelta(minutes=15))
    assert change(sent).status_code == 200
    noon.shift(timedelta(seconds=2))
    assert change(sent, "Too late.").status_code == 404
    assert take_back(sent).status_code == 404
    assert stored().body == "Other words."


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_only_its_own_token_opens_a_comment(method: str, post: BlogPage, sent: dict[str, Any]) -> None:
    comment = stored()
    other = factories.make_comment(post)
    wrong = [
        "",
        "x",
        "é",
        "x" * 5000,
        sent["edit_token"][:-1],
        sent["edit_token"].upper(),
        tokens.edit_token(other),
        tokens.confirm_token(comment),
        tokens.unsubscribe_token(comment),
    ]
    bodies = set()
    for number, token in enumerate(wrong):
        answer = with_token(method, comment.pk, token, {"body": "x"}, REMOTE_ADDR=f"198.51.{number}.7")
        assert answer.status_code == 404, token
        bodies.add(answer.content)
    unknown = with_token(method, "00000000-0000-4000-8000-000000000000", sent["edit_token"], {"body": "x"})
    assert bodies == {unknown.content}
    comment.refresh_from_db()
    assert comment.body == "First words."


@pytest.mark.parametrize("scheme", ["", "Bearer ", "comment ", "Basic ", "Comment"])
def test_token_comes_under_its_own_scheme(scheme: str, sent: dict[str, Any]) -> None:
    headers = {"Authorization": scheme + sent["edit_token"]}
    answer = Visitor().send("PATCH", f"/api/v1/comments/{sent['id']}/", {"body": "x"}, headers=headers)
    assert answer.status_code == 404


def test_tokens_can_not_be_tried_out(sent: dict[str, Any]) -> None:
    answers = [with_token("PATCH", sent["id"], "x", {"body": "x"}).status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]


def test_other_site_changes_nothing(sent: dict[str, Any]) -> None:
    for method in ("PATCH", "DELETE"):
        answer = with_token(method, sent["id"], sent["edit_token"], {"body": "x"}, HTTP_SEC_FETCH_SITE="cross-site")
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert stored().body == "First words."


@pytest.mark.parametrize("action", ["approve", "reject", "spam"])
def test_comment_that_was_decided_about_can_not_be_changed(action: str, sent: dict[str, Any]) -> None:
    user = get_user_model().objects.create_user("moderator")
    moderation.decide(comment_id=sent["id"], action=action, user=user)
    answer = change(sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "locked")
    assert stored().body == "First words."


def test_moderator_does_not_approve_what_was_not_read(sent: dict[str, Any]) -> None:
    read = stored().revision
    change(sent)
    user = get_user_model().objects.create_user("moderator")
    with pytest.raises(moderation.DecisionRefused):
        moderation.decide(comment_id=sent["id"], action="approve", user=user, revision=read)
    assert stored().status == "pending"


HOSTILE = ["", "  ", "\n\n", "x" * 3001, "bell\x07", "a\0b", "\x1b[31m", "\ufdd0", "\ue000", None, True, [], {}]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda value: repr(value)[:20])
def test_change_is_refused_by_the_rules_of_a_new_comment(body: Any, post: BlogPage, sent: dict[str, Any]) -> None:
    new, changed = send_comment(post, body=body), change(sent, body)
    assert new.status_code == changed.status_code == 400
    assert new.json() == changed.json()
    assert (stored().body, stored().revision) == ("First words.", 1)


@pytest.mark.parametrize(
    "whole", [b"[" * 3000, b'{"body": "\\ud800"}', b"null", b"[]", b"x" * 70_000, b'{"body": NaN}']
)
def test_body_that_is_no_form_changes_nothing(whole: bytes, sent: dict[str, Any]) -> None:
    answer = with_token("PATCH", sent["id"], sent["edit_token"], whole)
    assert answer.status_code in {400, 413}
    assert answer.json().keys() == {"code", "detail", "errors"}
    assert stored().revision == 1


@pytest.mark.parametrize("name", ["status", "author_name", "email", "is_staff", "parent", "revision", "ticket", "id"])
def test_nothing_but_the_text_can_be_changed(name: str, sent: dict[str, Any]) -> None:
    answer = change(sent, **{name: "approved"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]
    assert stored().body == "First words."


# --- Screened again --------------------------------------------------------------------------------------------------


def test_changed_text_is_screened_again(sent: dict[str, Any]) -> None:
    BlockRule.objects.create(kind="words", value="cheap pills", action="spam")
    assert change(sent, "Cheap PILLS: http://a.example http://b.example http://c.example").status_code == 200
    assert stored().status == "spam"
    assert "many_links" in stored().signals


def test_signals_go_with_the_text_that_caused_them(post: BlogPage) -> None:
    sent = send_comment(post, body="http://a.example http://b.example http://c.example").json()
    assert "many_links" in stored().signals
    change(sent, "Never mind.")
    assert "many_links" not in stored().signals


def test_change_does_not_wash_off_a_filled_honeypot(post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))
    sent = send_comment(post, ticket=ticket["ticket"], **{ticket["honeypot"]: "x"}).json()
    assert change(sent).status_code == 200
    assert stored().status == "spam"
    assert "honeypot" in stored().signals
    assert not Message.objects.exists()


def test_change_is_no_duplicate_of_itself(sent: dict[str, Any]) -> None:
    change(sent, "First words.")
    assert "duplicate" not in stored().signals


# --- Take back -------------------------------------------------------------------------------------------------------


def test_writer_takes_a_comment_back(sent: dict[str, Any]) -> None:
    answer = take_back(sent)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not ReaderComment.objects.exists()
    assert take_back(sent).status_code == change(sent).status_code == 404


def test_approved_comment_can_be_taken_back(post: BlogPage, sent: dict[str, Any]) -> None:
    approve(sent["id"])
    assert take_back(sent).status_code == 204
    assert Visitor().get(comments_path(post)).json()["results"] == []


def test_comment_that_was_answered_leaves_an_empty_place(post: BlogPage, sent: dict[str, Any]) -> None:
    approve(sent["id"])
    factories.make_comment(post, parent=stored(), author_name="Ben")
    assert take_back(sent).status_code == 204
    place, answer = Visitor().get(comments_path(post)).json()["results"]
    assert (place["removed"], place["body"], place["author_name"]) == (True, "", "")
    assert answer["author_name"] == "Ben"
    left = ReaderComment.objects.get(pk=sent["id"])
    assert not any([left.body, left.author_name, left.email, left.network, left.email_digest, left.text_digest])
    assert take_back(sent).status_code == change(sent).status_code == 404


# --- Who may write at all --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "age", "mode", "status"),
    [
        (0, 5000, "inherit", 202),
        (30, 29, "inherit", 202),
        (30, 30, "inherit", 403),
        (30, 5000, "open", 202),
        (0, 0, "closed", 403),
        (0, 0, "hidden", 404),
    ],
)
def test_post_takes_comments_for_as_long_as_the_clinic_says(
    days: int, age: int, mode: str, status: int, post: BlogPage
) -> None:
    factories.make_settings(comments_close_after_days=days)
    old = factories.make_post(age=timedelta(days=age), comments_mode=mode)
    ticket = "x" if mode == "hidden" else fetch_ticket(comment_ticket_path(old))["ticket"]
    answer = send_comment(old, ticket=ticket)
    assert answer.status_code == status
    assert ReaderComment.objects.exists() == (status == 202)
    if status == 403:
        assert answer.json()["code"] == "comments_closed"
    if mode != "hidden":
        assert Visitor().get(f"/api/v1/posts/{old.pk}/").json()["comments"]["open"] == (status == 202)
