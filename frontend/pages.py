"""How a page becomes HTML: its template, what else it needs from the API, and the headers it goes out with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from frontend import hints, seo
from frontend.api import PUBLIC, Api
from frontend.forms import comment_form
from frontend.threads import thread_context

PRIVATE = "private, no-store"
POSTS_A_PAGE = 12
Context = dict[str, Any]


def shared_context(api: Api, request: HttpRequest) -> Context:
    """What every template needs."""
    site = api.get("site/").data
    return {
        "site": {**site, "theme_url": theme_url(site["accent"])},
        "register": api.get("consent/").data,
        "path": request.path,
        "canonical": site["url"] + request.path,
        "og_type": "website",
    }


def theme_url(accent: Mapping[str, str]) -> str | None:
    """The stylesheet with the clinic's own accent; none for the colours that our stylesheet has anyway."""
    if (accent["light"].upper(), accent["dark"].upper()) == ("#0A5A4E", "#74D6C2"):
        return None
    return f"/theme.css?v={sha256(repr(sorted(accent.items())).encode()).hexdigest()[:8]}"


def respond(
    api: Api, request: HttpRequest, template: str, context: Context, *, status: int = 200, cache: str = PUBLIC
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Link"] = hints.preloads(response.content)
    if cache == PUBLIC:
        response["Speculation-Rules"] = hints.SPECULATION_RULES_AT
        return api.label(response)
    response["Cache-Control"], response["X-Robots-Tag"] = cache, "noindex"
    return response


def form_page(api: Api, request: HttpRequest, template: str, context: Context) -> HttpResponse:
    """The empty form is the same for everyone; what somebody typed into it is theirs alone."""
    if request.method == "POST":
        status = context["form"]["status"]
        status = 400 if context["form"]["errors"] and status == 200 else status
        return respond(api, request, template, context, status=status, cache=PRIVATE)
    return respond(api, request, template, context)


def see_other(url: str) -> HttpResponse:
    """After a form was taken: reloading the next page must not send it again."""
    response = HttpResponseRedirect(url, status=303)
    response["Cache-Control"] = "no-store"
    return response


def page_context(api: Api, request: HttpRequest, page: Context, *, is_preview: bool = False) -> Context:
    """Everything the template of this page's type shows."""
    context = shared_context(api, request) | {"page": page}
    if not is_preview:
        context["canonical"] = context["site"]["url"] + page["meta"]["path"]
    context |= EXTRAS.get(page["meta"]["type"], _nothing)(api, request, page, is_preview)
    return context | seo.head(context)


def template_of(page: Context) -> str:
    try:
        return TEMPLATES[page["meta"]["type"]]
    except KeyError as error:
        raise Http404 from error


def _nothing(api: Api, request: HttpRequest, page: Context, is_preview: bool) -> Context:
    return {}


def _home(api: Api, request: HttpRequest, page: Context, is_preview: bool) -> Context:
    return {"options": api.get("booking/options/").data, "posts": api.get("posts/", limit=3).data}


def _post(api: Api, request: HttpRequest, page: Context, is_preview: bool) -> Context:
    extras = {"form": comment_form(page), "og_type": "article"}
    if is_preview or not page["comments"]["shown"]:
        return extras
    return extras | thread_context(api, request, page)


def _index(api: Api, request: HttpRequest, page: Context, is_preview: bool) -> Context:
    filters = {name: request.GET[name] for name in ("topic", "tag", "author") if request.GET.get(name)}
    number = page_number(request)
    answer = api.get("posts/", limit=POSTS_A_PAGE, offset=(number - 1) * POSTS_A_PAGE, **filters)
    if not answer.ok or (not answer.data["results"] and (filters or number > 1)):
        raise Http404
    posts = answer.data
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    return {
        "posts": posts,
        "topic": _entry(page["topics"], filters.get("topic")),
        "tag": filters.get("tag", ""),
        "author": _entry([author for post in posts["results"] for author in post["authors"]], filters.get("author")),
        "pagination": pagination(page["meta"]["path"], posts["count"], number, query),
        "noindex": "tag" in filters,
    }


def _entry(entries: list[Context], slug: str | None) -> Context | None:
    return next((entry for entry in entries if entry["slug"] == slug), None)


def page_number(request: HttpRequest) -> int:
    value = request.GET.get("page", "1")
    if not (value.isascii() and value.isdigit() and int(value[:6]) > 0 and len(value) <= 4):
        raise Http404
    return int(value)


def pagination(path: str, count: int, number: int, query: str = "") -> Context:
    """Where the neighbouring pages of a list are."""
    pages = max(1, -(-count // POSTS_A_PAGE))

    def url(page: int) -> str:
        parts = query.removeprefix("&") if page == 1 else f"page={page}{query}"
        return f"{path}?{parts}" if parts else path

    return {
        "page": number,
        "pages": pages,
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if number < pages else None,
    }


TEMPLATES = {
    "home.HomePage": "site/home_page.html",
    "home.StandardPage": "site/standard_page.html",
    "blog.BlogIndexPage": "site/blog_index_page.html",
    "blog.BlogPage": "site/blog_page.html",
}
EXTRAS: dict[str, Callable[[Api, HttpRequest, Context, bool], Context]] = {
    "home.HomePage": _home,
    "blog.BlogIndexPage": _index,
    "blog.BlogPage": _post,
}
