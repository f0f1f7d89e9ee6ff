"""The visitor's own choice about cookies: pages that belong to one visitor, so no cache keeps them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from frontend import forms
from frontend.api import Answer, Api, api_for, parse_cookies
from frontend.pages import PRIVATE, respond, shared_context
from frontend.templatetags.site import gpc_settles

Context = dict[str, Any]
SETTINGS_PATH = "/privacy-choices/"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def privacy_choices(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    context = shared_context(api, request)
    form: Context = {"action": SETTINGS_PATH, "errors": {}, "message": "", "values": {}}
    status = 200
    if request.method == "POST" and request.POST.get("action") == "once":
        return _once(api, request)
    if request.method == "POST":
        answer = _choose(api, request, context["register"])
        if answer is not None and answer.ok:
            return _chosen(request, answer)
        status = answer.status if answer else 400
        form["message"] = answer.data["detail"] if answer else _("Please choose one of the buttons.")
    context |= {
        "choice": api.get("consent/choice/").data,
        "saved": request.GET.get("saved") == "1",
        "form": form,
        "meta_title": f"{_('Cookie settings')}, {context['site']['name']}",
        "noindex": True,
    }
    return respond(api, request, "site/privacy_choices.html", context, status=status, cache=PRIVATE)


def _choose(api: Api, request: HttpRequest, register: Context) -> Answer | None:
    """Put the choice that the pressed button stands for; None if no button of ours was pressed."""
    optional = [purpose["key"] for purpose in register["purposes"] if not purpose["required"]]
    action = request.POST.get("action")
    if action in {"accept", "reject"}:
        choices = dict.fromkeys(optional, action == "accept")
    elif action == "save":
        choices = {key: f"purpose_{key}" in request.POST for key in optional}
    elif action == "allow":
        known = api.get("consent/choice/").data["choices"]
        choices = {key: key == request.POST.get("purpose") or known.get(key, False) for key in optional}
    else:
        return None
    return api.put(
        "consent/choice/",
        {"revision": request.POST.get("revision", ""), "choices": choices, "surface": _surface(request, action)},
    )


def _once(api: Api, request: HttpRequest) -> HttpResponse:
    """Open one frame this time, remembering nothing: the answer is the frame’s own page."""
    wanted = {"revision": request.POST.get("revision", ""), "embed_url": request.POST.get("next", "")}
    answer = api.post("consent/once/", wanted)
    response = HttpResponseRedirect(answer.data["embed_url"] if answer.ok else SETTINGS_PATH, status=303)
    response["Cache-Control"] = PRIVATE
    return response


def _surface(request: HttpRequest, action: str) -> str:
    if action == "allow":
        return "card"
    return "bar" if "next" in request.POST else "settings"


def _chosen(request: HttpRequest, answer: Answer) -> HttpResponse:
    response = HttpResponseRedirect(_next(request), status=303)
    response.cookies.update(parse_cookies(answer))
    response["Cache-Control"] = PRIVATE
    return response


def _next(request: HttpRequest) -> str:
    """Back to where the visitor was, which is a path of this site or the settings page."""
    path = request.POST.get("next", "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else f"{SETTINGS_PATH}?saved=1"


@require_safe
def bar_css(request: HttpRequest) -> HttpResponse:
    """
    Hides the banner from a visitor who has chosen, without JavaScript.

    The page itself is the same for everyone, so what differs is this stylesheet. It is linked in <noscript> only.
    """
    api = api_for(request)
    choice = api.get("consent/choice/").data
    is_refused = choice["gpc"] and gpc_settles(api.get("consent/").data)
    is_settled = not choice["stale"] if choice["decided"] else is_refused
    css = ".pc-bar{display:none}\n" if is_settled else ""
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": PRIVATE})


@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """The receipt of the visitor's own choice. Its id stays in the cookie: an address gets about."""
    api = api_for(request)
    own = _own_receipt(api)
    context = shared_context(api, request) | {"receipt": own, "noindex": True, "meta_title": _("Your receipt")}
    return respond(api, request, "site/receipt.html", context, cache=PRIVATE)


@require_safe
def receipt_file(request: HttpRequest) -> HttpResponse:
    """The same to keep: everything its hashes are made of."""
    own = _own_receipt(api_for(request))
    response = JsonResponse(own, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="cookie-receipt.json"'
    response["Cache-Control"] = PRIVATE
    return response


def _own_receipt(api: Api) -> Context:
    choice = api.get("consent/choice/").data
    answer = choice["receipt"] and api.get(f"consent/receipts/{choice['receipt']['id']}/")
    if not answer or not answer.ok:
        raise Http404
    own: Context = answer.data
    return own
