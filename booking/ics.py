"""
An appointment as other calendars read it (RFC 5545).

Times are in UTC: a zone's definition inside the file would lose which of two autumn hours is meant. The UID stays and
SEQUENCE rises, so that a change replaces what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from booking.appointments import Appointment
from home.site_settings import SiteSettings

PRODUCT = "-//Gait//Appointments//EN"


def invitation(appointment: Appointment) -> bytes:
    """For the mail to whoever comes: entered, changed or taken out of their calendar."""
    is_off = appointment.status == Appointment.Status.CANCELLED
    site = SiteSettings.current()
    event = _event(appointment, site.name)
    if site.email and appointment.email:
        event["organizer"] = vCalAddress(f"mailto:{site.email}")
        event["organizer"].params["cn"] = vText(site.name)
        event.add("attendee", vCalAddress(f"mailto:{appointment.email}"))
    return _calendar("CANCEL" if is_off else "REQUEST", [event])


def download(appointment: Appointment) -> bytes:
    """For whoever opens the appointment's page."""
    return _calendar("PUBLISH", [_event(appointment, SiteSettings.current().name)])


def feed(appointments: Iterable[Appointment], *, with_names: bool) -> bytes:
    """A practitioner's diary, to be read by their own calendar."""
    events, site = [], SiteSettings.current().name
    for appointment in appointments:
        event = _event(appointment, site)
        event["summary"] = vText(appointment.service.name + (f", {appointment.name}" if with_names else ""))
        events.append(event)
    return _calendar("PUBLISH", events)


def _event(appointment: Appointment, site: str) -> Event:
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now().astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", _("Appointment, %(site)s") % {"site": site})
    event.add("description", f"{appointment.service.name}, {appointment.practitioner.name}\n{appointment.reference}")
    event.add("location", f"{appointment.location.name}, {appointment.location.address}")
    event.add("status", "CANCELLED" if appointment.status == Appointment.Status.CANCELLED else "CONFIRMED")
    return event


def _calendar(method: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()
