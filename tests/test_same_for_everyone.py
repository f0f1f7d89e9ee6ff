"""A public page has the same bytes for every visitor, sets no cookie and writes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import get_resolver, resolve
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.conftest import Visitor

# The same for everyone: {post}, {comment} and the like are ids, filled in below.
PUBLIC = [
    "/",
    "/about/",
    "/blog/",
    "/blog/?page=2",
    "/blog/?topic={topic}",
    "/blog/?author={author}",
    "/blog/?tag=calf",
    "/blog/rich/",
    "/blog/rich/comment/",
    "/blog/rich/comment/?parent={comment}",
    "/blog/rich/comment/received/",
    "/blog/rich/?comments={cursor}",
    "/blog/rich/feed/",
    "/feed/comments/",
    "/your-data/",
    "/your-data/received/",
    "/blog/rich/share/mastodon/",
    "/search/",
    "/search/?q=hurts",
    "/search/?q=nothing",
    "/book/",
    "/book/?service={service}",
    "/book/?service={timed}",
    "/book/manage/",
    "/book/received/",
    "/feed/",
    "/sitemap.xml",
    "/robots.txt",
    "/theme.css",
    "/.well-known/gpc.json",
    "/.well-known/security.txt",
    "/speculation-rules.json",
    "/no/such/page/",
    "/old/",
    "/old-for-now/",
    "/api/v1/site/",
    "/api/v1/pages/",
    "/api/v1/pages/by-path/?path=/",
    "/api/v1/pages/by-path/?path=/about/",
    "/api/v1/pages/by-path/?path=/blog/",
    "/api/v1/pages/by-path/?path=/blog/rich/",
    "/api/v1/pages/by-path/?path=/old/",
    "/api/v1/pages/by-path/?path=/no/",
    "/api/v1/posts/",
    "/api/v1/posts/?limit=2&offset=2",
    "/api/v1/posts/?topic={topic}",
    "/api/v1/posts/?search=hurts",
    "/api/v1/posts/?limit=x",
    "/api/v1/posts/{post}/",
    "/api/v1/posts/{post}/comments/",
    "/api/v1/posts/999999/",
    "/api/v1/comments/",
    "/api/v1/comments/{comment}/",
    "/api/v1/consent/",
    "/api/v1/booking/options/",
    "/api/v1/booking/slots/?service={live}",
    "/api/v1/schema/",
    "/api/v1/docs/",
    "/api/no/such/",
    "/healthz",
    "/readyz",
]
# Made for one visitor or one moment, so no cache may keep them; below they are only asked to write nothing.
PERSONAL = [
    "/feeds/practitioner/secret.ics",
    "/privacy-choices/",
    "/privacy-choices/bar.css",
    "/comments/confirm/?token=x",
    "/comments/unsubscribe/?token=x",
    "/your-data/confirm/?token=x",
    "/privacy-choices/receipt/",
    "/privacy-choices/receipt.json",
    "/preview/?content_type=blog.blogpage&token=x",
    "/embed/youtube/aqz-KE-bpKQ/",
    "/embed/matomo/visit/?path=/",
    "/api/v1/preview/?content_type=blog.blogpage&token=x",
    "/api/v1/changes/?after=0",
    "/api/v1/consent/choice/",
    "/api/v1/consent/receipts/aaaaaaaaaaaaaaaaaaaaaa/",
    "/api/v1/forms/booking/ticket/",
    "/api/v1/forms/comment/ticket/?post={post}",
    "/api/v1/forms/privacy/ticket/",
    "/media/images/no.jpg",
]
POST_ONLY = {
    "api/v1/booking/appointments/",
    "api/v1/booking/manage/",
    "api/v1/booking/manage/accept/",
    "api/v1/booking/manage/calendar/",
    "api/v1/booking/manage/cancel/",
    "api/v1/booking/manage/erase/",
    "api/v1/booking/manage/move/",
    "api/v1/booking/requests/",
    "api/v1/comments/confirm/",
    "api/v1/comments/unsubscribe/",
    "api/v1/consent/once/",
    "api/v1/privacy/confirm/",
    "api/v1/privacy/requests/",
    "csp-report/",
}
CACHEABLE = "public, max-age=0, must-revalidate"
DAILY = {"/speculation-rules.json"}
# Free times, which are somebody else's a moment later.
AGING = {"/api/v1/booking/slots/?service={live}", "/book/?service={timed}"}
# The same until the code changes.
CONSTANT = {"/.well-known/gpc.json", "/speculation-rules.json", "/api/v1/schema/", "/api/v1/docs/"}


@pytest.fixture
def world(site: Page) -> dict[str, Any]:
    """A site that has one of everything, with the ids that paths name."""
    post = factories.make_rich_post(slug="rich")
    for _ in range(9):
        factories.make_post()
    factories.make_page(slug="about")
    service = factories.make_service()
    live = factories.make_service(booking="live")
    practitioner = factories.make_practitioner(services=[service, live])
    factories.make_rule(practitioner)
    factories.make_settings(accent_light="#7A1F2B")
    Redirect.objects.create(old_path="/old", redirect_page=post)
    Redirect.objects.create(old_path="/old-for-now", redirect_link="https://elsewhere.example/", is_permanent=False)
    topic, author = post.topics.first(), post.post_authors.first().author
    comment = post.comments.first()
    return {
        "service": service.slug,
        "timed": live.slug,
        "live": live.pk,
        "post": post.pk,
        "comment": comment.pk,
        "cursor": comment.thread_key,
        "topic": topic.slug,
        "author": author.slug,
    }


def stranger() -> Visitor:
    return Visitor(HTTP_USER_AGENT="A", REMOTE_ADDR="192.0.2.1")


def somebody_else() -> Visitor:
    """Another browser, from elsewhere, in another language, full of cookies."""
    visitor = Visitor(
        HTTP_ACCEPT="text/html",
        HTTP_USER_AGENT="Mozilla/5.0 (iPhone)",
        HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9",
        HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1",
        HTTP_X_FORWARDED_PROTO="https",
        HTTP_FORWARDED="for=203.0.113.9;host=evil.example",
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_REFERER="https://search.example/",
        HTTP_SEC_GPC="1",
        HTTP_DNT="1",
        HTTP_SAVE_DATA="on",
        HTTP_SEC_FETCH_SITE="cross-site",
        REMOTE_ADDR="203.0.113.9",
    )
    visitor.cookies.load(
        {"sessionid": "x", "session": "made-up", "csrf": "x", "theme": "dark", "django_language": "de"}
    )
    return visitor


def editor() -> Visitor:
    visitor = Visitor()
    visitor.force_login(get_user_model().objects.create_superuser("editor"))
    return visitor


def consenting() -> Visitor:
    visitor = Visitor()
    revision = visitor.get("/api/v1/consent/").json()["revision"]
    answer = visitor.send("PUT", "/api/v1/consent/choice/", {"revision": revision, "choices": {"media": True}})
    assert answer.status_code == 200
    return visitor


def headers_of(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "Date"}


def rows() -> dict[str, int]:
    """How many rows every table has."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        counts = {}
        for name in names:
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            counts[name] = cursor.fetchone()[0]
    return counts


