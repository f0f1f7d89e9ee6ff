"""
The forms a visitor sends, without JavaScript from the first field to the last page.

A page is the same for everyone, so its form has no ticket. Sent without one, the form comes back as a page to check,
with a ticket of its own; our script fetches the ticket beforehand and so skips that step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from frontend.api import API_ROOT, Answer, Api

Context = dict[str, Any]
View = Callable[..., HttpResponse]
MAX_BYTES = 64 * 1024
COMMENT_FIELDS = ("author_name", "email", "notify_replies", "body", "parent")
COMMENT_REQUIRED = {"author_name": _("Enter your name."), "body": _("Write your comment.")}
YOUR_DATA_FIELDS = ("email", "kind")
YOUR_DATA_REQUIRED = {"email": _("Enter your e-mail address."), "kind": _("Choose what you ask for.")}
CONTROLS = {"ticket", "proof", "change"}


def small(view: View) -> View:
    """Refuses a body that no form of ours could have sent, before anything of it is read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise RequestDataTooBig
        return view(request, *args, **kwargs)

    return guarded


def values_in(posted: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    return {name: posted.get(name, "").strip() for name in fields}


def missing(values: Mapping[str, str], required: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [gettext(message)] for name, message in required.items() if not values[name]}


def is_id(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))


def extra_fields(posted: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    """Filled fields that are not ours: the honeypot, whose name only the API knows."""
    return {name: value for name, value in posted.items() if value and name not in {*fields, *CONTROLS}}


def new_form(action: str, ticket_url: str) -> Context:
    """A form as everybody gets it: empty, and without a ticket, which is one visitor's own."""
    return {
        "action": action,
        "ticket_url": ticket_url,
        "ticket": "",
        "challenge": "",
        "honeypot": "website",
        "values": {},
        "errors": {},
        "message": "",
        "refusal": {},
        "step": "edit",
        "status": 200,
    }


def comment_form(page: Context) -> Context:
    return new_form(f"{page['meta']['path']}comment/", f"{API_ROOT}forms/comment/ticket/?post={page['id']}")


def your_data_form() -> Context:
    return new_form("/your-data/", f"{API_ROOT}forms/privacy/ticket/")


def comment_payload(values: Mapping[str, str]) -> Context:
    payload: Context = {name: value for name, value in values.items() if value or name in COMMENT_REQUIRED}
    return payload | ({"notify_replies": True} if values["notify_replies"] else {})


def submit(
    api: Api, request: HttpRequest, form: Context, path: str, values: dict[str, str], payload: Context
) -> Answer | None:
    """
    Send the form if it has a ticket; the API's answer if it took it.

    Otherwise None, and `form` says what to show: the fields with what is wrong, or the page to check.
    """
    form["values"] = values
    if request.POST.get("change") or form["errors"]:
        return None
    if not request.POST.get("ticket"):
        _with_ticket(api, form, step="check")
        return None
    answer = api.post(path, payload | _guard_fields(request.POST))
    if answer.ok:
        return answer
    _refused(api, form, answer)
    return None


def _guard_fields(posted: Mapping[str, str]) -> dict[str, str]:
    """What our script added to the fields: the ticket, and its solved challenge where the browser could solve it."""
    return {name: posted[name] for name in ("ticket", "proof") if posted.get(name)}


def _refused(api: Api, form: Context, answer: Answer) -> None:
    form["status"], form["refusal"] = answer.status, answer.data
    form["errors"] = {name: value for name, value in answer.data["errors"].items() if name != "ticket"}
    ticket_errors = answer.data["errors"].get("ticket", [])
    if not form["errors"]:
        form["message"] = " ".join(ticket_errors) or answer.data["detail"]
    _with_ticket(api, form, step="check" if ticket_errors and not form["errors"] else "edit")


def _with_ticket(api: Api, form: Context, *, step: str) -> None:
    url = urlsplit(form["ticket_url"])
    ticket = api.get(url.path.removeprefix(API_ROOT), **dict(parse_qsl(url.query)))
    if ticket.ok:
        form["ticket"], form["honeypot"] = ticket.data["ticket"], ticket.data["honeypot"]
        form["challenge"] = json.dumps(ticket.data["challenge"]) if ticket.data["challenge"] else ""
    form["step"] = step
