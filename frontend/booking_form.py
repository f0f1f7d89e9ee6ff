"""What a visitor says in the booking form, and what the API is asked for because of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from frontend import forms, free_times

Context = dict[str, Any]
Values = dict[str, str]
PREFERENCES = ("1", "2", "3")
# `from` and `shown_for` say which free times were shown, `ask` that none of them suits.
FIELDS = (
    "service",
    "practitioner",
    *(f"{name}_{number}" for number in PREFERENCES for name in ("date", "part")),
    "slot",
    "from",
    "shown_for",
    "ask",
    "name",
    "email",
    "phone",
    "message",
    "consent",
)
TURNS = ("show", "none", "earlier", "later")
REQUIRED = {
    "name": _("Enter your name."),
    "email": _("Enter your e-mail address."),
    "consent": _("Tick the box if you agree. We can’t read your request without it."),
}
# Nothing of a person is taken from an address: addresses are kept in logs.
IN_ADDRESSES = ("service", "practitioner", "from", "ask")


def read(sent: Mapping[str, str], service: Context | None) -> Values:
    """The fields as they were sent, with the service by its id and the turn that a button asked for."""
    values = forms.values_in(sent, FIELDS)
    if service:
        values["service"] = service["id"]
    if "show" in sent:
        values |= {"ask": "", "from": "", "slot": "", "shown_for": about(values)}
    if "none" in sent:
        values["ask"] = "1"
    return values


def in_address(values: Values, service: Context | None) -> Values:
    """What of an address fills in the form."""
    kept = {name: values[name] for name in IN_ADDRESSES} if service else {}
    return {**forms.values_in({}, FIELDS), **kept}


def service_of(options: Context, wanted: str) -> Context | None:
    """By its slug, as links name it, or by its id, as the form does."""
    return next((service for service in options["services"] if wanted in {service["slug"], service["id"]}), None)


def has_times(service: Context | None) -> bool:
    return service is not None and service["booking"] == "live"


def asks_first(values: Values, service: Context | None) -> bool:
    """Whether half-days are asked for: those of a service with free times only if these are not wanted or unknown."""
    wishes = any(values[f"date_{number}"] for number in PREFERENCES)
    return not has_times(service) or bool(values["ask"]) or (wishes and not values["shown_for"])


def about(values: Values) -> str:
    return f"{values['service']}:{values['practitioner']}"


def is_untold(values: Values, service: Context | None) -> bool:
    """Whether this service or person was chosen after the page was made: when they can be had is shown first."""
    return values["shown_for"] != ("" if asks_first(values, service) else about(values))


def missing(values: Values, service: Context | None) -> dict[str, list[str]]:
    untimed = {} if asks_first(values, service) or values["slot"] else {"slot_id": [gettext("Choose a time.")]}
    return untimed | forms.missing(values, REQUIRED)


def payload(values: Values, service: Context | None) -> Context:
    when = _wishes(values) if asks_first(values, service) else {"slot_id": _slot_id(values)}
    filled = {name: values[name] for name in ("name", "email", "phone", "message") if values[name]}
    return when | filled | {"consent": {"version": values["consent"], "given": True}}


def _slot_id(values: Values) -> str:
    chosen = free_times.chosen(values["slot"])
    return chosen["id"] if chosen else values["slot"]


def _wishes(values: Values) -> Context:
    chosen = {name: values[name] for name in ("service", "practitioner") if values[name]}
    wishes = [
        {"date": values[f"date_{number}"], "part": values[f"part_{number}"]}
        for number in PREFERENCES
        if values[f"date_{number}"]
    ]
    return chosen | {"preferences": wishes}
