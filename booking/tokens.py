"""Signed values that leave the clinic: a time that is offered, and the key to one's own appointment."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.core import signing

from booking.appointments import Appointment
from booking.slots import Slot

MAX_LENGTH = 300
_SLOT_SALT = "booking.slot"
_MANAGE_SALT = "booking.manage"


def slot_id(slot: Slot) -> str:
    """Opaque, and the same for everybody who is offered this time."""
    who = slot.practitioner_id.hex if slot.practitioner_id else ""
    value = [int(slot.start.timestamp()), slot.service_id.hex, slot.location_id.hex, who]
    return signing.Signer(salt=_SLOT_SALT).sign_object(value, compress=False)


def slot_of(value: str) -> Slot | None:
    """The time behind an id of ours; None for anything else."""
    found = _unsigned(value)
    if found is None:
        return None
    start, service, location, who = found
    return Slot(
        start=datetime.fromtimestamp(start, tz=UTC),
        service_id=uuid.UUID(service),
        location_id=uuid.UUID(location),
        practitioner_id=uuid.UUID(who) if who else None,
    )


def _unsigned(value: str) -> Any:
    if len(value) > MAX_LENGTH:
        return None
    try:
        return signing.Signer(salt=_SLOT_SALT).unsign_object(value)
    except signing.BadSignature:
        return None


def manage_token(appointment: Appointment) -> str:
    """The key to one appointment: it stands in the fragment of an address, which no server and no log ever sees."""
    return signing.Signer(salt=_MANAGE_SALT).sign(appointment.pk.hex)


def managed(token: str) -> Appointment | None:
    """The appointment that a key opens; None for every other value."""
    try:
        key = signing.Signer(salt=_MANAGE_SALT).unsign(token) if len(token) <= MAX_LENGTH else ""
    except signing.BadSignature:
        return None
    related = Appointment.objects.select_related("service", "practitioner", "location", "consent")
    return related.filter(pk=key).first() if key else None
