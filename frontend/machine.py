"""What programs read: the feed, the sitemap, robots.txt and their like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.http import require_safe

from frontend.api import PUBLIC, Api, api_for
from frontend.hints import SPECULATION_RULES

SITEMAP_LIMIT = 50_000  # https://www.sitemaps.org/protocol.html
SITEMAP_STEP = 1000
FEED_POSTS = 20
GPC_SINCE = "2026-11-24"


def public(api: Api, content: str, content_type: str) -> HttpResponse:
    return api.label(HttpResponse(content, content_type=content_type))


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    site = api.get("site/").data
    posts = api.get("posts/", limit=FEED_POSTS).data["results"]
    rss = Rss201rev2Feed(
        title=site["name"],
        link=f"{site['url']}/blog/",
        description=site["tagline"] or site["name"],
        language=site["language"],
        feed_url=f"{site['url']}/feed/",
    )
    for post in posts:
        rss.add_item(
            title=post["title"],
            link=post["meta"]["html_url"],
            description=post["intro"],
            author_name=", ".join(author["name"] for author in post["authors"]) or None,
            pubdate=parse_datetime(post["meta"]["first_published_at"] or ""),
            unique_id=post["meta"]["html_url"],
            categories=[topic["name"] for topic in post["topics"]],
        )
    return public(api, rss.writeString("utf-8"), "application/rss+xml; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    entries = "".join(f"<url>{_sitemap_entry(page)}</url>\n" for page in _all_pages(api))
    xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    return public(api, f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}', "application/xml")


def _sitemap_entry(page: dict[str, Any]) -> str:
    changed = page["last_published_at"]  # none for a page that was made by a program and never published
    lastmod = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<loc>{escape(page['meta']['html_url'])}</loc>{lastmod}"


def _all_pages(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < SITEMAP_LIMIT:
        answer = api.get("pages/", limit=SITEMAP_STEP, offset=len(found)).data
        found += answer["results"]
        if not answer["next"]:
            break
    return found


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/admin/", "/django-admin/", "/preview/", "/search/"))]
    lines.append(f"Sitemap: {api.get('site/').data['url']}/sitemap.xml")
    return public(api, "\n".join(lines) + "\n", "text/plain")


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """https://www.w3.org/TR/gpc/#gpc-support-resource"""
    response = JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})
    response["Cache-Control"] = PUBLIC
    return response


@require_safe
def speculation_rules(request: HttpRequest) -> HttpResponse:
    """Asked for by every page: kept for a day, so that it is one request of a visit."""
    response = JsonResponse(SPECULATION_RULES, content_type="application/speculationrules+json")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116; `Expires` lies half a year ahead, at the start of a month, so that everyone gets the same bytes."""
    api = api_for(request)
    site = api.get("site/").data
    if not site["contact"]["email"]:
        raise Http404
    ahead = datetime.now(UTC) + timedelta(days=180)
    expires = ahead.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{site['contact']['email']}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {site['language'].split('-')[0]}",
        f"Canonical: {site['url']}/.well-known/security.txt",
    ]
    return public(api, "\n".join(lines) + "\n", "text/plain; charset=utf-8")


@require_safe
def theme_css(request: HttpRequest) -> HttpResponse:
    """The clinic's own accent, over the one of our stylesheet."""
    api = api_for(request)
    accent = api.get("site/").data["accent"]
    return public(api, f":root {{ --accent: light-dark({accent['light']}, {accent['dark']}); }}\n", "text/css")
