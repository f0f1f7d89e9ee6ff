"""The preferred half-days of a request, in words."""

from __future__ import annotations

from datetime import date

from django.utils.dateformat import format as format_date

from booking.models import AppointmentRequest


def in_words(request: AppointmentRequest) -> list[str]:
    """“Thursday 26 November, morning”, one for each wish."""
    return [f"{format_date(date.fromisoformat(wish['date']), 'l j F')}, {wish['part']}" for wish in request.preferences]
