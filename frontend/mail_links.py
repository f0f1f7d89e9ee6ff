"""
Pages that a link in a mail opens. Mail programs open links unasked, so opening one changes nothing: a button does.

The token in the address is a secret of whoever reads that mailbox, so these pages send no more of it than their origin
and link nowhere with it. A stale token gets the same page as a made-up one.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from frontend import forms
from frontend.api import Answer, Api, api_for
from frontend.pages import PRIVATE, respond, shared_context

Context = dict[str, Any]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def confirm_comment(request: HttpRequest) -> HttpResponse:
    words = {
        "heading": _("Confirm your address"),
        "sentence": _("You left a comment here and gave this address. Press the button to say that it is yours."),
        "button": _("Confirm this address"),
        "done_heading": _("Your address is confirmed"),
        "done": _("Thank you. If you asked for mail about answers, it goes there from now on."),
    }
    return _answer(request, "comments/confirm/", words)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Also what a mail program posts to on behalf of its reader (RFC 8058): from no page of ours, without a browser."""
    words = {
        "heading": _("No more mail"),
        "sentence": _("Press the button to get no more mail about answers to your comment."),
        "button": _("Stop the mail"),
        "done_heading": _("You get no more mail"),
        "done": _("We write no more about answers to this comment. The comment itself stays where it is."),
    }
    return _answer(request, "comments/unsubscribe/", words)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def confirm_your_data(request: HttpRequest) -> HttpResponse:
    """The token alone knows whether a copy or an erasure was asked for, and tells nobody before the button."""
    words = {
        "heading": _("Your data"),
        "sentence": _("Press the button and we do what you asked for: a copy comes as a file, an erasure is final."),
        "button": _("Do what I asked for"),
        "done_heading": _("It is erased"),
        "done": _("Everything that was held under your address on this website is gone."),
    }
    return _answer(request, "privacy/confirm/", words)


def _answer(request: HttpRequest, api_path: str, words: Context) -> HttpResponse:
    api = api_for(request)
    token = request.POST.get("token") or request.GET.get("token", "")
    answer = api.post(api_path, {"token": token}) if request.method == "POST" else None
    response = _file(answer) or _page(api, request, words | {"token": token}, answer)
    response["Referrer-Policy"] = "strict-origin"
    return response


def _file(answer: Answer | None) -> HttpResponse | None:
    """The copy that was asked for, to keep."""
    if answer is None or not answer.ok or not (answer.data or {}).get("copy"):
        return None
    response = JsonResponse(answer.data["copy"], json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="your-data.json"'
    response["Cache-Control"], response["X-Robots-Tag"] = PRIVATE, "noindex"
    return response


def _page(api: Api, request: HttpRequest, words: Context, answer: Answer | None) -> HttpResponse:
    step, status = _outcome(words["token"], answer)
    context = shared_context(api, request) | {"words": words, "step": step, "noindex": True}
    headings = {"ask": words["heading"], "done": words["done_heading"], "stale": _("This link is used up or too old")}
    context["heading"] = headings.get(step, _("That did not work"))
    context["meta_title"] = f"{context['heading']}, {context['site']['name']}"
    return respond(api, request, "site/mail_link.html", context, status=status, cache=PRIVATE)


def _outcome(token: str, answer: Answer | None) -> tuple[str, int]:
    """Which of its three states the page is in, and its status. What the API can't read is no token of ours."""
    if answer is None:
        return ("ask", 200) if token else ("stale", 404)
    if answer.ok:
        return "done", 200
    return ("refused", answer.status) if answer.status not in {400, 404} else ("stale", 404)
