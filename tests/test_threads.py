"""The comments of a post as the API gives them: flat, thread by thread, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from blog import moderation, services, tokens
from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.conftest import IN_THREADS, Visitor, in_threads
from tests.forms import comments_path

OWN = "http://127.0.0.1:8000"
SHOWN_STATES = {"approved", "removed", "erased"}


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(slug="post")


@pytest.fixture
def moderator(site: Any) -> Any:
    return get_user_model().objects.create_user("moderator")


def listed(post: BlogPage, query: str = "") -> dict[str, Any]:
    answer = Visitor().get(comments_path(post) + query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def pages(post: BlogPage, query: str) -> Iterator[dict[str, Any]]:
    """The first page and every one after it, by its own links."""
    page = listed(post, query)
    yield page
    while page["next"]:
        assert page["next"].startswith(OWN + comments_path(post))
        page = Visitor().get(page["next"].removeprefix(OWN)).json()
        yield page


def ids(page: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in page["results"]]


def in_order(post: BlogPage) -> list[str]:
    """Every shown comment as it should come: by thread, oldest thread first, and in a thread by time."""

    def place(comment: ReaderComment) -> tuple[Any, ...]:
        begins = comment.root or comment
        return (begins.created_at, begins.pk, comment.root_id is not None, comment.created_at, comment.pk)

    shown = ReaderComment.objects.filter(post=post, is_shown=True).select_related("root")
    return [str(comment.pk) for comment in sorted(shown, key=place)]


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_pages_together_give_every_thread_once_and_in_order(limit: int, post: BlogPage) -> None:
    factories.make_comments(post, 300 if limit > 1 else 20)
    found = list(pages(post, f"?limit={limit}"))
    assert [pk for page in found for pk in ids(page)] == in_order(post)
    assert {page["count"] for page in found} == {ReaderComment.objects.count()}
    assert all(len(ids(page)) == limit for page in found[:-1])


@pytest.mark.parametrize("limit", [7, 50, 100])
def test_pages_together_give_one_long_thread_once_and_in_order(limit: int, post: BlogPage) -> None:
    before, root = (factories.make_comment(post) for _ in range(2))
    factories.make_comments(post, 300, root=root)
    after = factories.make_comment(post)
    found = [pk for page in pages(post, f"?limit={limit}") for pk in ids(page)]
    assert found == in_order(post)
    assert (found[:2], found[-1]) == ([str(before.pk), str(root.pk)], str(after.pk))


@pytest.mark.parametrize(("number", "limit"), [(23, 5), (20, 5), (10, 5), (6, 5), (11, 10), (4, 1)])
def test_way_back_gives_every_comment_once(number: int, limit: int, post: BlogPage) -> None:
    factories.make_comments(post, number)
    page = list(pages(post, f"?limit={limit}"))[-1]
    found = ids(page)
    while page["previous"]:
        page = Visitor().get(page["previous"].removeprefix(OWN)).json()
        found = ids(page) + found
        assert len(found) <= number
    assert found == in_order(post)


def test_first_page_has_none_before_it(post: BlogPage) -> None:
    factories.make_comments(post, 3)
    assert listed(post, "?limit=2")["previous"] is None


def test_cursor_stays_right_when_something_is_approved_in_between(post: BlogPage, moderator: Any) -> None:
    held = factories.make_comment(post, status="pending", created_at=timezone.now())
    factories.make_comments(post, 5)
    factories.make_comments(post, 5, root=held)
    first = listed(post, "?limit=3")
    moderation.decide(comment_id=held.pk, action="approve", user=moderator)
    rest = Visitor().get(first["next"].removeprefix(OWN)).json()
    later = listed(post, "?limit=100")
    assert ids(first) + ids(rest) == ids(later)[:6]


def test_cursor_stays_right_when_an_older_comment_is_approved(post: BlogPage, moderator: Any) -> None:
    factories.make_comments(post, 6)
    oldest = ReaderComment.objects.order_by("thread_key")[0]
    held = factories.make_comment(post, status="pending", created_at=oldest.created_at - timezone.timedelta(1))
    first = listed(post, "?limit=3")
    moderation.decide(comment_id=held.pk, action="approve", user=moderator)
    rest = Visitor().get(first["next"].removeprefix(OWN)).json()
    assert ids(rest) == in_order(post)[4:7]
    assert not set(ids(first)) & set(ids(rest))


def test_comment_of_the_cursor_may_be_gone(post: BlogPage, moderator: Any) -> None:
    factories.make_comments(post, 6)
    first = listed(post, "?limit=3")
    fourth = in_order(post)[3]
    moderation.decide(comment_id=fourth, action="spam", user=moderator)
    assert ids(Visitor().get(first["next"].removeprefix(OWN)).json()) == in_order(post)[3:]


@pytest.mark.parametrize(
    ("cursor", "status"),
    [
        pytest.param("f" * 22, 404, id="after everything"),
        pytest.param("f" * 44, 404, id="after every answer"),
        pytest.param("0" * 21, 400, id="too short"),
        pytest.param("0" * 23, 400, id="between the lengths"),
        pytest.param("0" * 45, 400, id="too long"),
        pytest.param("F" * 22, 400, id="capitals"),
        pytest.param("0" * 22 + "%0A", 400, id="line feed"),
        pytest.param("%00", 400, id="NUL"),
        pytest.param("%D9%A1" * 22, 400, id="Arabic digits"),
        pytest.param("x" * 5000, 400, id="huge"),
        pytest.param("' OR 1=1 --", 400, id="SQL"),
    ],
)
def test_cursor_of_nothing_is_refused(cursor: str, status: int, post: BlogPage) -> None:
    factories.make_comments(post, 3)
    answer = Visitor().get(f"{comments_path(post)}?cursor={cursor}")
    assert answer.status_code == status
    assert answer.json().keys() == {"code", "detail", "errors"}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e1", ""])
def test_limit_out_of_bounds_is_refused(limit: str, post: BlogPage) -> None:
    assert Visitor().get(f"{comments_path(post)}?limit={limit}").status_code == 400


def test_links_name_our_own_host_whatever_was_asked(post: BlogPage, settings: Any) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://clinic.example", ["*"]
    factories.make_comments(post, 5)
    first = Visitor(HTTP_HOST="other.example").get(comments_path(post) + "?limit=2&x=y").json()
    assert first["next"].startswith(f"https://clinic.example{comments_path(post)}?cursor=")
    assert "x=y" not in first["next"]
    second = Visitor(HTTP_HOST="other.example").get(first["next"].removeprefix("https://clinic.example")).json()
    assert second["previous"] == f"https://clinic.example{comments_path(post)}?limit=2"


def test_comments_of_two_posts_never_mix(post: BlogPage) -> None:
    other = factories.make_post()
    factories.make_comments(post, 6)
    factories.make_comments(other, 6)
    mine, theirs = ([pk for page in pages(one, "?limit=4") for pk in ids(page)] for one in (post, other))
    assert (mine, theirs) == (in_order(post), in_order(other))


@pytest.mark.parametrize("place", [0, 1, 49, 50, 51, 119])
def test_page_url_of_a_comment_leads_to_a_page_that_has_it(place: int, post: BlogPage) -> None:
    factories.make_comments(post, 3)
    root = factories.make_comment(post)
    factories.make_comments(post, 120, root=root)
    comment_id = in_order(post)[4 + place]
    url = Visitor().get(f"/api/v1/comments/{comment_id}/").json()["page_url"]
    query, fragment = url.removeprefix("/blog/post/").split("#")
    assert fragment == f"c-{comment_id}"
    assert comment_id in ids(listed(post, query.replace("comments=", "cursor=") + "&limit=50"))


def test_newest_comments_come_first_and_from_every_post(post: BlogPage) -> None:
    other = factories.make_post()
    first, second, third = (factories.make_comment(one) for one in (post, other, post))
    newest = Visitor().get("/api/v1/comments/").json()
    assert ids(newest) == [str(comment.pk) for comment in (third, second, first)]
    assert ids(Visitor().get(f"/api/v1/comments/?post={post.pk}").json()) == [str(third.pk), str(first.pk)]


# --- What is shown ---------------------------------------------------------------------------------------------------


def test_removed_comment_leaves_its_place_for_its_answers(post: BlogPage, moderator: Any) -> None:
    root = factories.make_comment(post, author_name="Quentin", body="Regretted")
    answer = factories.make_comment(post, parent=root, author_name="Ben")
    factories.make_comment(post, parent=answer, author_name="Cleo")
    moderation.decide(comment_id=root.pk, action="remove", user=moderator)
    place, ben, cleo = listed(post)["results"]
    assert (place["id"], place["removed"], place["author_name"], place["body"]) == (str(root.pk), True, "", "")
    assert (ben["author_name"], cleo["addressee"]) == ("Ben", "Ben")
    assert listed(post)["count"] == 2
    assert "Quentin" not in str(listed(post))
    assert "Regretted" not in str(listed(post))
    assert Visitor().get(f"/api/v1/comments/{root.pk}/").status_code == 404


def test_removed_comment_without_answers_leaves_nothing(post: BlogPage, moderator: Any) -> None:
    root = factories.make_comment(post)
    factories.make_comment(post, parent=root, status="pending")
    moderation.decide(comment_id=root.pk, action="remove", user=moderator)
    assert listed(post)["results"] == []


def test_place_goes_with_its_last_answer(post: BlogPage, moderator: Any) -> None:
    root = factories.make_comment(post)
    answer = factories.make_comment(post, parent=root)
    moderation.decide(comment_id=root.pk, action="remove", user=moderator)
    moderation.erase(comment_id=answer.pk, user=moderator)
    assert listed(post) == {"count": 0, "next": None, "previous": None, "results": []}


def test_whom_an_answer_was_for_is_not_named_once_that_one_is_gone(post: BlogPage, moderator: Any) -> None:
    root = factories.make_comment(post)
    ben = factories.make_comment(post, parent=root, author_name="Ben")
    factories.make_comment(post, parent=ben, author_name="Cleo")
    moderation.decide(comment_id=ben.pk, action="remove", user=moderator)
    assert "Ben" not in str(listed(post))


def test_thread_under_spam_stays_hidden_when_the_spam_is_erased(post: BlogPage, moderator: Any) -> None:
    root = factories.make_comment(post)
    factories.make_comment(post, parent=root, body="Below spam")
    moderation.decide(comment_id=root.pk, action="spam", user=moderator)
    assert listed(post)["results"] == []
    moderation.erase(comment_id=root.pk, user=moderator)
    assert listed(post)["results"] == []


def definition(post: BlogPage) -> set[Any]:
    """What should be shown, told another way: comment by comment, from the states alone."""
    comments = list(ReaderComment.objects.filter(post=post))
    states = {comment.pk: comment.status for comment in comments}
    answered = {comment.root_id for comment in comments if comment.root_id and comment.status == "approved"}
    return {comment.pk for comment in comments if _should_show(comment, states, answered)}


def _should_show(comment: ReaderComment, states: dict[Any, str], answered: set[Any]) -> bool:
    if comment.root_id:
        return comment.status == "approved" and states[comment.root_id] in SHOWN_STATES
    return comment.status == "approved" or (comment.status in SHOWN_STATES and comment.pk in answered)


def step(dice: Random, post: BlogPage, moderator: Any) -> None:
    """Something that a visitor or a moderator may do next."""
    comments = list(ReaderComment.objects.filter(post=post).order_by("thread_key"))
    chosen = dice.choice(comments) if comments else None
    match dice.choice(["write", "write", "answer", "decide", "decide", "decide", "erase", "withdraw", "clinic"]):
        case "write":
            factories.make_comment(post, status=dice.choice(["pending", "spam"]))
        case "answer" if chosen and chosen.is_shown and chosen.status == "approved":
            factories.make_comment(post, parent=chosen, status="pending")
        case "clinic" if chosen and chosen.is_shown and chosen.status == "approved":
            moderation.reply_as_clinic(parent=chosen, body="Thank you.", user=moderator)
        case "decide" if chosen:
            legal = [name for name, action in moderation.ACTIONS.items() if chosen.status in action.sources]
            if legal:
                moderation.decide(comment_id=chosen.pk, action=dice.choice(legal), user=moderator)
        case "erase" if chosen:
            moderation.erase(comment_id=chosen.pk, user=moderator)
        case "withdraw" if chosen and chosen.status != "erased":
            services.withdraw_comment(comment=chosen)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_decided_what_is_shown_is_what_should_be(seed: int, post: BlogPage, moderator: Any) -> None:
    dice = Random(seed)
    for number in range(120):
        step(dice, post, moderator)
        shown = set(ReaderComment.objects.filter(post=post, is_shown=True).values_list("pk", flat=True))
        assert shown == definition(post), number
    approved = ReaderComment.objects.filter(pk__in=shown, status="approved").count()
    assert listed(post, "?limit=100")["count"] == approved
    assert [pk for page in pages(post, "?limit=9") for pk in ids(page)] == in_order(post)


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
def test_decisions_about_one_thread_at_once_leave_it_right() -> None:
    def prepare() -> tuple[BlogPage, Any, list[ReaderComment]]:
        post, user = factories.make_post(), get_user_model().objects.create_user("moderator")
        roots = [factories.make_comment(post) for _ in range(12)]
        answers = [factories.make_comment(post, parent=root, status="pending") for root in roots]
        return post, user, [comment for pair in zip(roots, answers, strict=True) for comment in pair]

    def decide(comment: ReaderComment) -> None:
        action = "remove" if comment.status == "approved" else "approve"
        moderation.decide(comment_id=comment.pk, action=action, user=user)

    ((post, user, comments),) = in_threads([prepare])
    in_threads([lambda comment=comment: decide(comment) for comment in comments])  # type: ignore[misc]
    ((shown, expected),) = in_threads(
        [lambda: (set(ReaderComment.objects.filter(is_shown=True).values_list("pk", flat=True)), definition(post))]
    )
    assert shown == expected


# --- What is held ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed", "erased"])
def test_comment_that_is_not_shown_can_be_read_by_nobody(status: str, post: BlogPage) -> None:
    """By no id, token or route, and not as the parent of another."""
    shown = factories.make_comment(post, body="shown")
    held = factories.make_comment(post, status=status, body="zzheldzz", author_name="zznamezz", email="zz@mail.example")
    factories.make_comment(post, parent=held, body="zzbelowzz" if status in {"pending", "rejected", "spam"} else "ok")
    made = [tokens.edit_token(held), tokens.confirm_token(held), tokens.unsubscribe_token(held)]
    routes = ["comments/", f"comments/?post={post.pk}", f"posts/{post.pk}/", f"posts/{post.pk}/comments/", "posts/"]
    routes += [f"comments/{comment.pk}/" for comment in ReaderComment.objects.all()]
    routes += [f"posts/{post.pk}/comments/?cursor={held.thread_key}", f"forms/comment/ticket/?post={post.pk}"]
    texts = [
        Visitor().get(f"/api/v1/{route}", headers=headers).content.decode()
        for route in routes
        for headers in [{}, *({"Authorization": f"Comment {token}"} for token in made)]
    ]
    texts += [Visitor().get(path).content.decode() for path in ("/api/v1/posts/?search=zzheldzz", "/feed/")]
    assert "shown" in "".join(texts)
    told = re.compile("zzheldzz|zznamezz|zzbelowzz|zz@mail")
    assert not [text for text in texts if told.search(text.replace("search=zzheldzz", ""))]
    assert str(shown.pk) in "".join(texts)


def test_token_reads_nothing_of_another_comment(post: BlogPage) -> None:
    mine, other = factories.make_comment(post, status="pending"), factories.make_comment(post, status="pending")
    answer = Visitor().send(
        "PATCH",
        f"/api/v1/comments/{other.pk}/",
        {"body": "Mine now."},
        headers={"Authorization": f"Comment {tokens.edit_token(mine)}"},
    )
    assert answer.status_code == 404
    other.refresh_from_db()
    assert other.body == "That helped."


# --- As a cache sees it ----------------------------------------------------------------------------------------------


def test_list_that_has_not_changed_is_not_sent_again(post: BlogPage) -> None:
    factories.make_comment(post)
    first = Visitor().get(comments_path(post))
    assert first["ETag"]
    assert "public" in first["Cache-Control"]
    assert first["Cache-Tag"] == f"comments-{post.pk},page-{post.pk}"
    again = Visitor().get(comments_path(post), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    factories.make_comment(post)
    changed = Visitor().get(comments_path(post), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_list_is_the_same_for_everyone_and_sets_no_cookie(post: BlogPage) -> None:
    factories.make_comment(post)
    answers = [
        Visitor(**meta).get(comments_path(post))
        for meta in ({}, {"HTTP_COOKIE": "sessionid=x; consent=y"}, {"HTTP_ACCEPT_LANGUAGE": "de"})
    ]
    assert len({answer.content for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)
    assert {answer.get("Vary") for answer in answers} == {"Accept-Encoding"}
