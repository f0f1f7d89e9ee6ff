"""
Sharing on Mastodon, which has no one address: we ask which server is the reader’s own.

What is typed is neither stored nor followed. The answer is a page with a link, for a redirect would let any site send
people anywhere in our name.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

import idna
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from frontend import forms
from frontend.api import PUBLIC, Api, api_for
from frontend.pages import PRIVATE, respond, shared_context

Context = dict[str, Any]
TEMPLATE = "site/share_mastodon.html"
MAX_HOST = 253
# Letters at the end: no browser takes such a host for an internet address.
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])")


# The form carries no cookie's authority; where it was sent from is checked below.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def mastodon(request: HttpRequest, path: str) -> HttpResponse:
    api = api_for(request)
    post = _post(api, f"/{path}")
    form: Context = {"action": f"{post['meta']['path']}share/mastodon/", "values": {}, "errors": {}, "message": ""}
    context = shared_context(api, request) | {"page": post, "form": form, "noindex": True}
    is_asked = request.method == "POST"
    status = _answer(request, context) if is_asked else 200
    place = context.get("server", "Mastodon")
    context["meta_title"] = _("Share on %(place)s: %(post)s") % {"place": place, "post": post["title"]}
    return respond(api, request, TEMPLATE, context, status=status, cache=PRIVATE if is_asked else PUBLIC)


def _post(api: Api, path: str) -> Context:
    """The post at this path, where the clinic offers Mastodon."""
    answer = api.get("pages/by-path/", path=path)
    if not answer.ok or "mastodon" not in {target["network"] for target in answer.data.get("share", ())}:
        raise Http404
    post: Context = answer.data
    return post


def _answer(request: HttpRequest, context: Context) -> int:
    """Add to the context what the form’s answer is, and give its status."""
    form, post = context["form"], context["page"]
    if not _is_from_here(request):
        form["message"] = _("This can only be sent from this site’s own pages.")
        return 403
    form["values"] = forms.values_in(request.POST, ("server",))
    try:
        context["server"] = server_in(form["values"]["server"])
    except ValueError as error:
        form["errors"] = {"server": [str(error)]}
        return 400
    # With a title of 255 characters at most this is well below the 500 that every server takes.
    context["text"] = f"{post['title']} {post['meta']['html_url']}"
    context["share_url"] = f"https://{context['server']}/share?text={quote(context['text'], safe='')}"
    return 200


def _is_from_here(request: HttpRequest) -> bool:
    """Fetch metadata decides where the browser sends it (https://www.w3.org/TR/fetch-metadata/), else `Origin`."""
    sent_by = request.headers.get("Sec-Fetch-Site")
    if sent_by:
        return sent_by in {"same-origin", "none"}
    site = urlsplit(settings.SITE_URL)
    ours = {f"{site.scheme}://{site.netloc}", f"{request.scheme}://{request.get_host()}"}
    return request.headers.get("Origin") in {None, *ours}


def server_in(typed: str) -> str:
    """
    `mastodon.social` in what people type: the name, their own address there, or the address of a page.

    Names in other scripts come back as ASCII. Ports and internet addresses are refused, as is all that is no host name.
    """
    if not typed:
        raise ValueError(_("Enter your Mastodon server."))
    name = re.split(r"[/?#]", re.sub(r"^https?://", "", typed, flags=re.IGNORECASE))[0]
    host = _ascii(name.rpartition("@")[2].removesuffix("."))
    if len(host) > MAX_HOST or not HOST.fullmatch(host):
        raise ValueError(_("Enter the name of a server, for example mastodon.social."))
    return host


def _ascii(name: str) -> str:
    """Empty for what is no name: the cost of looking grows with the length, so a long one is not looked at."""
    try:
        return idna.encode(name, uts46=True).decode() if len(name) <= MAX_HOST else ""
    except UnicodeError:
        return ""
