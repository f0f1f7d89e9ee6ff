from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from frontend import forms, pages
from frontend.api import PUBLIC, Api, api_for
from frontend.pages import PRIVATE, form_page, respond, see_other, shared_context

Context = dict[str, Any]
MAX_QUERY = 100


def _find(api: Api, path: str) -> Context:
    answer = api.get("pages/by-path/", path=path)
    if not answer.ok:
        raise Http404
    data: Context = answer.data
    return data


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponse:
    """Every page that an editor made."""
    api = api_for(request)
    answer = api.get("pages/by-path/", path=f"/{path}")
    if answer.status in {301, 302}:
        return _moved(api, answer.data["location"], permanent=answer.status == 301)
    if not answer.ok:
        return not_found(request)
    if request.path != answer.data["meta"]["path"]:
        return _moved(api, answer.data["meta"]["path"], permanent=True)
    context = pages.page_context(api, request, answer.data)
    return respond(api, request, pages.template_of(answer.data), context)


def _moved(api: Api, location: str, *, permanent: bool) -> HttpResponse:
    return api.label(redirect(location, permanent=permanent))


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """A draft, for the editor whose preview panel holds a signed token."""
    api = api_for(request)
    wanted = {name: request.GET.get(name, "") for name in ("content_type", "token")}
    answer = api.get("preview/", **wanted)
    if not answer.ok:
        raise Http404
    context = pages.page_context(api, request, answer.data, is_preview=True) | {"noindex": True}
    return respond(api, request, pages.template_of(answer.data), context, cache=PRIVATE)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    query = request.GET.get("q", "").strip()
    context = shared_context(api, request) | {"query": query, "meta_title": _("Search"), "noindex": True}
    if query:
        number = pages.page_number(request)
        offset = (number - 1) * pages.POSTS_A_PAGE
        answer = api.get("posts/", search=query, limit=pages.POSTS_A_PAGE, offset=offset)
        if answer.ok:
            encoded = request.GET.copy()
            encoded.pop("page", None)
            context["results"] = answer.data
            context["pagination"] = pages.pagination(
                request.path, answer.data["count"], number, f"&{encoded.urlencode()}"
            )
        else:
            message = _("Please search for something shorter and plainer: %(number)d characters at most.")
            context["error"] = message % {"number": MAX_QUERY}
    return respond(api, request, "site/search.html", context, status=400 if "error" in context else 200)


# Forms carry no cookie's authority: the API checks where they were sent from, and their ticket.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def comment(request: HttpRequest, path: str) -> HttpResponse:
    api = api_for(request)
    post = _find(api, f"/{path}")
    if post["meta"]["type"] != "blog.BlogPage" or not post["comments"]["open"]:
        raise Http404
    form = forms.comment_form(post)
    values = forms.values_in(request.POST or request.GET, forms.COMMENT_FIELDS)
    parent = _parent(api, post, values["parent"])
    if request.method == "POST":
        form["errors"] = forms.missing(values, forms.COMMENT_REQUIRED)
        payload = forms.comment_payload(values) | forms.extra_fields(request.POST.dict(), forms.COMMENT_FIELDS)
        if forms.submit(api, request, form, f"posts/{post['id']}/comments/", values, payload):
            return see_other(f"{form['action']}received/")
    context = shared_context(api, request) | {"page": post, "form": form, "parent": parent, "noindex": True}
    context["meta_title"] = _("Leave a comment: %(post)s") % {"post": post["title"]}
    return form_page(api, request, "site/comment.html", context)


def _parent(api: Api, post: Context, parent_id: str) -> Context | None:
    """The comment that is answered, if it is one of this post's."""
    if not forms.is_id(parent_id):
        return None
    answer = api.get(f"comments/{parent_id}/")
    is_here = answer.ok and answer.data["post"]["id"] == post["id"]
    return answer.data if is_here else None


@require_safe
def comment_received(request: HttpRequest, path: str) -> HttpResponse:
    api = api_for(request)
    post = _find(api, f"/{path}")
    context = shared_context(api, request) | {"page": post, "noindex": True, "meta_title": _("We have your comment")}
    return respond(api, request, "site/comment_received.html", context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """With an exception it comes from some view, which may have looked at who asks: then it is for nobody else."""
    api = api_for(request)
    api.tags += ["pages", "redirects"]  # what is not here now may be published in a moment
    context = shared_context(api, request) | {"noindex": True}
    return respond(api, request, "404.html", context, status=404, cache=PRIVATE if exception else PUBLIC)
