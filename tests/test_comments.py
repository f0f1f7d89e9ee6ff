"""A visitor's comment: sent, held, decided about, answered, and shown as the plain text it is."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from blog.comment_serializers import COMMENTS_A_PAGE
from blog.models import BlogPage, ReaderComment
from blog.moderation import decide
from tests import factories
from tests.conftest import Visitor, fetch_ticket

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HOSTILE = "</script><img src=x onerror=alert(1)><b>bold</b> & \"'"


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post(slug="post")


def send(visitor: Visitor, post: BlogPage, **fields: Any) -> Any:
    ticket = fetch_ticket(f"/api/v1/forms/comment/ticket/?post={post.pk}")["ticket"]
    body = {"ticket": ticket, "author_name": "Ada", "body": "That helped."} | fields
    return visitor.send("POST", f"/api/v1/posts/{post.pk}/comments/", body)


def thread(visitor: Visitor, post: BlogPage, query: str = "") -> Any:
    return visitor.get(f"/api/v1/posts/{post.pk}/comments/{query}").json()


def everywhere(visitor: Visitor, post: BlogPage) -> str:
    paths = ("/", "/blog/", "/blog/post/", "/feed/", "/api/v1/posts/")
    return "".join(visitor.get(path).content.decode() for path in (*paths, f"/api/v1/posts/{post.pk}/comments/"))


def test_a_comment_is_taken_and_held(post: BlogPage, visitor: Visitor) -> None:
    answer = send(visitor, post, body="Wait for me")
    assert answer.status_code == 202
    assert answer["Cache-Control"] == "no-store"
    comment = ReaderComment.objects.get()
    assert answer.json().keys() == {"id", "status", "edit_token", "edit_until"}
    assert (answer.json()["id"], answer.json()["status"]) == (str(comment.pk), "pending")
    assert comment.status == "pending"


def test_a_held_comment_is_seen_nowhere(post: BlogPage, visitor: Visitor) -> None:
    comment_id = send(visitor, post, author_name="Quentin", body="Wait for me").json()["id"]
    assert "Wait for me" not in everywhere(visitor, post)
    assert "Quentin" not in everywhere(visitor, post)
    assert visitor.get(f"/api/v1/comments/{comment_id}/").status_code == 404
    assert thread(visitor, post) == {"count": 0, "next": None, "previous": None, "results": []}
    assert visitor.get(f"/api/v1/posts/{post.pk}/").json()["comments"]["count"] == 0


def test_an_approved_comment_is_seen_everywhere(post: BlogPage, visitor: Visitor) -> None:
    comment_id = send(visitor, post, body="Here I am", email="ada@visitor.example").json()["id"]
    decide(comment_id=comment_id, action="approve", user=get_user_model().objects.create_user("moderator"))
    assert "Here I am" in visitor.get("/blog/post/").content.decode()
    assert thread(visitor, post)["results"][0]["body"] == "Here I am"
    assert visitor.get(f"/api/v1/posts/{post.pk}/").json()["comments"]["count"] == 1
    assert visitor.get("/api/v1/posts/").json()["results"][0]["comments"] == {"count": 1}
    single = visitor.get(f"/api/v1/comments/{comment_id}/").json()
    assert single["page_url"].startswith("/blog/post/?comments=")
    assert single["page_url"].endswith(f"#c-{comment_id}")
    assert f'id="c-{comment_id}"' in visitor.get(single["page_url"]).content.decode()
    assert "ada@visitor.example" not in everywhere(visitor, post) + str(single)


def test_an_approved_comment_that_turns_out_to_be_spam_is_gone(post: BlogPage, visitor: Visitor) -> None:
    comment = factories.make_comment(post, body="Short-lived")
    answer = factories.make_comment(post, parent=comment, body="Below it")
    decide(comment_id=comment.pk, action="spam", user=get_user_model().objects.create_user("moderator"))
    assert "Short-lived" not in everywhere(visitor, post)
    assert "Below it" not in everywhere(visitor, post)
    assert visitor.get(f"/api/v1/comments/{answer.pk}/").status_code == 404
    assert visitor.get("/api/v1/posts/").json()["results"][0]["comments"] == {"count": 0}


def test_answers_stand_in_their_thread(post: BlogPage, visitor: Visitor) -> None:
    first = factories.make_comment(post, author_name="Ada")
    other = factories.make_comment(post, author_name="Dana")
    second = factories.make_comment(post, parent=first, author_name="Ben")
    factories.make_comment(post, parent=second, author_name="Cleo")
    shown = thread(visitor, post)["results"]
    assert [(entry["author_name"], entry["addressee"]) for entry in shown] == [
        ("Ada", ""),
        ("Ben", ""),
        ("Cleo", "Ben"),
        ("Dana", ""),
    ]
    assert [entry["thread"] for entry in shown] == [str(first.pk)] * 3 + [str(other.pk)]
    assert [entry["parent"] for entry in shown] == [None, str(first.pk), str(second.pk), None]


def test_an_answer_to_an_answer_joins_the_thread(post: BlogPage, visitor: Visitor) -> None:
    first = factories.make_comment(post)
    second = factories.make_comment(post, parent=first)
    assert send(visitor, post, parent=str(second.pk)).status_code == 202
    sent = ReaderComment.objects.get(status="pending")
    assert (sent.root, sent.parent) == (first, second)


def test_what_cannot_be_answered_tells_nothing_apart(post: BlogPage, visitor: Visitor) -> None:
    held = factories.make_comment(post, status="pending")
    below_held = factories.make_comment(post, parent=held)
    elsewhere = factories.make_comment(factories.make_post())
    ids = [UNKNOWN, held.pk, below_held.pk, elsewhere.pk, factories.make_comment(post, status="spam").pk]
    answers = [send(visitor, post, parent=str(pk)) for pk in ids]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert list(answers[0].json()["errors"]) == ["parent"]


@pytest.mark.parametrize(
    ("mode", "by_default", "is_open", "is_shown"),
    [
        ("inherit", True, True, True),
        ("inherit", False, False, True),
        ("open", False, True, True),
        ("closed", True, False, True),
        ("hidden", True, False, False),
    ],
)
def test_comment_modes(
    mode: str, by_default: bool, is_open: bool, is_shown: bool, site: Page, visitor: Visitor
) -> None:
    factories.make_settings(comments_enabled=by_default)
    post = factories.make_post(slug="post", comments_mode=mode)
    comment = factories.make_comment(post, body="Said before")
    state = visitor.get(f"/api/v1/posts/{post.pk}/").json()["comments"]
    assert (state["open"], state["shown"]) == (is_open, is_shown)
    page = visitor.get("/blog/post/").content.decode()
    assert ("Leave a comment" in page) == is_open
    assert ("Said before" in page) == is_shown
    assert visitor.get(f"/api/v1/posts/{post.pk}/comments/").status_code == (200 if is_shown else 404)
    assert visitor.get(f"/api/v1/comments/{comment.pk}/").status_code == (200 if is_shown else 404)
    assert visitor.get("/blog/post/comment/").status_code == (200 if is_open else 404)
    answer = visitor.send("POST", f"/api/v1/posts/{post.pk}/comments/", {})
    assert answer.status_code == (400 if is_open else 403 if is_shown else 404)


def test_a_closed_post_says_why_it_takes_nothing(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(comments_mode="closed")
    answer = visitor.send("POST", f"/api/v1/posts/{post.pk}/comments/", {})
    assert answer.json()["code"] == "comments_closed"


def test_comments_of_a_private_post_are_private(post: BlogPage, visitor: Visitor) -> None:
    comment = factories.make_comment(post)
    PageViewRestriction.objects.create(page=post.get_parent(), restriction_type=PageViewRestriction.LOGIN)
    for path in (f"posts/{post.pk}/comments/", f"comments/{comment.pk}/", f"forms/comment/ticket/?post={post.pk}"):
        assert visitor.get(f"/api/v1/{path}").status_code == 404


def test_what_a_visitor_writes_is_text(post: BlogPage, visitor: Visitor) -> None:
    factories.make_comment(post, author_name=HOSTILE, body=HOSTILE)
    page = visitor.get("/blog/post/").content.decode()
    assert "<img src=x" not in page
    assert "<b>bold</b>" not in page
    assert page.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") >= 2
    assert thread(visitor, post)["results"][0]["body"] == HOSTILE


def test_web_addresses_in_a_comment_become_plain_links(post: BlogPage, visitor: Visitor) -> None:
    factories.make_comment(post, body='See https://a.example/x?a=1&b="2" and javascript:alert(1).\n\nBye')
    page = visitor.get("/blog/post/").content.decode()
    assert '<a href="https://a.example/x?a=1&amp;b=" rel="nofollow ugc noopener">' in page
    assert 'href="javascript' not in page
    assert "<p>Bye</p>" in page


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"author_name": ""}, "author_name"),
        ({"author_name": "x" * 61}, "author_name"),
        ({"author_name": "two\nlines"}, "author_name"),
        ({"body": " "}, "body"),
        ({"body": "x" * 3001}, "body"),
        ({"body": "bell\x07"}, "body"),
        ({"email": "no address"}, "email"),
        ({"parent": "first"}, "parent"),
        ({"status": "approved"}, "status"),
        ({"is_staff": True}, "is_staff"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], wrong: str, post: BlogPage, visitor: Visitor) -> None:
    answer = send(visitor, post, **fields)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [wrong]
    assert not ReaderComment.objects.exists()


def test_a_refused_comment_may_be_sent_again_with_its_ticket(post: BlogPage, visitor: Visitor) -> None:
    ticket = fetch_ticket(f"/api/v1/forms/comment/ticket/?post={post.pk}")["ticket"]
    assert send(visitor, post, ticket=ticket, body="").status_code == 400
    assert send(visitor, post, ticket=ticket).status_code == 202


def fields_of(page: str) -> dict[str, str]:
    """The form that a browser without JavaScript would send back."""
    form = re.search(r'<form class="form[^"]*" method="post".*?</form>', page, re.DOTALL)
    assert form
    inputs = re.findall(r'<input [^>]*?name="([^"]+)"(?: value="([^"]*)")?', form[0])
    return {name: unescape(value) for name, value in inputs}


def test_a_comment_without_javascript(post: BlogPage, visitor: Visitor, time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    typed = {"author_name": "Ada <3", "email": "", "body": 'First line\n\n"Second" & last', "parent": ""}
    check = visitor.post("/blog/post/comment/", typed)
    assert check.status_code == 200
    assert "no-store" in check["Cache-Control"]
    page = check.content.decode()
    assert "Check your comment" in page
    fields = fields_of(page)
    assert {name: fields[name] for name in typed} == typed
    assert fields["ticket"]
    assert not ReaderComment.objects.exists()
    time_machine.shift(4)
    sent = visitor.post("/blog/post/comment/", fields)
    assert (sent.status_code, sent["Location"]) == (303, "/blog/post/comment/received/")
    assert "we have your comment" in visitor.get(sent["Location"]).content.decode()
    comment = ReaderComment.objects.get()
    assert (comment.author_name, comment.body, comment.status) == (typed["author_name"], typed["body"], "pending")


def test_a_comment_sent_too_soon_is_asked_for_again(post: BlogPage, visitor: Visitor) -> None:
    typed = {"author_name": "Ada", "body": "Quick"}
    fields = fields_of(visitor.post("/blog/post/comment/", typed).content.decode())
    again = visitor.post("/blog/post/comment/", fields)
    assert again.status_code == 400
    assert "That was very quick" in again.content.decode()
    assert fields_of(again.content.decode())["body"] == "Quick"


def test_a_form_with_mistakes_keeps_what_was_typed(post: BlogPage, visitor: Visitor) -> None:
    answer = visitor.post("/blog/post/comment/", {"author_name": "", "body": "Long thought <i>about</i>", "email": "a"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert '<a href="#author_name">Enter your name.</a>' in page
    assert "Long thought &lt;i&gt;about&lt;/i&gt;</textarea>" in page
    assert "<title>Error: " in page


def test_a_mistake_that_the_api_finds_is_shown_too(post: BlogPage, visitor: Visitor) -> None:
    ticket = fetch_ticket(f"/api/v1/forms/comment/ticket/?post={post.pk}")["ticket"]
    typed = {"author_name": "Ada", "body": "Kept", "email": "no address", "ticket": ticket}
    answer = visitor.post("/blog/post/comment/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'href="#email"' in page
    assert "Kept</textarea>" in page
    assert 'value="no address"' in page


def test_the_check_page_can_be_left_to_change_something(post: BlogPage, visitor: Visitor) -> None:
    fields = fields_of(visitor.post("/blog/post/comment/", {"author_name": "Ada", "body": "Draft"}).content.decode())
    page = visitor.post("/blog/post/comment/", fields | {"change": "1"}).content.decode()
    assert "Draft</textarea>" in page
    assert not ReaderComment.objects.exists()


def test_a_reply_without_javascript_shows_what_is_answered(post: BlogPage, visitor: Visitor) -> None:
    comment = factories.make_comment(post, author_name="Ben", body="What about hills?")
    page = visitor.get(f"/blog/post/comment/?parent={comment.pk}").content.decode()
    assert "You are replying to Ben" in page
    assert "What about hills?" in page
    assert fields_of(page)["parent"] == str(comment.pk)


@pytest.mark.parametrize("parent", ["", "x", UNKNOWN, "../../site", "%00"])
def test_a_reply_to_nothing_is_a_comment(parent: str, post: BlogPage, visitor: Visitor) -> None:
    page = visitor.get(f"/blog/post/comment/?parent={parent}")
    assert page.status_code == 200
    assert "replying-to" not in page.content.decode()


def test_only_posts_have_a_comment_page(site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    assert visitor.get("/about/comment/").status_code == 404
    assert visitor.get("/nowhere/comment/").status_code == 404


def test_long_conversation_goes_on_on_the_next_page(site: Any, visitor: Visitor) -> None:
    post = factories.make_post(slug="long")
    for number in range(COMMENTS_A_PAGE + 1):
        factories.make_comment(post, body=f"Thought {number}.")
    first = visitor.get("/blog/long/").content.decode()
    assert f"Thought {COMMENTS_A_PAGE - 1}." in first
    assert f"Thought {COMMENTS_A_PAGE}." not in first
    (more,) = set(re.findall(r'href="(/blog/long/\?comments=[0-9a-f]+)#', first))
    second = visitor.get(more).content.decode()
    assert f"Thought {COMMENTS_A_PAGE}." in second
    assert "Thought 0." not in second


@pytest.mark.parametrize("cursor", ["x", "3", "f" * 22, "0" * 21, "0" * 43, "%00"])
def test_page_of_comments_that_is_not_there_is_not_found(cursor: str, site: Any, visitor: Visitor) -> None:
    factories.make_comment(factories.make_post(slug="short"))
    assert visitor.get(f"/blog/short/?comments={cursor}").status_code == 404
