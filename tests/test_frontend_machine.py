"""What programs read: feed, sitemap and the small files at fixed addresses, on both ways to the API."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.utils.dateparse import parse_datetime
from wagtail.models import PageViewRestriction

from tests import factories
from tests.conftest import Visitor

SITE = "http://127.0.0.1:8000"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

pytestmark = pytest.mark.usefixtures("site", "transport")


def xml(visitor: Visitor, path: str) -> ElementTree.Element:
    response = visitor.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)  # noqa: S314


def sitemap_addresses(visitor: Visitor) -> list[str]:
    return [entry.text or "" for entry in xml(visitor, "/sitemap.xml").iter(f"{SITEMAP}loc")]


# --- Feed ------------------------------------------------------------------------------------------------------------


def test_feed_names_the_clinic(visitor: Visitor) -> None:
    factories.make_settings(tagline="Physiotherapy & running")
    response = visitor.get("/feed/")
    channel = xml(visitor, "/feed/").find("channel")
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert channel is not None
    assert channel.findtext("title") == "Tern Street Clinic"
    assert channel.findtext("description") == "Physiotherapy & running"
    assert channel.findtext("link") == f"{SITE}/blog/"
    assert channel.findtext("language") == "en-GB"


def test_feed_holds_the_newest_posts_first(visitor: Visitor) -> None:
    factories.make_post(title="Older", age=timedelta(days=2))
    factories.make_post(
        title="Newer & better",
        slug="newer",
        intro="Why.",
        authors=[factories.make_author(name="Maren Holt")],
        topics=[factories.make_topic(name="Running")],
    )
    newer, older = xml(visitor, "/feed/").iter("item")
    assert older.findtext("title") == "Older"
    assert newer.findtext("title") == "Newer & better"
    assert newer.findtext("link") == newer.findtext("guid") == f"{SITE}/blog/newer/"
    assert newer.findtext("description") == "Why."
    assert newer.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Maren Holt"
    assert newer.findtext("category") == "Running"
    assert newer.findtext("pubDate")


def test_feed_ends_at_twenty_posts(visitor: Visitor) -> None:
    for _ in range(21):
        factories.make_post()
    assert len(list(xml(visitor, "/feed/").iter("item"))) == 20


def test_feed_holds_a_post_without_a_date(visitor: Visitor) -> None:
    factories.make_post(title="Imported", first_published_at=None, last_published_at=None)
    (item,) = xml(visitor, "/feed/").iter("item")
    assert item.findtext("title") == "Imported"
    assert item.find("pubDate") is None


# --- Sitemap ---------------------------------------------------------------------------------------------------------


def test_sitemap_lists_every_public_page(visitor: Visitor) -> None:
    factories.make_page(slug="about")
    factories.make_post(slug="calf")
    assert sitemap_addresses(visitor) == [f"{SITE}/", f"{SITE}/about/", f"{SITE}/blog/", f"{SITE}/blog/calf/"]


def test_sitemap_says_when_a_page_was_last_changed(visitor: Visitor) -> None:
    post = factories.make_post(slug="calf")
    (changed,) = [
        entry.findtext(f"{SITEMAP}lastmod")
        for entry in xml(visitor, "/sitemap.xml")
        if entry.findtext(f"{SITEMAP}loc") == f"{SITE}/blog/calf/"
    ]
    assert parse_datetime(changed or "") == post.last_published_at


def test_every_entry_of_the_sitemap_has_a_valid_date_or_none(visitor: Visitor) -> None:
    factories.make_page(last_published_at=None)
    for entry in xml(visitor, "/sitemap.xml"):
        changed = entry.findtext(f"{SITEMAP}lastmod")
        assert changed is None or parse_datetime(changed)


def test_sitemap_leaves_out_what_is_not_for_everyone(visitor: Visitor) -> None:
    factories.make_page(slug="draft", live=False)
    factories.make_page(slug="hidden", is_hidden_from_search_engines=True)
    private = factories.make_page(slug="private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    assert sitemap_addresses(visitor) == [f"{SITE}/"]


# --- Files at fixed addresses ----------------------------------------------------------------------------------------


def test_robots_are_shown_the_sitemap_and_kept_from_the_admin(visitor: Visitor) -> None:
    response = visitor.get("/robots.txt")
    lines = response.text.splitlines()
    assert response["Content-Type"].startswith("text/plain")
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /django-admin/", "Disallow: /preview/", "Disallow: /search/"} <= set(lines)
    assert lines[-1] == f"Sitemap: {SITE}/sitemap.xml"


def test_global_privacy_control_is_declared(visitor: Visitor) -> None:
    response = visitor.get("/.well-known/gpc.json")
    assert response["Content-Type"] == "application/json"
    assert response.json()["gpc"] is True


def test_rules_for_fetching_ahead_are_the_same_for_everyone_and_kept_for_a_day(visitor: Visitor) -> None:
    response = visitor.get("/speculation-rules.json")
    assert response["Content-Type"] == "application/speculationrules+json"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert not response.cookies


def test_pages_are_fetched_ahead_but_never_run_ahead(visitor: Visitor) -> None:
    rules = visitor.get("/speculation-rules.json").json()
    assert list(rules) == ["prefetch"]
    assert {rule["eagerness"] for rule in rules["prefetch"]} == {"moderate"}


def test_security_contact_is_named(visitor: Visitor) -> None:
    response = visitor.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == "mailto:hello@clinic.example"
    assert fields["Canonical"] == f"{SITE}/.well-known/security.txt"


@pytest.mark.parametrize("today", ["2026-01-01", "2026-08-31", "2027-12-31"])
def test_security_contact_expires_within_a_year(visitor: Visitor, today: str) -> None:
    """RFC 9116 asks for less than a year; at least five months are left to read it in."""
    with time_machine.travel(f"{today} 12:00Z", tick=False):
        response = visitor.get("/.well-known/security.txt")
        fields = dict(line.split(": ", 1) for line in response.text.splitlines())
        expires = parse_datetime(fields["Expires"])
        now = parse_datetime(f"{today}T12:00:00Z")
    assert expires is not None
    assert now is not None
    assert timedelta(days=145) < expires - now < timedelta(days=365)


def test_no_security_contact_without_an_address(visitor: Visitor) -> None:
    factories.make_settings(email="")
    assert visitor.get("/.well-known/security.txt").status_code == 404


def test_theme_carries_the_accent_of_the_clinic(visitor: Visitor) -> None:
    factories.make_settings(accent_light="#5B2A86", accent_dark="#D3B4F0")
    response = visitor.get("/theme.css")
    assert response["Content-Type"].startswith("text/css")
    assert "--accent: light-dark(#5B2A86, #D3B4F0)" in response.text


@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("/feed/", {"site", "posts"}),
        ("/sitemap.xml", {"pages"}),
        ("/robots.txt", {"site"}),
        ("/.well-known/security.txt", {"site"}),
        ("/theme.css", {"site"}),
    ],
)
def test_answer_may_be_kept_and_names_what_it_was_made_from(visitor: Visitor, path: str, tags: set[str]) -> None:
    factories.make_post()
    response = visitor.get(path)
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert tags <= set(response["Cache-Tag"].split(","))


@pytest.mark.parametrize(
    "path", ["/feed/", "/sitemap.xml", "/robots.txt", "/.well-known/gpc.json", "/speculation-rules.json", "/theme.css"]
)
def test_answer_is_read_only(visitor: Visitor, path: str) -> None:
    assert visitor.post(path).status_code == 405
    head = visitor.head(path)
    assert (head.status_code, head.content) == (200, b"")
