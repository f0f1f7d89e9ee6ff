from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from booking.models import AppointmentRequest
from home.site_settings import SiteSettings
from outbox import kinds


def register() -> None:
    kinds.register("booking.received", received)
    kinds.register("booking.waiting", waiting)


def _request(context: dict[str, Any]) -> AppointmentRequest | None:
    return AppointmentRequest.objects.select_related("service").filter(pk=context["request"]).first()


def received(context: dict[str, Any]) -> EmailMessage | None:
    """
    To the visitor: we have it, and what happens next.

    The address is not confirmed, so nothing the sender typed is in it: it must not carry a stranger's words to a third
    person.
    """
    request, site = _request(context), SiteSettings.current()
    if request is None:
        return None
    contact = " or ".join(part for part in (site.phone, site.email) if part)
    lines = [
        "Hello,",
        f"{site.name} has received a request for an appointment from this address. Its reference is "
        f"{request.reference}.",
        "We answer within one working day with a time, or with a question.",
        f"To change or withdraw it, or if this was not you, tell us: {contact}." if contact else "",
        site.name,
    ]
    return EmailMessage(
        subject=f"We have your request {request.reference}",
        body="\n\n".join(line for line in lines if line) + "\n",
        to=[request.email],
        reply_to=[site.email] if site.email else None,
    )


def waiting(context: dict[str, Any]) -> EmailMessage | None:
    """To the clinic: the reference and where to read it. Names and messages stay in the database."""
    request, site = _request(context), SiteSettings.current()
    if request is None or not site.email:
        return None
    about = request.service.name if request.service else "no particular service"
    return EmailMessage(
        subject=f"New request {request.reference}",
        body=f"A request for an appointment ({about}) waits for an answer.\n\n"
        f"{settings.SITE_URL}/admin/snippets/booking/appointmentrequest/\n",
        to=[site.email],
    )
