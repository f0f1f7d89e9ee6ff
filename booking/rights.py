"""What a person may ask for: a copy of everything that was sent under their address, and that it is erased."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from booking.appointments import release
from booking.models import Appointment, AppointmentRequest


def exported(address: str) -> list[dict[str, Any]]:
    """Every request and appointment of an address, as its owner may have it."""
    return [*map(_request, _requests(address)), *map(_appointment, _appointments(address))]


def _requests(address: str) -> Any:
    related = AppointmentRequest.objects.select_related("service", "practitioner", "consent")
    return related.filter(email__iexact=address).order_by("created_at")


def _appointments(address: str) -> Any:
    related = Appointment.objects.select_related("service", "practitioner", "location", "consent")
    return related.filter(email__iexact=address).order_by("starts_at")


def _request(request: AppointmentRequest) -> dict[str, Any]:
    return _person(request) | {
        "service": request.service and request.service.name,
        "practitioner": request.practitioner and request.practitioner.name,
        "wishes": request.preferences,
    }


def _appointment(appointment: Appointment) -> dict[str, Any]:
    return _person(appointment) | {
        "service": appointment.service.name,
        "practitioner": appointment.practitioner.name,
        "location": appointment.location.name,
        "begins": appointment.starts_at.isoformat(),
        "ends": appointment.ends_at.isoformat(),
    }


def _person(record: AppointmentRequest | Appointment) -> dict[str, Any]:
    return {
        "reference": record.reference,
        "name": record.name,
        "e-mail": record.email,
        "phone": record.phone,
        "message": record.message,
        "agreed to": record.consent and record.consent.text,
        "status": record.get_status_display(),
        "written": record.created_at.isoformat(),
    }


@transaction.atomic
def erase_all(address: str) -> int:
    """Erase every request and appointment of an address but those on legal hold (GDPR 17(3)(e)); how many."""
    found = [
        *_requests(address).filter(legal_hold=False).select_for_update(of=("self",)),
        *_appointments(address).filter(legal_hold=False).select_for_update(of=("self",)),
    ]
    for record in found:
        wipe(record)
    return len(found)


def wipe(record: AppointmentRequest | Appointment) -> None:
    """Leave a record without content; a time that it kept is free again. Call it inside a transaction."""
    record.name = record.email = record.phone = record.message = record.staff_note = record.network = ""
    record.status, record.legal_hold = record.Status.ERASED, False
    if isinstance(record, Appointment):
        release(record)
    else:
        record.preferences = []
        for appointment in record.appointments.filter(legal_hold=False):
            wipe(appointment)
    record.save()
