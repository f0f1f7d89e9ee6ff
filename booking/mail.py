"""
The mails about requests and appointments.

To a visitor: what, when, where, in words of ours alone, since the address may be somebody else's. To the clinic: the
reference, the service and where to read the rest; names and messages stay in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking import ics
from booking.models import Appointment, AppointmentRequest, BookingSettings
from booking.tokens import manage_token
from home.site_settings import SiteSettings
from outbox import kinds

Context = dict[str, Any]
Mail = EmailMessage | None
RECEPTION = "/admin/reception/"


def register() -> None:
    for kind, render, label in (
        ("received", received, "We have your request, to whoever asked"),
        ("declined", declined, "No time was found, to whoever asked"),
        ("booked", _to_visitor(_booked), "Appointment, to whoever comes"),
        ("proposed", _to_visitor(_proposed), "Proposed time, to whoever asked"),
        ("moved", _to_visitor(_moved), "Another time, to whoever comes"),
        ("cancelled", _to_visitor(_cancelled), "Cancelled, to whoever would have come"),
        ("lapsed", _to_visitor(_lapsed), "Proposed time is free again, to whoever asked"),
        ("reminder", _to_visitor(_reminder), "Reminder, to whoever comes"),
        ("waiting", waiting, "Request waits, to the clinic"),
        ("booked_here", _to_clinic(_booked_here), "Booked by a visitor, to the clinic"),
        ("moved_here", _to_clinic(_moved_here), "Moved by a visitor, to the clinic"),
        ("cancelled_here", _to_clinic(_cancelled_here), "Cancelled by a visitor, to the clinic"),
    ):
        kinds.register(f"booking.{kind}", render, label=label)


def when(appointment: Appointment) -> str:
    """“Tuesday 3 March 2027, 9:30 to 10:15 (Europe/London)”: on the clinic's clock, with its name."""
    start, end = timezone.localtime(appointment.starts_at), timezone.localtime(appointment.ends_at)
    words = {
        "day": format_date(start, pgettext("date", "l j F Y")),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "zone": settings.TIME_ZONE,
    }
    return _("%(day)s, %(start)s to %(end)s (%(zone)s)") % words


def _to_visitor(write: Callable[[Appointment, SiteSettings], tuple[str, list[str]] | None]) -> kinds.Render:
    """A kind of mail about an appointment as it is when the mail goes, with its calendar entry."""

    def render(context: Context) -> Mail:
        appointment = _appointment(context)
        if appointment is None or not appointment.email:
            return None
        site = SiteSettings.current()
        written = write(appointment, site)
        if written is None:
            return None
        subject, lines = written
        mail = EmailMessage(
            subject=subject,
            body="\n\n".join([_("Hello,"), *(line for line in lines if line), site.name]) + "\n",
            to=[appointment.email],
            reply_to=[site.email] if site.email else None,
        )
        if appointment.status != Appointment.Status.PROPOSED:
            method = "CANCEL" if appointment.status == Appointment.Status.CANCELLED else "REQUEST"
            mail.attach("appointment.ics", ics.invitation(appointment), f"text/calendar; method={method}")
        return mail

    return render


def _appointment(context: Context) -> Appointment | None:
    related = Appointment.objects.select_related("service", "practitioner", "location")
    return related.filter(pk=context["appointment"]).first()


def _details(appointment: Appointment) -> str:
    lines = [
        f"{appointment.service.name}, {appointment.practitioner.name}",
        when(appointment),
        f"{appointment.location.name}, {appointment.location.address}",
        appointment.location.directions,
        _("Reference: %(reference)s") % {"reference": appointment.reference},
    ]
    return "\n".join(line for line in lines if line)


def _manage(appointment: Appointment) -> str:
    """The key stands in the fragment: a program that opens the link, to look for harm in it, can do none."""
    return f"{settings.SITE_URL}/book/manage/#{manage_token(appointment)}"


def _how_to_change(appointment: Appointment, site: SiteSettings) -> str:
    line = _("To move or cancel it, up to %(hours)d hours before: %(link)s")
    hours = BookingSettings.current().cancel_hours
    later = _("Later than that, please phone %(phone)s.") % {"phone": site.phone} if site.phone else ""
    return " ".join(part for part in (line % {"hours": hours, "link": _manage(appointment)}, later) if part)