def files() -> set[Path]:
    return set(Path(settings.MEDIA_ROOT).rglob("*"))


def routes(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(("admin/", "django-admin/")):
            continue
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route.replace("v1/^", "v1/")


def test_every_route_is_asked_for_below() -> None:
    ids = {
        "service": "s",
        "timed": "t",
        "live": "l",
        "post": 1,
        "topic": "t",
        "author": "a",
        "cursor": "0",
        "comment": uuid.UUID(int=0),
    }
    asked = {resolve(path.format(**ids).split("?")[0]).route for path in PUBLIC + PERSONAL}
    missing = {route for route in routes(get_resolver().url_patterns) if route not in asked}
    assert missing == POST_ONLY


@pytest.mark.parametrize("other", [somebody_else, editor, consenting])
def test_two_visitors_get_the_same_answer(other: Callable[[], Visitor], world: dict[str, Any]) -> None:
    first, second = stranger(), other()
    for path in (path.format(**world) for path in PUBLIC):
        one, two = first.get(path), second.get(path)
        assert one.status_code == two.status_code < 500, path
        assert one.content == two.content, path
        assert headers_of(one) == headers_of(two), path


def test_a_public_answer_says_that_any_cache_may_keep_it(world: dict[str, Any]) -> None:
    visitor = somebody_else()
    for path in PUBLIC:
        response = visitor.get(path.format(**world))
        is_private = path in {"/healthz", "/readyz"} or (path.startswith("/api/") and response.status_code >= 400)
        shared = "public, max-age=30" if path in AGING else CACHEABLE
        shared = "public, max-age=86400" if path in DAILY else shared
        assert response["Cache-Control"] == ("no-store" if is_private else shared), path
        assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding", path
        assert not response.cookies, path


def test_a_public_answer_names_what_it_was_made_from(world: dict[str, Any]) -> None:
    visitor = stranger()
    for path in set(PUBLIC) - CONSTANT:
        response = visitor.get(path.format(**world))
        assert bool(response.get("Cache-Tag")) == response["Cache-Control"].startswith("public"), path


def test_what_belongs_to_one_visitor_is_kept_by_no_cache(world: dict[str, Any]) -> None:
    visitor = consenting()
    for path in set(PERSONAL) - {"/media/images/no.jpg"}:
        response = visitor.get(path.format(**world))
        assert response.status_code == 404 or "no-store" in response["Cache-Control"], path


@pytest.mark.parametrize("make", [stranger, somebody_else])
def test_reading_writes_no_row_and_no_file(make: Callable[[], Visitor], world: dict[str, Any]) -> None:
    visitor, before = make(), (rows(), files())
    for path in PUBLIC + PERSONAL:
        response = visitor.get(path.format(**world))
        assert response.status_code < 500, path
        assert not response.cookies, path
        assert (rows(), files()) == before, path


def test_reading_a_page_whose_pictures_were_never_made_makes_none(site: Page, visitor: Visitor) -> None:
    picture = factories.make_picture()
    body = factories.every_block(picture=picture, links_to=site)
    factories.make_post(slug="bare", hero_image=picture, body=body)
    before = (rows(), files())
    assert visitor.get("/blog/bare/").status_code == 200
    assert (rows(), files()) == before


@pytest.mark.parametrize("path", ["/", "/blog/rich/", "/feed/", "/api/v1/posts/", "/api/v1/site/"])
def test_what_has_not_changed_is_not_sent_again(path: str, world: dict[str, Any], visitor: Visitor) -> None:
    first = visitor.get(path)
    again = visitor.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]


