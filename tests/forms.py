"""The site's two forms, filled in as a person fills them in: what they send to the API."""

from __future__ import annotations

from typing import Any

from blog.models import BlogPage
from booking.models import ConsentText
from tests.conftest import fetch_ticket

BOOKING_PATH = "/api/v1/booking/requests/"
BOOKING_TICKET_PATH = "/api/v1/forms/booking/ticket/"


def comments_path(post: BlogPage) -> str:
    return f"/api/v1/posts/{post.pk}/comments/"


def comment_ticket_path(post: BlogPage) -> str:
    return f"/api/v1/forms/comment/ticket/?post={post.pk}"


def filled_comment(post: BlogPage, **fields: Any) -> dict[str, Any]:
    ticket = {} if "ticket" in fields else {"ticket": fetch_ticket(comment_ticket_path(post))["ticket"]}
    return {"author_name": "Ada", "body": "That helped."} | ticket | fields


def filled_booking(**fields: Any) -> dict[str, Any]:
    ticket = {} if "ticket" in fields else {"ticket": fetch_ticket(BOOKING_TICKET_PATH)["ticket"]}
    consent = {"version": str(ConsentText.objects.latest("version").version), "given": True}
    return {"name": "Ada", "email": "ada@visitor.example", "consent": consent} | ticket | fields
