"""What the worker does for the diary: reminders, proposals that nobody answered, holidays, what is too old."""

from __future__ import annotations

from datetime import date, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from booking.hours import at
from booking.models import Appointment, AppointmentRequest, BookingSettings, Closure
from booking.services import call_off
from outbox.services import queue

REMINDED_AT = time(9)


def remind() -> int:
    """
    Queue the mails to those who come tomorrow, once each; the number of appointments.

    Whoever booked after this morning needs none. A mail is made when it goes: not after a cancellation.
    """
    today = timezone.localdate()
    since = at(today, REMINDED_AT)
    if timezone.now() < since or not BookingSettings.current().reminders:
        return 0
    due = _on(today + timedelta(days=1)).filter(status=Appointment.Status.BOOKED, created_at__lt=since)
    for appointment in due.exclude(email=""):
        key = f"booking.reminder:{appointment.pk}:{int(appointment.starts_at.timestamp())}"
        queue(kind="booking.reminder", context={"appointment": str(appointment.pk)}, dedupe_key=key)
    return due.count()


def _on(day: date) -> QuerySet[Appointment]:
    start = at(day, time.min)
    return Appointment.objects.filter(starts_at__gte=start, starts_at__lt=at(day + timedelta(days=1), time.min))


def release_unanswered() -> int:
    """Free the proposed times that nobody has accepted in time; their requests wait again."""
    since = timezone.now() - timedelta(hours=BookingSettings.current().proposal_hours)
    unanswered = Appointment.objects.filter(status=Appointment.Status.PROPOSED, updated_at__lt=since)
    for appointment in unanswered:
        _release(appointment)
    return len(unanswered)


@transaction.atomic
def _release(appointment: Appointment) -> None:
    locked = Appointment.objects.select_for_update().filter(pk=appointment.pk, status=Appointment.Status.PROPOSED)
    for found in locked:
        call_off(found, what="lapsed")
        if found.request:
            waiting = AppointmentRequest.objects.filter(pk=found.request.pk)
            waiting.update(status=AppointmentRequest.Status.NEW, updated_at=timezone.now())


@transaction.atomic
def import_holidays() -> int:
    """
    Public holidays of this year and the next as closures, once: what somebody changed or deleted stays as it is.
    """
    current, year = BookingSettings.current(), timezone.localdate().year
    done = f"{current.holidays_of} {year + 1}"
    if not current.holidays_of or current.holidays_imported == done:
        return 0
    import holidays  # large: every country’s rules

    country, _, part = current.holidays_of.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=[year, year + 1])
    wanted = {
        day: name for day, name in found.items() if current.holidays_imported != f"{current.holidays_of} {day.year}"
    }
    BookingSettings.objects.filter(pk=current.pk).update(holidays_imported=done)
    return sum(_close_on(day, name, f"{current.holidays_of}:{day}") for day, name in wanted.items())


def _close_on(day: date, name: str, key: str) -> bool:
    _, is_new = Closure.objects.get_or_create(
        import_key=key, defaults={"name": name[:120], "starts_on": day, "ends_on": day}
    )
    return is_new


def prune() -> int:
    """Delete what nobody has touched for as long as the clinic keeps it; the number of rows that went."""
    before = timezone.now() - timedelta(days=BookingSettings.current().kept_days)
    requests = AppointmentRequest.objects.filter(updated_at__lt=before, legal_hold=False)
    appointments = Appointment.objects.filter(updated_at__lt=before, ends_at__lt=before, legal_hold=False)
    return sum(queryset.delete()[0] for queryset in (requests, appointments))
