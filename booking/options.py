"""What the booking form offers, as every page that shows it reads it."""

from __future__ import annotations

from typing import Any

from booking.models import ConsentText, Location, Practitioner, Service
from home.statements import Statement

_OFFERED: Any = Practitioner.services.through
_SERVICES: Statement[Service] = Statement(lambda: Service.objects.filter(is_offered=True))
_PRACTITIONERS: Statement[Practitioner] = Statement(lambda: Practitioner.objects.filter(is_active=True))
_SERVICES_OF: Statement[Any] = Statement(
    lambda: (
        _OFFERED.objects.filter(service__is_offered=True, practitioner__is_active=True)
        .order_by("service__sort_order", "service__name")
        .only("service", "practitioner")
    )
)
_LOCATIONS: Statement[Location] = Statement(lambda: Location.objects.filter(is_active=True))
_CONSENT: Statement[ConsentText] = Statement(lambda: ConsentText.objects.order_by("-version"))


def services() -> list[Service]:
    return _SERVICES.read()


def practitioners() -> list[Practitioner]:
    """Those who can be asked for, each with `service_ids` of what they offer."""
    links, found = _SERVICES_OF.read(), _PRACTITIONERS.read()
    for person in found:
        person.service_ids = [link.service_id for link in links if link.practitioner_id == person.pk]
    return found


def locations() -> list[Location]:
    return _LOCATIONS.read()


def consent_text() -> ConsentText | None:
    return next(iter(_CONSENT.read(limit=1)), None)
