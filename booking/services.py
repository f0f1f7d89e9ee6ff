from __future__ import annotations

from typing import Any

from booking.models import AppointmentRequest, ConsentText, Practitioner, Service
from outbox.services import queue


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
        status=AppointmentRequest.Status.SUSPECTED if is_suspect else AppointmentRequest.Status.NEW,
    )
    request.full_clean()
    request.save(force_insert=True)
    if not is_suspect:
        for kind in ("booking.received", "booking.waiting"):
            queue(kind=kind, context={"request": str(request.pk)}, dedupe_key=f"{kind}:{request.pk}")
    return request
