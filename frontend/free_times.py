"""The free times of a service as a visitor leafs through them: a few days at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from frontend.api import Answer, Api

Context = dict[str, Any]
DAYS_SHOWN = 5
# Most days are found in the first stretch; the API shows 62 days at most.
STRETCHES = ((0, 13), (14, 61))
CACHE = "public, max-age=30"  # as long as the API lets its own answer be kept


class Refused(Exception):
    """The API would not say: this person does not offer that service, for example."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.errors: dict[str, list[str]] = answer.data["errors"]


def free_times(api: Api, service: Context, practitioner: str, wanted: Mapping[str, str], today: date) -> Context:
    """
    The days from the one that `wanted` names on, or before it if it is named as `earlier`.

    `earlier` and `later` of the answer are what to ask for to see more; empty where there is no more.
    """
    query = {"service": service["id"], "practitioner": practitioner or "any"}
    last = today + timedelta(days=service["horizon_days"])
    before = _day(wanted.get("earlier", ""))
    found = _backward(api, query, today, min(before, last + timedelta(days=1))) if before else []
    if len(found) >= DAYS_SHOWN:
        return _leaf(found[-DAYS_SHOWN:], last, has_earlier=len(found) > DAYS_SHOWN)
    asked = None if before else _day(wanted.get("later", "")) or _day(wanted.get("from", ""))
    first = min(max(asked or today, today), last)
    return _leaf(_forward(api, query, first, last), last, has_earlier=first > today)


def today_of(options: Context) -> date:
    """Today on the clinic's calendar: the first day that can be asked for is tomorrow."""
    return date.fromisoformat(options["first_date"]) - timedelta(days=1)


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None


def _forward(api: Api, query: Context, first: date, last: date) -> list[Context]:
    found: list[Context] = []
    for start, end in STRETCHES:
        since, until = first + timedelta(days=start), min(first + timedelta(days=end), last)
        if since <= until and len(found) < DAYS_SHOWN:
            found += _days(api, query, since, until)
    return found[:DAYS_SHOWN]


def _backward(api: Api, query: Context, first: date, before: date) -> list[Context]:
    found: list[Context] = []
    for start, end in STRETCHES:
        since, until = max(before - timedelta(days=end + 1), first), before - timedelta(days=start + 1)
        if since <= until and len(found) <= DAYS_SHOWN:
            found = _days(api, query, since, until) + found
    return found


def _days(api: Api, query: Context, since: date, until: date) -> list[Context]:
    answer = api.get("booking/slots/", **query, **{"from": since.isoformat(), "to": until.isoformat()})
    if not answer.ok:
        raise Refused(answer)
    zone = answer.data["timezone"]
    return [
        {"date": day["date"], "zone": zone, "times": [as_choice(slot) for slot in day["slots"]]}
        for day in answer.data["days"]
    ]


def _leaf(days: list[Context], last: date, *, has_earlier: bool) -> Context:
    first_shown, last_shown = (days[0]["date"], date.fromisoformat(days[-1]["date"])) if days else ("", last)
    has_later = len(days) == DAYS_SHOWN and last_shown < last
    return {
        "days": days,
        "zone": days[0]["zone"] if days else "",
        "from": first_shown if has_earlier else "",
        "earlier": first_shown if has_earlier else "",
        "later": (last_shown + timedelta(days=1)).isoformat() if has_later else "",
        "names_places": len({time["place"] for day in days for time in day["times"]}) > 1,
    }


def as_choice(slot: Context) -> Context:
    """A slot of the API as a form sends it: its start before its id, so that a page to check can name it."""
    return {"value": f"{slot['start']} {slot['id']}", "start": slot["start"], "place": slot["place"]}


def chosen(value: str) -> Context | None:
    """What a form sent: `start` and `id`; None if it is nothing of the kind."""
    start, _, slot_id = value.partition(" ")
    try:
        is_time = parse_datetime(start) is not None
    except ValueError:
        is_time = False
    return {"value": value, "start": start, "id": slot_id} if is_time and slot_id else None
