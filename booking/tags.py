"""`booking`: what can be booked, with whom, where and when, and the changes that put it out of date."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import m2m_changed

from booking.models import BookingSettings, Closure, ConsentText, Location, OpeningRule, Practitioner, Service
from home import changes

TAG = "booking"


def connect() -> None:
    offer = (Service, Practitioner, Location, OpeningRule, Closure, BookingSettings, ConsentText)
    changes.watch(lambda row: [TAG], *offer)
    m2m_changed.connect(_linked, sender=Practitioner.services.through, dispatch_uid="booking.tags.services")


def _linked(sender: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_"):
        changes.record(TAG)
