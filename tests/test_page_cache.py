"""The page cache: what it keeps, for whom, for how long, and what it costs to fill."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import brotli
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from blog.models import BlogPage
from cms.journal import Journal
from cms.page_cache import MAX_AGE, PageCache
from home.models import SiteSettings
from tests import factories
from tests.choosing import choose
from tests.conftest import NOON, Visitor

HOST = "127.0.0.1:8000"
PUBLIC = ("Cache-Control", "public, max-age=0, must-revalidate")
Answered = tuple[int, dict[str, str], bytes]


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(title="Calf strain", slug="calf")


def renders() -> list[str]:
    """What Django was asked for so far."""
    return Visitor.page_cache.rendered


def still_kept(path: str, **headers: Any) -> bool:
    before = len(renders())
    Visitor().get(path, headers=headers)
    return len(renders()) == before


# --- Kept for everyone -----------------------------------------------------------------------------------------------


def test_page_is_made_once_for_all_visitors(post: BlogPage) -> None:
    first, second = Visitor().get("/blog/calf/"), Visitor().get("/blog/calf/")
    assert renders() == ["/blog/calf/"]
    assert (first.content, dict(first.headers)) == (second.content, dict(second.headers))


@pytest.mark.parametrize("path", ["/blog/", "/api/v1/posts/", "/api/v1/posts/?limit=5", "/no/such/page/", "/feed/"])
def test_what_is_the_same_for_everyone_is_kept(path: str, post: BlogPage) -> None:
    Visitor().get(path)
    assert still_kept(path)


def test_what_every_page_shows_is_asked_for_once(post: BlogPage) -> None:
    Visitor().get("/blog/")
    with CaptureQueriesContext(connection) as queries:
        Visitor().get("/blog/calf/")
    assert not [query for query in queries if "consent_revision" in query["sql"]]


def test_page_that_nobody_saw_before_shows_what_changed_on_every_page(post: BlogPage) -> None:
    Visitor().get("/blog/")
    settings = SiteSettings.objects.get()
    settings.name = "Tern Harbour Clinic"
    settings.save()
    assert "Tern Harbour Clinic" in Visitor().get("/blog/calf/").content.decode()


def test_visitors_with_opposite_choices_get_the_same_page(post: BlogPage) -> None:
    agreed, refused = Visitor(), Visitor()
    choose(agreed, "media", "analytics")
    choose(refused)
    answers = [visitor.get("/blog/calf/") for visitor in (agreed, refused) * 3]
    assert len({(answer.content, tuple(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("path", ["/", "/blog/calf/", "/api/v1/posts/", "/book/", "/search/?q=calf", "/nowhere/"])
def test_who_asks_first_leaves_no_trace(path: str, post: BlogPage) -> None:
    odd = {
        "Accept": "application/xml",
        "Accept-Language": "de",
        "Cookie": "a=b; csrf=made-up",
        "Forwarded": "host=evil.example",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/zz",
        "Sec-GPC": "1",
        "User-Agent": "zz",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/admin/",
    }
    first = Visitor().get(path, headers=odd)
    Visitor.page_cache.forget()
    second = Visitor().get(path)
    assert (first.content, dict(first.headers)) == (second.content, dict(second.headers))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil.example", "127.0.0.1.evil.example"])
def test_foreign_host_is_refused_for_a_kept_page_too(host: str, post: BlogPage) -> None:
    Visitor().get("/blog/calf/")
    assert Visitor(HTTP_HOST=host).get("/blog/calf/").status_code == 400


def test_plain_http_is_redirected_for_a_kept_page_too(post: BlogPage, settings: Any) -> None:
    settings.SITE_URL, settings.HTTPS, settings.SECURE_SSL_REDIRECT = f"https://{HOST}", True, True
    settings.NUM_PROXIES, settings.SECURE_PROXY_SSL_HEADER = 1, ("HTTP_X_FORWARDED_PROTO", "https")
    Visitor.page_cache.forget()
    assert Visitor().get("/blog/calf/", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert still_kept("/blog/calf/", **{"X-Forwarded-Proto": "https"})
    assert Visitor().get("/blog/calf/")["Location"] == f"https://{HOST}/blog/calf/"


# --- Never kept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/privacy-choices/",
        "/privacy-choices/receipt/",
        "/api/v1/consent/choice/",
        "/api/v1/forms/booking/ticket/",
        "/api/v1/changes/",
        "/healthz",
        "/readyz",
        "/preview/?content_type=blog.blogpage&token=x",
        "/comments/confirm/?token=x",
    ],
)
def test_what_is_one_visitors_own_is_asked_for_each_time(path: str, site: Any) -> None:
    Visitor().get(path)
    assert not still_kept(path)


def test_private_page_is_never_kept(post: BlogPage) -> None:
    assert Visitor().get("/blog/calf/").status_code == 200
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    assert Visitor().get("/blog/calf/").status_code == 404


def test_editor_is_answered_by_django(post: BlogPage) -> None:
    editor = Visitor()
    editor.force_login(get_user_model().objects.create_superuser("editor"))
    Visitor().get("/blog/calf/")
    assert editor.get("/blog/calf/").status_code == 200
    assert renders() == ["/blog/calf/"] * 2


def test_a_visitors_own_receipt_is_seen_by_no_other(site: Any) -> None:
    assert Visitor().get("/privacy-choices/receipt/").status_code == 404
    visitor = Visitor()
    choose(visitor, "media")
    assert visitor.get("/privacy-choices/receipt/").status_code == 200
    assert Visitor().get("/privacy-choices/receipt/").status_code == 404


# --- Parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["utm_source=x&utm_medium=y", "fbclid=1", "gclid=2&page=1"])
def test_tracking_parameters_share_the_page(query: str, post: BlogPage) -> None:
    Visitor().get("/blog/?page=1" if "page" in query else "/blog/")
    assert still_kept(f"/blog/?{query}")


def test_known_parameters_in_any_order_are_one_page(post: BlogPage) -> None:
    Visitor().get("/api/v1/posts/?limit=5&ordering=title")
    assert still_kept("/api/v1/posts/?ordering=title&limit=5")


def test_unknown_parameters_are_refused_by_the_api_as_ever(post: BlogPage) -> None:
    assert Visitor().get("/api/v1/posts/?limit=5&colour=red").status_code == 400


@pytest.mark.parametrize("path", ["/blog/calf/?x={}", "/no/such/page/{}/", "/blog/?q={}", "/search/?q=word{}"])
def test_flood_of_new_addresses_drives_no_read_page_out(path: str, post: BlogPage) -> None:
    Visitor.page_cache.forget(max_bytes=300_000)
    Visitor().get("/blog/calf/")
    for number in range(60):
        Visitor().get(path.format(number))
        assert still_kept("/blog/calf/")
    assert Visitor.page_cache.page_cache.used <= 300_000


# --- HTTP ------------------------------------------------------------------------------------------------------------


def test_browser_that_has_the_page_gets_304(post: BlogPage) -> None:
    page = Visitor().get("/blog/calf/")
    for seen in (page["ETag"], page["ETag"].removeprefix("W/"), f'"x", {page["ETag"]}', "*"):
        again = Visitor().get("/blog/calf/", headers={"If-None-Match": seen})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == page["ETag"]
        assert "Content-Length" not in again
    assert Visitor().get("/blog/calf/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_page_is_new_for_a_browser_that_has_the_old_one(post: BlogPage) -> None:
    old = Visitor().get("/blog/calf/")
    post.title = "Calf strain, revised"
    post.save()
    new = Visitor().get("/blog/calf/", headers={"If-None-Match": old["ETag"]})
    assert (new.status_code, new["ETag"] == old["ETag"]) == (200, False)


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0, gzip;q=0", ""),
        ("GZIP;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_encoding_that_the_browser_takes(header: str, encoding: str, post: BlogPage) -> None:
    decode: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
    plain = Visitor().get("/blog/calf/")
    page = Visitor().get("/blog/calf/", headers={"Accept-Encoding": header})
    assert page.headers.get("Content-Encoding", "") == encoding
    assert decode[encoding](page.content) == plain.content
    assert int(page["Content-Length"]) == len(page.content)
    assert page["Vary"] == "Accept-Encoding"
    assert renders() == ["/blog/calf/"]


def test_head_says_what_get_would(post: BlogPage) -> None:
    head, get = Visitor().head("/blog/calf/"), Visitor().get("/blog/calf/")
    assert (head.content, dict(head.headers)) == (b"", dict(get.headers))
    assert renders() == ["/blog/calf/"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_other_methods_reach_django(method: str, post: BlogPage) -> None:
    Visitor().get("/blog/calf/")
    assert getattr(Visitor(), method)("/blog/calf/").status_code in {200, 405}
    assert len(renders()) == 2


def test_proxy_may_keep_what_we_keep_to_the_end_of_the_second(noon: Any, post: BlogPage, settings: Any) -> None:
    settings.NUM_PROXIES = 1
    Visitor.page_cache.forget()
    assert Visitor().get("/blog/calf/")["X-Accel-Expires"] == f"@{int(NOON.timestamp())}"
    noon.shift(2)
    assert Visitor().get("/blog/calf/")["X-Accel-Expires"] == f"@{int(NOON.timestamp()) + 2}"
    assert "X-Accel-Expires" not in Visitor().get("/privacy-choices/")


# --- Time ------------------------------------------------------------------------------------------------------------


def test_page_that_expires_is_gone_at_its_time(noon: Any, post: BlogPage) -> None:
    BlogPage.objects.filter(pk=post.pk).update(expire_at=NOON + timedelta(minutes=5))
    paths = ("/blog/calf/", f"/api/v1/posts/{post.pk}/")
    assert [Visitor().get(path).status_code for path in paths] == [200, 200]
    assert b"Calf strain" in Visitor().get("/blog/").content
    noon.shift(timedelta(minutes=5))
    assert [Visitor().get(path).status_code for path in paths] == [404, 404]
    assert b"Calf strain" not in Visitor().get("/blog/").content


def test_first_day_to_ask_for_moves_on_at_midnight(site: Any, noon: Any) -> None:
    assert Visitor().get("/api/v1/booking/options/").json()["first_date"] == "2026-11-25"
    noon.shift(timedelta(hours=12))
    assert Visitor().get("/api/v1/booking/options/").json()["first_date"] == "2026-11-26"


def test_comments_close_at_their_time(noon: Any, post: BlogPage) -> None:
    factories.make_settings(comments_close_after_days=1)
    path = f"/api/v1/posts/{post.pk}/"
    assert Visitor().get(path).json()["comments"]["open"] is True
    noon.shift(timedelta(days=1, minutes=1))
    assert Visitor().get(path).json()["comments"]["open"] is False


# --- A cache alone, around small applications ------------------------------------------------------------------------


class Site:
    """A site of one page, whose next answers a test decides."""

    def __init__(self, body: bytes = b"page", tag: str = "site") -> None:
        self.status, self.body, self.tag, self.asked = "200 OK", body, tag, 0
        self.changes: list[tuple[int, str]] = []
        self.during: Callable[[], None] = lambda: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        body = self.body
        self.during()
        start_response(self.status, [PUBLIC, ("Cache-Tag", self.tag), ("Content-Length", str(len(body)))])
        return [body]

    def change(self, body: bytes, number: int | None = None, tag: str = "site") -> None:
        self.body = body
        self.changes.append((number or len(self.changes) + 1, tag))
        self.changes.sort()

    def journal(self) -> Journal:
        return Journal(lambda after: [row for row in self.changes if row[0] > after], lambda: 0)


def ask(cache: PageCache, path: str = "/", **headers: str) -> Answered:
    said: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": HOST, "wsgi.url_scheme": "http", **headers}
    body = b"".join(cache(environ, lambda status, headers: said.extend((status, headers))))
    return int(said[0][:3]), dict(said[1]), body


def test_change_while_a_page_is_made_is_in_it() -> None:
    site = Site(b"old")
    cache = PageCache(site, site.journal(), max_bytes=10**6)
    site.during = lambda: site.change(b"new") if site.asked == 1 else None
    assert ask(cache)[2] == b"new"
    assert ask(cache)[2] == b"new"
    assert site.asked == 2


def test_change_that_becomes_visible_late_is_not_skipped() -> None:
    site = Site(b"old")
    journal = site.journal()
    cache = PageCache(site, journal, max_bytes=10**6)
    site.change(b"old", number=6, tag="other")
    journal.poll()
    assert ask(cache)[2] == b"old"
    site.change(b"new", number=5)
    journal.poll()
    assert ask(cache)[2] == b"new"


def test_change_of_something_else_leaves_the_page() -> None:
    site = Site(b"page", tag="page-1,posts")
    journal = site.journal()
    cache = PageCache(site, journal, max_bytes=10**6)
    ask(cache)
    site.change(b"page", tag="page-2")
    journal.poll()
    ask(cache)
    assert site.asked == 1


def test_crowd_at_a_cold_page_makes_it_once() -> None:
    site, everybody = Site(), threading.Barrier(200)
    cache = PageCache(site, site.journal(), max_bytes=10**6)

    def arrive(_: int) -> Answered:
        everybody.wait()
        return ask(cache)

    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(arrive, range(200)))
    assert {(status, body) for status, _, body in answers} == {(200, b"page")}
    assert site.asked == 1


def test_last_good_copy_is_given_while_there_is_no_better_one(noon: Any) -> None:
    site = Site()
    cache = PageCache(site, site.journal(), max_bytes=10**6)
    ask(cache)
    site.status = "503 Service Unavailable"
    noon.shift(MAX_AGE + 1)
    assert ask(cache)[0] == 200
    assert ask(cache, "/other/")[0] == 503


def test_copy_that_is_known_to_be_wrong_is_not_given() -> None:
    site = Site()
    journal = site.journal()
    cache = PageCache(site, journal, max_bytes=10**6)
    ask(cache)
    site.status = "503 Service Unavailable"
    site.change(b"")
    journal.poll()
    assert ask(cache)[0] == 503
    site.status = "200 OK"
    assert ask(cache)[0] == 200


def test_memory_is_bounded_however_much_is_asked_for() -> None:
    site = Site(b"x" * 1000)
    cache = PageCache(site, site.journal(), max_bytes=100_000)
    for number in range(2000):
        ask(cache, f"/{number}/", HTTP_ACCEPT_ENCODING="gzip" if number % 2 else "")
    assert cache.used <= 100_000


def test_nothing_is_kept_without_room() -> None:
    site = Site()
    cache = PageCache(site, site.journal(), max_bytes=0)
    assert [ask(cache)[0] for _ in range(3)] == [200, 200, 200]
    assert (site.asked, cache.used) == (3, 0)
