"""When people are seen: rules on the clinic's clock, and what breaks them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from booking.offer import GRANULE_MINUTES, Location, Practitioner

GRANULE = timedelta(minutes=GRANULE_MINUTES)
WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


def at(day: date, moment: time) -> datetime:
    """
    That time on the clinic's clock, as a moment.

    A time that the clock skips in spring is the moment it jumps; one that comes twice in autumn is the first.
    """
    zone, wanted = timezone.get_default_timezone(), datetime.combine(day, moment)
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    # Only a time that is skipped is found at a later one.
    while (found - GRANULE).astimezone(zone).replace(tzinfo=None) >= wanted:
        found -= GRANULE
    return found


def _is_turned(first: Any, last: Any, *, same_is_fine: bool = True) -> bool:
    """Whether both are given, and in the wrong order."""
    if first is None or last is None:
        return False
    return bool(first > last or (first == last and not same_is_fine))


class OpeningRule(models.Model):
    """Somebody is at a location on one day of every week, from one time to another."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="rules")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rules")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    starts = models.TimeField("from")
    ends = models.TimeField("to")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    panels = [
        FieldPanel("practitioner"),
        FieldPanel("location"),
        FieldPanel("weekday"),
        FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")]),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
    ]

    class Meta:
        verbose_name = "opening hours"
        verbose_name_plural = "opening hours"
        ordering = ["practitioner", "weekday", "starts"]

    def __str__(self) -> str:
        return f"{self.practitioner}, {self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"

    def clean(self) -> None:
        if _is_turned(self.starts, self.ends, same_is_fine=False):
            raise ValidationError({"ends": "This must be later than the beginning."})
        for name in ("starts", "ends"):
            moment = getattr(self, name)
            if moment and (moment.minute % GRANULE_MINUTES or moment.second):
                raise ValidationError({name: f"Whole steps of {GRANULE_MINUTES} minutes are needed."})
        if _is_turned(self.valid_from, self.valid_to):
            raise ValidationError({"valid_to": "This must not be earlier than the first day."})

    def holds_on(self, day: date) -> bool:
        first, last = self.valid_from or day, self.valid_to or day
        return first <= day <= last and day.weekday() == self.weekday


class ClosureQuerySet(models.QuerySet["Closure"]):
    def between(self, first: date, last: date) -> ClosureQuerySet:
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class Closure(models.Model):
    """Days on which nobody is seen: everywhere, at one location, or by one practitioner; whole, or for some hours."""

    name = models.CharField(max_length=120, help_text="Why, as reception reads it: a holiday, a course, a wedding.")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    from_time = models.TimeField("from", null=True, blank=True, help_text="Empty: all day.")
    to_time = models.TimeField("to", null=True, blank=True)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.CASCADE, related_name="closures")
    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="closures"
    )
    import_key = models.CharField(max_length=40, null=True, blank=True, unique=True, editable=False)

    objects = ClosureQuerySet.as_manager()

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldRowPanel([FieldPanel("from_time"), FieldPanel("to_time")]),
        MultiFieldPanel([FieldPanel("location"), FieldPanel("practitioner")], heading="Only for"),
    ]

    class Meta:
        ordering = ["starts_on", "name"]
        indexes = [models.Index(fields=["ends_on", "starts_on"], name="booking_closures_by_day")]

    def __str__(self) -> str:
        return f"{self.name}, {self.starts_on}"

    def clean(self) -> None:
        if _is_turned(self.starts_on, self.ends_on):
            raise ValidationError({"ends_on": "This must not be earlier than the first day."})
        if (self.from_time is None) != (self.to_time is None):
            raise ValidationError({"to_time": "Both times are needed, or none."})
        if _is_turned(self.from_time, self.to_time, same_is_fine=False):
            raise ValidationError({"to_time": "This must be later than the beginning."})

    def concerns(self, rule: OpeningRule) -> bool:
        return self.location_id in {None, rule.location_id} and self.practitioner_id in {None, rule.practitioner_id}

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """What it takes of that day, as moments; None if nothing."""
        if not self.starts_on <= day <= self.ends_on:
            return None
        if self.from_time is None or self.to_time is None:
            return at(day, time.min), at(day + timedelta(days=1), time.min)
        return at(day, self.from_time), at(day, self.to_time)


def rules_for(practitioners: Any) -> models.QuerySet[OpeningRule]:
    active = OpeningRule.objects.filter(practitioner__in=practitioners, location__is_active=True)
    return active.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate())).select_related(
        "practitioner", "location"
    )
