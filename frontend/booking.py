"""
Booking, without JavaScript from the first field to the last page.

One form: what and with whom; when, which is a list of free times where a service has them, and half-days where we are
asked first; who. Its buttons turn to other days or to the other way of asking and keep everything that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from frontend import booking_form as said
from frontend import forms, free_times
from frontend.api import API_ROOT, Answer, Api, api_for
from frontend.pages import PRIVATE, respond, see_other, shared_context

Context = dict[str, Any]
ABOUT_WHAT = {"service", "practitioner"}


# The form carries no cookie's authority: the API checks where it was sent from, and its ticket.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def book(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    options = api.get("booking/options/").data
    form = forms.new_form("/book/", f"{API_ROOT}forms/booking/ticket/")
    sent = _words(request)
    service = said.service_of(options, sent.get("service", "").strip())
    form["values"] = said.read(sent, service)
    if request.method != "POST":
        form["values"] = said.in_address(form["values"], service)
    elif answer := _sent(api, request, form, service):
        return _taken(api, request, options, form, answer)
    elif form["refusal"].get("code") == "ticket_spent":
        return _sent_before(api, request, form["values"])
    return _form_page(api, request, options, form, service)


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    context = shared_context(api, request) | {"noindex": True, "meta_title": gettext("We have your request")}
    context["options"] = api.get("booking/options/").data
    return respond(api, request, "site/book_received.html", context)


def _words(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _sent(api: Api, request: HttpRequest, form: Context, service: Context | None) -> Answer | None:
    """The API's answer, if the form was complete and the API took it."""
    values = form["values"]
    if any(name in request.POST for name in said.TURNS):
        return None
    if said.is_untold(values, service):
        values["slot"], values["from"] = "", ""
        return None
    form["errors"] = said.missing(values, service)
    path = "booking/requests/" if said.asks_first(values, service) else "booking/appointments/"
    extra = forms.extra_fields(request.POST.dict(), (*said.FIELDS, *said.TURNS))
    return forms.submit(api, request, form, path, values, said.payload(values, service) | extra)


def _taken(api: Api, request: HttpRequest, options: Context, form: Context, answer: Answer) -> HttpResponse:
    if "manage_token" not in answer.data:
        return see_other("/book/received/")
    shown = api.post("booking/manage/", {"token": answer.data["manage_token"]})
    context = shared_context(api, request) | {"noindex": True, "meta_title": gettext("You have an appointment")}
    context |= {
        "appointment": answer.data | (shown.data if shown.ok else {}),
        "service": said.service_of(options, form["values"]["service"]),
        "email": form["values"]["email"],
    }
    return respond(api, request, "site/book_done.html", context, cache=PRIVATE)


def _sent_before(api: Api, request: HttpRequest, values: Mapping[str, str]) -> HttpResponse:
    context = shared_context(api, request) | {"noindex": True, "meta_title": gettext("We have this already")}
    context["email"] = values["email"]
    return respond(api, request, "site/book_sent.html", context, status=400, cache=PRIVATE)


def _form_page(
    api: Api, request: HttpRequest, options: Context, form: Context, service: Context | None
) -> HttpResponse:
    context = shared_context(api, request) | {"form": form, "options": options, "service": service}
    context["meta_title"] = f"{context['site']['booking']['label']}, {context['site']['name']}"
    context["meta_description"] = context["site"]["booking"]["text"]
    context |= _when(api, request, options, form, service)
    context["has_times_online"] = any(map(said.has_times, options["services"]))
    context["opens_what"] = service is None or bool(ABOUT_WHAT & form["errors"].keys())
    return _answer(api, request, form, context)


def _when(api: Api, request: HttpRequest, options: Context, form: Context, service: Context | None) -> Context:
    """The free times and the one that is chosen, or half-days to ask for."""
    chosen = free_times.chosen(form["values"]["slot"])
    asks_first = said.asks_first(form["values"], service)
    if asks_first or service is None or form["step"] == "check":
        return {"asks_first": asks_first, "chosen": chosen}
    try:
        times = _times(api, request, options, form, service)
    except free_times.Refused as refused:
        form["errors"] |= refused.errors
        return {"asks_first": False, "times": None}
    if form["refusal"].get("code") == "slot_taken":
        return _instead(form["refusal"], times, chosen)
    return {"asks_first": not times["days"], "none_free": not times["days"], "times": times, **_mark(times, chosen)}


def _times(api: Api, request: HttpRequest, options: Context, form: Context, service: Context) -> Context:
    sent = _words(request)
    wanted = {"from": form["values"]["from"], **{name: sent[name] for name in said.TURNS if name in sent}}
    today = free_times.today_of(options)
    times = free_times.free_times(api, service, form["values"]["practitioner"], wanted, today)
    return times | {"shown_for": said.about(form["values"])}


def _mark(times: Context, chosen: Context | None) -> Context:
    """The choice among the times; beside them, if other days are shown by now."""
    days = {day["date"] for day in times["days"]}
    return {"chosen": chosen, "kept": chosen if chosen and chosen["start"][:10] not in days else None}


def _instead(refusal: Context, times: Context, taken: Context | None) -> Context:
    """The next free times; the list may have been read before the chosen one was taken."""
    for day in times["days"]:
        day["times"] = [time for time in day["times"] if not taken or time["value"] != taken["value"]]
    times["days"] = [day for day in times["days"] if day["times"]]
    alternatives = [free_times.as_choice(slot) for slot in refusal["alternatives"]]
    none_free = not alternatives and not times["days"]
    return {"asks_first": none_free, "none_free": none_free, "times": times, "alternatives": alternatives}


def _answer(api: Api, request: HttpRequest, form: Context, context: Context) -> HttpResponse:
    """The empty form is the same for everyone; what somebody typed into it is theirs alone."""
    status = 400 if form["errors"] and form["status"] == 200 else form["status"]
    if request.method == "POST":
        return respond(api, request, "site/book.html", context, status=status, cache=PRIVATE)
    response = respond(api, request, "site/book.html", context, status=status)
    if "times" in context:
        response["Cache-Control"] = free_times.CACHE
    return response
