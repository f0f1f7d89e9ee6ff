"""Which days a visitor may ask for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

HORIZON = timedelta(days=60)


class Part(models.TextChoices):
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


def first_date() -> date:
    """Tomorrow, in the clinic's time zone."""
    return timezone.localdate() + timedelta(days=1)


def next_midnight() -> datetime:
    """When the first and the last date will be others."""
    return timezone.make_aware(datetime.combine(first_date(), time.min))


def last_date() -> date:
    return timezone.localdate() + HORIZON
