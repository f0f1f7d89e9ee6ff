"""Comments as RSS: those of the whole site, and those of one post."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.api import Api, api_for
from frontend.machine import public
from frontend.templatetags.site import paragraphs

FEED_COMMENTS = 20
Context = dict[str, Any]


@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    title = _("Comments on %(what)s") % {"what": api.get("site/").data["name"]}
    return _feed(api, request, title=title, page_path="/blog/")


@require_safe
def of_post(request: HttpRequest, path: str) -> HttpResponse:
    api = api_for(request)
    page = api.get("pages/by-path/", path=f"/{path}")
    if not page.ok or page.data["meta"].get("type") != "blog.BlogPage" or not page.data["comments"]["shown"]:
        raise Http404
    title = _("Comments on %(what)s") % {"what": page.data["title"]}
    return _feed(api, request, title=title, page_path=page.data["meta"]["path"], post=page.data["id"])


def _feed(api: Api, request: HttpRequest, *, title: str, page_path: str, **only: int) -> HttpResponse:
    site = api.get("site/").data
    rss = Rss201rev2Feed(
        title=title,
        link=site["url"] + page_path,
        description=title,
        language=site["language"],
        feed_url=site["url"] + request.path,
    )
    for comment in api.get("comments/", limit=FEED_COMMENTS, **only).data["results"]:
        rss.add_item(**_item(comment, site["url"]))
    return public(api, rss.writeString("utf-8"), "application/rss+xml; charset=utf-8")


def _item(comment: Context, site_url: str) -> Context:
    """A reader takes the description for HTML, which what somebody wrote here is not: so it is made into some."""
    address = site_url + comment["page_url"]
    words = {"name": comment["author_name"], "post": comment["post"]["title"]}
    return {
        "title": _("%(name)s on “%(post)s”") % words,
        "link": address,
        "description": paragraphs(comment["body"]),
        "author_name": comment["author_name"],
        "pubdate": parse_datetime(comment["created_at"]),
        "unique_id": address,
    }
