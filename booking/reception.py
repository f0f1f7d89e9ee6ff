"""What reception does: answer requests, keep the diary, call off, note who did not come, erase."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from wagtail.log_actions import log

from booking.models import Appointment, AppointmentRequest, Location, Practitioner, Service
from booking.rights import wipe
from booking.services import book_proposed, call_off, take, tell
from outbox.services import queue

Answer = AppointmentRequest.Status


class NotPossible(Exception):
    """What reception asked for can't be done; the text says why."""


class Identity(NamedTuple):
    """What an appointment is known by, in its mail too; chosen before, so that the mail shown is the mail that goes."""

    id: uuid.UUID
    reference: str


@transaction.atomic
def give_time(
    *,
    request: AppointmentRequest,
    service: Service,
    practitioner: Practitioner,
    location: Location,
    start: datetime,
    user: Any,
    is_proposal: bool,
    identity: Identity | None = None,
) -> Appointment:
    """
    Answer a request with a time: fixed, or proposed for the visitor to accept.

    Reception may give a time that is not offered to visitors; two people at one time it can't.
    """
    _hold_for_answer(request)
    appointment = Appointment(
        **(identity._asdict() if identity else {}),
        request=request,
        service=service,
        practitioner=practitioner,
        location=location,
        starts_at=start,
        status=Appointment.Status.PROPOSED if is_proposal else Appointment.Status.BOOKED,
        name=request.name,
        email=request.email,
        phone=request.phone,
        message=request.message,
        consent=request.consent,
        network=request.network,
        made_by=user,
    )
    _take(appointment)
    tell(appointment, "proposed" if is_proposal else "booked")
    _answer(request, Answer.CONTACTED if is_proposal else Answer.CONFIRMED, user)
    return appointment


def _hold_for_answer(request: AppointmentRequest) -> None:
    """Read it anew and keep it until the transaction ends: of two answers at one moment the second sees the first."""
    request.refresh_from_db(from_queryset=AppointmentRequest.objects.select_for_update())
    if request.status == Answer.ERASED:
        raise NotPossible("This request is erased.")
    given = request.appointments.standing().first()
    if given:
        raise NotPossible(f"This request has a time already: {given.reference}. Move or cancel that one.")


def _take(appointment: Appointment) -> None:
    if not take(appointment):
        raise NotPossible("This practitioner has somebody else at that time.")
    log(instance=appointment, action="booking.book", user=appointment.made_by)


def _answer(request: AppointmentRequest, status: str, user: Any) -> None:
    request.status, request.assigned_to = status, request.assigned_to or user
    request.save(update_fields=["status", "assigned_to", "updated_at"])
    log(instance=request, action="booking.answer", user=user, data={"to": status})


@transaction.atomic
def book_by_phone(*, appointment: Appointment, user: Any) -> Appointment:
    """An appointment that somebody asked for on the phone, unsaved as reception filled it in."""
    appointment.made_by = user
    _take(appointment)
    tell(appointment, "booked")
    return appointment


@transaction.atomic
def decline(*, request: AppointmentRequest, user: Any) -> None:
    """No time can be found; the visitor is told, in words of ours."""
    _hold_for_answer(request)
    _answer(request, Answer.DECLINED, user)
    queue(kind="booking.declined", context={"request": str(request.pk)}, dedupe_key=f"booking.declined:{request.pk}")


@transaction.atomic
def mark_contacted(*, request: AppointmentRequest, user: Any) -> None:
    """Somebody has rung or written; no mail goes."""
    _hold_for_answer(request)
    _answer(request, Answer.CONTACTED, user)


def _standing(appointment: Appointment) -> Appointment:
    """The appointment, read anew and kept from changing until the transaction ends."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if not appointment.is_standing:
        raise NotPossible("This appointment is cancelled already.")
    return appointment


@transaction.atomic
def cancel_for(*, appointment: Appointment, user: Any) -> Appointment:
    appointment = _standing(appointment)
    log(instance=appointment, action="booking.cancel", user=user)
    return call_off(appointment)


@transaction.atomic
def reschedule(*, appointment: Appointment, start: datetime, user: Any) -> Appointment:
    """Another time with the same practitioner; the old one is kept if the new one is taken."""
    appointment = _standing(appointment)
    appointment.starts_at = start
    appointment.sequence += 1
    if not take(appointment):
        raise NotPossible("This practitioner has somebody else at that time.")
    log(instance=appointment, action="booking.move", user=user)
    tell(appointment, "proposed" if appointment.status == Appointment.Status.PROPOSED else "moved")
    return appointment


@transaction.atomic
def accept_for(*, appointment: Appointment, user: Any) -> Appointment:
    """Somebody has said on the phone that the proposed time suits."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if appointment.status != Appointment.Status.PROPOSED:
        raise NotPossible("This appointment is not waiting for an answer.")
    log(instance=appointment, action="booking.accept", user=user)
    return book_proposed(appointment)


@transaction.atomic
def mark_no_show(*, appointment: Appointment, user: Any) -> None:
    if appointment.status != Appointment.Status.BOOKED or not appointment.is_over:
        raise NotPossible("Only an appointment whose time has come can be marked.")
    appointment.status = Appointment.Status.NO_SHOW
    appointment.save(update_fields=["status", "updated_at"])
    log(instance=appointment, action="booking.no_show", user=user)


@transaction.atomic
def erase(*, record: AppointmentRequest | Appointment, user: Any) -> None:
    """The consent was taken back: everything goes but the fact that there was something."""
    record.refresh_from_db()
    if record.legal_hold:
        raise NotPossible("This is on legal hold: take that off first.")
    log(instance=record, action="booking.erase", user=user)
    wipe(record)


@transaction.atomic
def set_hold(*, record: AppointmentRequest | Appointment, is_held: bool, user: Any) -> None:
    """Keep it whatever the schedule says, or no longer."""
    record.legal_hold = is_held
    record.save(update_fields=["legal_hold", "updated_at"])
    log(instance=record, action="booking.hold", user=user, data={"is_held": is_held})


@transaction.atomic
def note(*, record: AppointmentRequest | Appointment, text: str, user: Any) -> None:
    """What reception writes down for itself. The log says that there is a note, not what it says."""
    record.staff_note = text
    record.save(update_fields=["staff_note", "updated_at"])
    log(instance=record, action="booking.note", user=user)


@transaction.atomic
def assign(*, request: AppointmentRequest, user: Any) -> None:
    """Whoever it is takes care of this request."""
    request.assigned_to = user
    request.save(update_fields=["assigned_to", "updated_at"])
    log(instance=request, action="booking.assign", user=user)
