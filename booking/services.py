"""What visitors do: ask for an appointment, book a time, move it, accept one, cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import slots
from booking.appointments import claim, release
from booking.models import Appointment, AppointmentRequest, BookingSettings, ConsentText, Practitioner, Service
from booking.rights import wipe
from booking.slots import Slot
from guard.errors import Conflict
from outbox.services import queue


class NobodyFree(Exception):
    """Somebody else has this time; `alternatives` are the next ones."""

    def __init__(self, alternatives: list[Slot]) -> None:
        super().__init__()
        self.alternatives = alternatives


def request_appointment(
    *,
    name: str,
    email: str,
    consent: ConsentText,
    service: Service | None = None,
    practitioner: Practitioner | None = None,
    preferences: list[dict[str, Any]] | None = None,
    phone: str = "",
    message: str = "",
    network: str = "",
    is_suspect: bool = False,
) -> AppointmentRequest:
    """Store a request, confirm it to the sender and announce it to the clinic. Call it inside a transaction."""
    request = AppointmentRequest(
        name=name,
        email=email,
        consent=consent,
        service=service,
        practitioner=practitioner,
        preferences=[{"date": wish["date"].isoformat(), "part": wish["part"]} for wish in preferences or []],
        phone=phone,
        message=message,
        network=network,
        status=AppointmentRequest.Status.SUSPECTED if is_suspect else AppointmentRequest.Status.NEW,
    )
    request.full_clean()
    request.save(force_insert=True)
    if not is_suspect:
        for kind in ("booking.received", "booking.waiting"):
            queue(kind=kind, context={"request": str(request.pk)}, dedupe_key=f"{kind}:{request.pk}")
    return request


def book(*, slot: Slot, name: str, email: str, consent: ConsentText, **details: str) -> Appointment:
    """
    Take an offered time, inside the caller's transaction; NobodyFree if nobody is free at it any more.

    `details`: phone, message, network.
    """
    service = Service.objects.filter(pk=slot.service_id).first()
    if service is None:
        raise NobodyFree([])
    for practitioner in slots.who_is_free(service, slot):
        appointment = _appointment(service, practitioner, slot)
        appointment.name, appointment.email, appointment.consent = name, email, consent
        for field, value in details.items():
            setattr(appointment, field, value)
        if take(appointment):
            tell(appointment, "booked", by_visitor=True)
            return appointment
    raise NobodyFree(slots.alternatives(service, slot))


def _appointment(service: Service, practitioner: Practitioner, slot: Slot) -> Appointment:
    return Appointment(
        service=service,
        practitioner=practitioner,
        location_id=slot.location_id,
        starts_at=slot.start,
    )


def take(appointment: Appointment) -> bool:
    """
    Store an appointment and what it takes of the diary; False, and nothing stored, if somebody was faster.

    How long it lasts is its service's; what it costs is what the service cost when it was made.
    """
    service = appointment.service
    appointment.ends_at = appointment.starts_at + timedelta(minutes=service.duration_minutes)
    if appointment._state.adding:
        appointment.price = service.price
        appointment.currency = service.currency if service.price is not None else ""
    appointment.full_clean(exclude=["request", "consent"])
    try:
        with transaction.atomic():
            appointment.save()
            release(appointment)
            claim(appointment)
    except IntegrityError:
        return False
    return True


def tell(appointment: Appointment, what: str, *, by_visitor: bool = False) -> None:
    """Mail whoever comes, and the clinic if a visitor did it: once for each state of the appointment."""
    kinds = [f"booking.{what}"] if appointment.email else []
    kinds += [f"booking.{what}_here"] if by_visitor else []
    for kind in kinds:
        context = {"appointment": str(appointment.pk), "sequence": appointment.sequence}
        queue(kind=kind, context=context, dedupe_key=f"{kind}:{appointment.pk}:{appointment.sequence}")


@transaction.atomic
def move(*, appointment: Appointment, slot: Slot) -> Appointment:
    """Another time for the same service; the old one is kept if the new one is gone."""
    appointment = _changeable(appointment)
    if slot.service_id != appointment.service_id:
        raise Conflict(_("This time is for another service."), code="wrong_service")
    for practitioner in _able(appointment, slot):
        appointment.practitioner, appointment.location_id = practitioner, slot.location_id
        appointment.starts_at = slot.start
        appointment.status = Appointment.Status.BOOKED
        appointment.sequence += 1
        if take(appointment):
            _settle_request(appointment)
            tell(appointment, "moved", by_visitor=True)
            return appointment
        appointment.sequence -= 1
    raise NobodyFree(slots.alternatives(appointment.service, slot))


def _able(appointment: Appointment, slot: Slot) -> list[Practitioner]:
    """Who is free at the new time, not counting what the appointment itself takes now."""
    release(appointment)
    return slots.who_is_free(appointment.service, slot)


@transaction.atomic
def cancel(*, appointment: Appointment) -> Appointment:
    """The visitor does not come."""
    return call_off(_changeable(appointment), by_visitor=True)


def call_off(appointment: Appointment, *, what: str = "cancelled", by_visitor: bool = False) -> Appointment:
    """Cancel inside the caller's transaction; the time is free again."""
    appointment.status = Appointment.Status.CANCELLED
    appointment.sequence += 1
    appointment.save()
    release(appointment)
    tell(appointment, what, by_visitor=by_visitor)
    return appointment


