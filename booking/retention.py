from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from booking.models import AppointmentRequest

KEPT_FOR = timedelta(days=90)


def prune() -> int:
    """Delete requests that nobody has touched for KEPT_FOR; the number of rows that went."""
    return AppointmentRequest.objects.filter(updated_at__lt=timezone.now() - KEPT_FOR).delete()[0]
