"""How often a page asks the database: a fixed number, however much there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from blog.models import BlogPage, ReaderComment
from cms.api import PAGE_TYPES
from home.querysets import site_root
from tests import factories
from tests.conftest import Visitor

BUDGETS = {
    "/": 17,
    "/blog/rich/": 15,
    "/blog/": 15,
    "/blog/?topic={topic}": 16,
    "/book/": 9,
    "/feed/": 10,
    "/sitemap.xml": 10,
    "/search/?q=post": 12,
    "/api/v1/site/": 5,
    "/api/v1/pages/?limit=1000": 6,
    "/api/v1/posts/?limit=20": 10,
    "/api/v1/posts/?limit=20&topic={topic}": 10,
    "/api/v1/posts/?search=post": 10,
    "/api/v1/posts/{post}/": 15,
    "/api/v1/pages/by-path/?path=/blog/rich/": 15,
    "/api/v1/posts/{post}/comments/?limit=50": 5,
    "/api/v1/booking/options/": 6,
    "/api/v1/consent/": 1,
}


@pytest.fixture
def visitor() -> Visitor:
    """One whose pages no cache has."""
    visitor = Visitor()
    visitor.handler = ClientHandler(enforce_csrf_checks=False)
    return visitor


@pytest.fixture
def world(noon: Any, site: Page) -> dict[str, Any]:
    """At a moment that stands still: lists are counted anew once a minute."""
    post = factories.make_rich_post(slug="rich")
    topic = post.topics.first()
    fill(10, topic)
    factories.make_practitioner(services=[factories.make_service()])
    link = {"label": "Post", "page": post, "url": ""}
    factories.make_settings(menu=[("link", link)], footer_menu=[("link", link)], logo=factories.make_picture())
    warm()
    return {"post": post.pk, "topic": topic.slug, "subject": topic}


def warm() -> None:
    """What every process reads once and keeps."""
    ContentType.objects.get_for_models(*PAGE_TYPES)
    site_root()


def fill(number: int, topic: Any) -> None:
    author = factories.make_author()
    picture = factories.make_picture()
    for _ in range(number):
        factories.make_post(authors=[author], topics=[topic], hero_image=picture)


def queries(visitor: Visitor, path: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert visitor.get(path).status_code == 200, path
    return [query["sql"] for query in captured.captured_queries]


@pytest.fixture
def count(world: dict[str, Any], visitor: Visitor) -> Callable[[], dict[str, int]]:
    def counted() -> dict[str, int]:
        return {path: len(queries(visitor, path.format(**world))) for path in [*BUDGETS, "/blog/rich/"]}

    return counted


def test_every_page_stays_within_its_budget(count: Callable[[], dict[str, int]]) -> None:
    counted = count()
    over = {path: (counted[path], budget) for path, budget in BUDGETS.items() if counted[path] > budget}
    assert over == {}


def test_more_posts_ask_no_more_queries(count: Callable[[], dict[str, int]], world: dict[str, Any]) -> None:
    # From here on every list has a second page, and so a query to count it.
    fill(15, world["subject"])
    before = count()
    fill(175, world["subject"])
    assert BlogPage.objects.count() >= 200
    assert count() == before


def test_more_comments_ask_no_more_queries(world: dict[str, Any], visitor: Visitor) -> None:
    post = BlogPage.objects.get(pk=world["post"])
    paths = [f"/api/v1/posts/{post.pk}/comments/?limit=50", "/blog/rich/", f"/api/v1/posts/{post.pk}/"]
    # From here on they have a second page, and so a query to count them.
    roots = [factories.make_comment(post) for _ in range(49)]
    before = [len(queries(visitor, path)) for path in paths]
    for root in roots:
        answer = factories.make_comment(post, parent=root)
        factories.make_comment(post, parent=answer)
    assert ReaderComment.objects.count() > 140
    assert [len(queries(visitor, path)) for path in paths] == before


def test_ten_thousand_comments_ask_no_more_queries_than_a_hundred(site: Page, visitor: Visitor) -> None:
    few, many = factories.make_post(slug="few"), factories.make_post(slug="many")
    for post, number in ((few, 100), (many, 10_000)):
        factories.make_comments(post, number)
    warm()
    last = ReaderComment.objects.filter(post=many).latest("thread_key").thread_key
    for template in ("/api/v1/posts/{}/comments/", "/blog/{}/", "/api/v1/posts/{}/"):
        name = "slug" if "blog" in template else "pk"
        paths = [template.format(getattr(post, name)) for post in (few, many)]
        visitor.get(paths[0])
        assert len({len(queries(visitor, path)) for path in paths}) == 1, template
    assert len(queries(visitor, f"/api/v1/posts/{many.pk}/comments/?cursor={last}")) <= 5


def test_more_of_everything_on_a_post_asks_no_more_queries(site: Page, visitor: Visitor) -> None:
    factories.make_rich_post(slug="small")
    picture = factories.make_picture(presets=("body",))
    blocks = factories.every_block(picture=picture, links_to=site) * 10
    factories.make_rich_post(
        slug="large",
        authors=[factories.make_author(photo=factories.make_picture(presets=("portrait",))) for _ in range(5)],
        topics=[factories.make_topic() for _ in range(5)],
        tags=[f"tag-{number}" for number in range(10)],
        body=blocks,
    )
    warm()
    counts = {name: len(queries(visitor, f"/blog/{name}/")) for name in ("small", "large")}
    assert counts["small"] == counts["large"]


def test_an_unknown_address_costs_little(world: dict[str, Any], visitor: Visitor) -> None:
    for path in ("/no/such/page/", "/blog/unknown/"):
        with CaptureQueriesContext(connection) as captured:
            assert visitor.get(path).status_code == 404
        assert len(captured) <= 8, path


@pytest.mark.parametrize("path", ["/api/v1/posts/?limit=20", "/api/v1/posts/{post}/comments/", "/blog/?page=2"])
def test_no_query_is_asked_twice(path: str, world: dict[str, Any], visitor: Visitor) -> None:
    asked = queries(visitor, path.format(**world))
    twice = sorted({sql for sql in asked if asked.count(sql) > 1})
    assert twice == []


# What grows with the site.
LARGE = re.compile(r"wagtailcore_page(?!view)|blog_blogpage(?!_)|blog_readercomment")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite’s plans")
@pytest.mark.parametrize(
    "path", ["/blog/rich/", "/api/v1/posts/{post}/", "/api/v1/pages/by-path/?path=/blog/rich/", "/no/such/page/"]
)
def test_a_page_is_found_without_looking_through_all_of_them(
    path: str, world: dict[str, Any], visitor: Visitor
) -> None:
    fill(150, world["subject"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a plan that is good without statistics may be a bad one with them
    with CaptureQueriesContext(connection) as captured:
        visitor.get(path.format(**world))
    plans = [step for query in captured.captured_queries for step in plan_of(query["sql"])]
    assert [step for step in plans if step.startswith("SCAN") and LARGE.search(step)] == []


def plan_of(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor.fetchall()]
