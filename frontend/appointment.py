"""
One's own appointment, for whoever holds its key.

The key comes in the fragment of the mail's link, which no server sees. From there our script, or a person by hand, puts
it into a form: it travels in bodies only, never in an address, so that no log and no referrer has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from frontend import forms, free_times
from frontend.api import PUBLIC, Answer, Api, api_for
from frontend.pages import PRIVATE, respond, shared_context

Context = dict[str, Any]
Step = Callable[[Api, HttpRequest, Context], HttpResponse]
API_PATH = "booking/manage/"
NAMES = {"cancel": "cancelled", "accept": "accepted", "move": "moved"}


# The key in the body is all the authority there is: no cookie has a part in it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def manage(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    response = _opened(api, request) if request.method == "POST" else _page(api, request, {}, cache=PUBLIC)
    response["Referrer-Policy"] = "strict-origin"
    return response


def _opened(api: Api, request: HttpRequest) -> HttpResponse:
    token = _token(request.POST.get("token", ""))
    if not token:
        return _closed(api, request, status=400, errors={"token": [_("Paste the code from your mail.")]})
    shown = api.post(API_PATH, {"token": token})
    if not shown.ok:
        return _not_shown(api, request, shown)
    step = STEPS.get(request.POST.get("action", ""), _show)
    return step(api, request, {"token": token, "appointment": shown.data})


def _token(typed: str) -> str:
    """The code itself, or the whole link with it; a mail may have broken either into lines."""
    return "".join(typed.split()).rpartition("#")[2]


def _not_shown(api: Api, request: HttpRequest, answer: Answer) -> HttpResponse:
    if answer.status in {400, 404}:
        return _closed(api, request, status=404, opens_nothing=True)
    return _closed(api, request, status=answer.status, message=answer.data["detail"])


def _closed(api: Api, request: HttpRequest, *, status: int, **form: Any) -> HttpResponse:
    return _page(api, request, {"form": form}, status=status)


def _page(api: Api, request: HttpRequest, context: Context, *, status: int = 200, cache: str = PRIVATE) -> HttpResponse:
    context = shared_context(api, request) | {"noindex": True, "meta_title": _("Your appointment"), **context}
    return respond(api, request, "site/book_manage.html", context, status=status, cache=cache)


def _show(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    return _page(api, request, own)


def _changed(api: Api, request: HttpRequest, own: Context, action: str, **fields: str) -> HttpResponse:
    """Ask the API for a change; what it says is on the page, beside the appointment as it is."""
    answer = api.post(f"{API_PATH}{action}/", {"token": own["token"], **fields})
    if answer.ok:
        return _page(api, request, own | {"appointment": answer.data, "done": NAMES[action]})
    return _page(api, request, own | {"form": _refusal(answer)}, status=answer.status)


def _refusal(answer: Answer) -> Context:
    errors = answer.data["errors"]
    return {"errors": errors, "message": "" if errors else answer.data["detail"], "code": answer.data["code"]}


def _accept(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    return _changed(api, request, own, "accept")


def _cancel(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    if "sure" not in request.POST:
        return _page(api, request, own | {"asks": "cancel"})
    return _changed(api, request, own, "cancel")


def _erase(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    if "sure" not in request.POST:
        return _page(api, request, own | {"asks": "erase"})
    answer = api.post(f"{API_PATH}erase/", {"token": own["token"]})
    if not answer.ok:
        return _page(api, request, own | {"form": _refusal(answer)}, status=answer.status)
    return _page(api, request, {"erased": True})


def _calendar(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    answer = api.post(f"{API_PATH}calendar/", {"token": own["token"]})
    if not answer.ok:
        return _page(api, request, own | {"form": _refusal(answer)}, status=answer.status)
    disposition = content_disposition_header(as_attachment=True, filename=answer.data["name"])
    headers = {"Content-Disposition": disposition or "attachment", "Cache-Control": PRIVATE}
    return HttpResponse(answer.data["content"], content_type="text/calendar; charset=utf-8", headers=headers)


def _move(api: Api, request: HttpRequest, own: Context) -> HttpResponse:
    """A list of free times; one of them chosen, the move itself."""
    if request.POST.get("was", own["appointment"]["start"]) != own["appointment"]["start"]:
        return _show(api, request, own)  # moved before: the page of the answer was loaded again
    chosen = free_times.chosen(request.POST.get("slot", ""))
    if "sure" not in request.POST:
        return _times(api, request, own, {})
    if chosen is None:
        return _times(api, request, own, {"errors": {"slot_id": [_("Choose a time.")]}}, status=400)
    answer = api.post(f"{API_PATH}move/", {"token": own["token"], "slot_id": chosen["id"]})
    if answer.ok:
        return _page(api, request, own | {"appointment": answer.data, "done": NAMES["move"]})
    own["alternatives"] = [free_times.as_choice(slot) for slot in answer.data.get("alternatives", [])]
    return _times(api, request, own, _refusal(answer), status=answer.status)


def _times(api: Api, request: HttpRequest, own: Context, form: Context, *, status: int = 200) -> HttpResponse:
    service, options = own["appointment"]["service"], api.get("booking/options/").data
    try:
        times = free_times.free_times(api, service, "", request.POST, free_times.today_of(options))
    except free_times.Refused:
        return _show(api, request, own)  # such a service has none: its page says whom to ask
    return _page(api, request, own | {"times": times, "form": form}, status=status)


STEPS: dict[str, Step] = {
    "accept": _accept,
    "calendar": _calendar,
    "cancel": _cancel,
    "erase": _erase,
    "move": _move,
}
