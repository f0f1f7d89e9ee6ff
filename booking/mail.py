from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

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
    words = {"site": site.name, "reference": request.reference, "contact": _contact(site)}
    lines = [
        _("Hello,"),
        _("%(site)s has received a request for an appointment from this address. Its reference is %(reference)s."),
        _("We answer within one working day with a time, or with a question."),
        _("To change or withdraw it, or if this was not you, tell us: %(contact)s.") if words["contact"] else "",
        "%(site)s",
    ]
    return EmailMessage(
        subject=_("We have your request %(reference)s") % words,
        body="\n\n".join(line % words for line in lines if line) + "\n",
        to=[request.email],
        reply_to=[site.email] if site.email else None,
    )


def _contact(site: SiteSettings) -> str:
    return _(" or ").join(part for part in (site.phone, site.email) if part)


def waiting(context: dict[str, Any]) -> EmailMessage | None:
    """To the clinic: the reference and where to read it. Names and messages stay in the database."""
    request, site = _request(context), SiteSettings.current()
    if request is None or not site.email:
        return None
    about = request.service.name if request.service else _("no particular service")
    body = _("A request for an appointment (%(service)s) waits for an answer.") % {"service": about}
    return EmailMessage(
        subject=_("New request %(reference)s") % {"reference": request.reference},
        body=f"{body}\n\n{settings.SITE_URL}/admin/snippets/booking/appointmentrequest/\n",
        to=[site.email],
    )