def test_what_has_changed_is_sent_again(world: dict[str, Any], visitor: Visitor) -> None:
    first = visitor.get("/blog/rich/")
    factories.make_comment(BlogPage.objects.get(pk=world["post"]), body="New here")
    again = visitor.get("/blog/rich/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 200
    assert "New here" in again.content.decode()


def test_compressed_answers_are_the_same_bytes_too(world: dict[str, Any], visitor: Visitor) -> None:
    first, second = (visitor.get("/blog/rich/", HTTP_ACCEPT_ENCODING="gzip") for _ in range(2))
    assert first["Content-Encoding"] == "gzip"
    assert first.content == second.content


def test_an_answer_does_not_depend_on_the_host_that_was_asked(world: dict[str, Any]) -> None:
    by_name, by_number = Visitor(HTTP_HOST="localhost"), Visitor()
    for path in ("/", "/blog/rich/", "/api/v1/posts/?limit=2", "/feed/", "/sitemap.xml", "/robots.txt"):
        assert by_name.get(path).content == by_number.get(path).content, path


def test_a_post_is_tagged_with_its_page_and_its_comments(world: dict[str, Any], visitor: Visitor) -> None:
    tags = visitor.get("/blog/rich/")["Cache-Tag"].split(",")
    assert {f"page-{world['post']}", f"comments-{world['post']}", "posts", "site", "consent"} <= set(tags)
    assert len(tags) == len(set(tags))


def test_an_approved_comment_is_on_everyones_page(world: dict[str, Any]) -> None:
    comment = factories.make_comment(BlogPage.objects.get(pk=world["post"]), status="pending", body="Held so far")
    assert "Held so far" not in stranger().get("/blog/rich/").content.decode()
    comment.status = ReaderComment.Status.APPROVED
    comment.save()
    assert "Held so far" in somebody_else().get("/blog/rich/").content.decode()
