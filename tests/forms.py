"""The site's forms, filled in as a person fills them in: what they send to the API."""

from __future__ import annotations

import itertools
from typing import Any

from django.test import Client

from blog.models import BlogPage
from booking.models import ConsentText, Service
from tests.conftest import Visitor, fetch_ticket

APPOINTMENTS_PATH = "/api/v1/booking/appointments/"
SLOTS_PATH = "/api/v1/booking/slots/"
MANAGE_PATH = "/api/v1/booking/manage/"
BOOKING_PATH = "/api/v1/booking/requests/"
BOOKING_TICKET_PATH = "/api/v1/forms/booking/ticket/"
PRIVACY_PATH = "/api/v1/privacy/requests/"
PRIVACY_TICKET_PATH = "/api/v1/forms/privacy/ticket/"
_networks = itertools.count(1)


def comments_path(post: BlogPage) -> str:
    return f"/api/v1/posts/{post.pk}/comments/"


def comment_ticket_path(post: BlogPage) -> str:
    return f"/api/v1/forms/comment/ticket/?post={post.pk}"


def filled_comment(post: BlogPage, **fields: Any) -> dict[str, Any]:
    ticket = {} if "ticket" in fields else {"ticket": fetch_ticket(comment_ticket_path(post))["ticket"]}
    return {"author_name": "Ada", "body": "That helped."} | ticket | fields


def send_comment(post: BlogPage, visitor: Client | None = None, headers: Any = None, **fields: Any) -> Any:
    sender = visitor or Visitor()
    return sender.post(comments_path(post), filled_comment(post, **fields), "application/json", headers=headers)


def filled_booking(**fields: Any) -> dict[str, Any]:
    ticket = {} if "ticket" in fields else {"ticket": fetch_ticket(BOOKING_TICKET_PATH)["ticket"]}
    consent = {"version": str(ConsentText.objects.latest("version").version), "given": True}
    return {"name": "Ada", "email": "ada@visitor.example", "consent": consent} | ticket | fields


def filled_privacy(**fields: Any) -> dict[str, Any]:
    ticket = {} if "ticket" in fields else {"ticket": fetch_ticket(PRIVACY_TICKET_PATH)["ticket"]}
    return {"kind": "export", "email": "ada@visitor.example"} | ticket | fields


def filled_appointment(slot_id: str, **fields: Any) -> dict[str, Any]:
    return filled_booking(slot_id=slot_id, **fields)


def somebody() -> Visitor:
    """A visitor from a network of their own, whom nobody else's requests are counted against."""
    high, low = divmod(next(_networks), 256)
    return Visitor(REMOTE_ADDR=f"10.{high}.{low}.1")


def free_times(service: Service, **query: str) -> dict[str, list[dict[str, str]]]:
    """What visitors are offered, by day."""
    answer = Visitor().get(SLOTS_PATH, {"service": str(service.pk)} | query)
    assert answer.status_code == 200, answer.content
    return {day["date"]: day["slots"] for day in answer.json()["days"]}


def slot_at(service: Service, start: str, **query: str) -> str:
    """The id of the time that begins then, as the API writes it without its offset: `2027-03-02T09:00`."""
    slots = free_times(service, **({"from": start[:10], "to": start[:10]} | query))[start[:10]]
    return next(slot["id"] for slot in slots if slot["start"].startswith(start))


def book(slot_id: str, **fields: Any) -> Any:
    return somebody().send("POST", APPOINTMENTS_PATH, filled_appointment(slot_id, **fields))


def manage(action: str, token: str, **fields: Any) -> Any:
    """With the key to an appointment: `cancel/`, `move/` …, or what it says where no action is named."""
    return somebody().send("POST", f"{MANAGE_PATH}{action}", {"token": token} | fields)