def _booked(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    if appointment.status != Appointment.Status.BOOKED:
        return None
    return _("Your appointment %(reference)s") % {"reference": appointment.reference}, [
        _("you have an appointment:"),
        _details(appointment),
        _how_to_change(appointment, site),
    ]


def _proposed(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    if appointment.status != Appointment.Status.PROPOSED:
        return None
    hours = BookingSettings.current().proposal_hours
    return _("A time for you: %(reference)s") % {"reference": appointment.reference}, [
        _("we can offer you this time and keep it for you for %(hours)d hours:") % {"hours": hours},
        _details(appointment),
        _("Take it, or tell us that it does not suit: %(link)s") % {"link": _manage(appointment)},
    ]


def _moved(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    if appointment.status != Appointment.Status.BOOKED:
        return None
    return _("Your appointment %(reference)s has another time") % {"reference": appointment.reference}, [
        _("your appointment has another time:"),
        _details(appointment),
        _how_to_change(appointment, site),
    ]


def _cancelled(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    if appointment.status != Appointment.Status.CANCELLED:
        return None
    return _("Your appointment %(reference)s is cancelled") % {"reference": appointment.reference}, [
        _("this appointment is cancelled:"),
        _details(appointment),
        _("You can ask for another one at any time: %(link)s") % {"link": f"{settings.SITE_URL}/book/"},
    ]


def _lapsed(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    if appointment.status != Appointment.Status.CANCELLED:
        return None
    return _("The time we kept for you is free again: %(reference)s") % {"reference": appointment.reference}, [
        _("we had no answer about this time, so we have given it free again:"),
        _details(appointment),
        _("We have your request still, and look for another time."),
    ]


def _reminder(appointment: Appointment, site: SiteSettings) -> tuple[str, list[str]] | None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    if appointment.status != Appointment.Status.BOOKED or timezone.localdate(appointment.starts_at) != tomorrow:
        return None
    return _("Tomorrow: your appointment %(reference)s") % {"reference": appointment.reference}, [
        _("we look forward to seeing you:"),
        _details(appointment),
        _("If you can’t come, please phone %(phone)s.") % {"phone": site.phone} if site.phone else "",
    ]


def _to_clinic(write: Callable[[str], str]) -> kinds.Render:
    def render(context: Context) -> Mail:
        appointment, site = _appointment(context), SiteSettings.current()
        if appointment is None or not site.email:
            return None
        about = f"{appointment.service.name}, {appointment.practitioner.name}\n{when(appointment)}"
        return _for_reception(site, write(appointment.reference), about, appointment.name)

    return render


def _booked_here(reference: str) -> str:
    return _("Booked: %(reference)s") % {"reference": reference}


def _moved_here(reference: str) -> str:
    return _("Moved: %(reference)s") % {"reference": reference}


def _cancelled_here(reference: str) -> str:
    return _("Cancelled: %(reference)s") % {"reference": reference}


def _for_reception(site: SiteSettings, subject: str, about: str, name: str) -> EmailMessage:
    who = name if BookingSettings.current().names_in_mail else ""
    parts = [about, who, f"{settings.SITE_URL}{RECEPTION}"]
    return EmailMessage(subject=subject, body="\n\n".join(part for part in parts if part) + "\n", to=[site.email])


def _request(context: Context) -> AppointmentRequest | None:
    found = AppointmentRequest.objects.select_related("service").exclude(status=AppointmentRequest.Status.ERASED)
    return found.filter(pk=context["request"]).first()


def received(context: Context) -> Mail:
    """To the visitor: we have it, and what happens next."""
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


def declined(context: Context) -> Mail:
    request, site = _request(context), SiteSettings.current()
    if request is None or request.status != AppointmentRequest.Status.DECLINED:
        return None
    words = {"site": site.name, "reference": request.reference, "contact": _contact(site)}
    lines = [
        _("Hello,"),
        _("we are sorry: we could not find a time for your request %(reference)s."),
        _("If other days would suit you, or you have a question, tell us: %(contact)s.") if words["contact"] else "",
        "%(site)s",
    ]
    return EmailMessage(
        subject=_("Your request %(reference)s") % words,
        body="\n\n".join(line % words for line in lines if line) + "\n",
        to=[request.email],
        reply_to=[site.email] if site.email else None,
    )


def _contact(site: SiteSettings) -> str:
    return _(" or ").join(part for part in (site.phone, site.email) if part)


def waiting(context: Context) -> Mail:
    """To the clinic: the reference and where to read it."""
    request, site = _request(context), SiteSettings.current()
    if request is None or not site.email:
        return None
    about = request.service.name if request.service else _("no particular service")
    body = _("A request for an appointment (%(service)s) waits for an answer.") % {"service": about}
    return _for_reception(site, _("New request %(reference)s") % {"reference": request.reference}, body, request.name)