@transaction.atomic
def accept(*, appointment: Appointment) -> Appointment:
    """The visitor takes the time that the clinic proposed."""
    appointment = _locked(appointment)
    if appointment.status != Appointment.Status.PROPOSED:
        raise Conflict(_("This appointment is not waiting for an answer."), code="not_proposed")
    if appointment.is_over:
        raise Conflict(_("It is too late to change this here. Please phone us."), code="too_late")
    return book_proposed(appointment, by_visitor=True)


def book_proposed(appointment: Appointment, *, by_visitor: bool = False) -> Appointment:
    """A proposed time is taken, inside the caller's transaction; its request is answered for good."""
    appointment.status = Appointment.Status.BOOKED
    appointment.sequence += 1
    appointment.save()
    _settle_request(appointment)
    tell(appointment, "booked", by_visitor=by_visitor)
    return appointment


def _settle_request(appointment: Appointment) -> None:
    """The request that a proposal answered is answered for good."""
    confirmed = AppointmentRequest.Status.CONFIRMED
    AppointmentRequest.objects.filter(appointments=appointment).update(status=confirmed, updated_at=timezone.now())


@transaction.atomic
def withdraw_consent(*, appointment: Appointment) -> None:
    """Erase everything about whoever comes; the clinic learns that nobody does. Conflict if it must be kept."""
    appointment = _locked(appointment)
    if appointment.legal_hold or (appointment.request and appointment.request.legal_hold):
        raise Conflict(_("The clinic has to keep this for now. Please phone us."), code="on_hold")
    stood = appointment.is_standing
    wipe(appointment.request or appointment)
    if stood:
        appointment.refresh_from_db()
        tell(appointment, "cancelled", by_visitor=True)


def _locked(appointment: Appointment) -> Appointment:
    related = Appointment.objects.select_related("service", "practitioner", "location")
    return related.select_for_update(of=("self",)).get(pk=appointment.pk)


def _changeable(appointment: Appointment) -> Appointment:
    """The appointment, locked; Conflict if it is off already or too near to be changed online."""
    appointment = _locked(appointment)
    if not appointment.is_standing:
        raise Conflict(_("This appointment is cancelled already."), code="already_cancelled")
    if not may_change(appointment):
        raise Conflict(_("It is too late to change this here. Please phone us."), code="too_late")
    return appointment


def may_change(appointment: Appointment) -> bool:
    """Whether the visitor can still move or cancel it without the clinic."""
    ahead = timedelta(hours=BookingSettings.current().cancel_hours)
    return appointment.is_standing and timezone.now() + ahead <= appointment.starts_at
