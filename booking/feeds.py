"""A practitioner's diary at a secret address, for their own calendar to read."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from booking import ics
from booking.models import BookingSettings, Practitioner

PAST, AHEAD = timedelta(days=30), timedelta(days=365)


@require_safe
def practitioner_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """404 for an address that was never given out or was taken back."""
    practitioner = _with_secret(secret)
    now = timezone.now()
    appointments = practitioner.appointments.standing().select_related("service", "practitioner", "location")
    content = ics.feed(
        appointments.between(now - PAST, now + AHEAD), with_names=BookingSettings.current().names_in_feeds
    )
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _with_secret(secret: str) -> Practitioner:
    for practitioner in Practitioner.objects.filter(is_active=True).exclude(feed_key=""):
        if constant_time_compare(practitioner.feed_secret, secret):
            return practitioner
    raise Http404


urlpatterns = [path("feeds/practitioner/<slug:secret>.ics", practitioner_feed, name="booking_feed")]
