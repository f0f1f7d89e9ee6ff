"""
Which times are free: opening rules, less closures, less what is taken, on the clinic's clock.

Moments are counted in UTC, so an hour has sixty minutes on every day of the year; what is a day, a morning, an evening
is read off the clinic's clock.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.utils import timezone

from booking.appointments import claimed, granules
from booking.calendar import Part
from booking.hours import Closure, OpeningRule, at, rules_for
from booking.offer import Practitioner, Service

STEP = timedelta(minutes=15)
# How empty the diary is, is nobody's business: of each half-day only the first free times are shown.
SHOWN_A_PART = 3
CACHED_SECONDS = 30
NOON, EVENING = time(12), time(17)


@dataclass(frozen=True, order=True)
class Slot:
    """A time that can be had. `practitioner_id` is None where it is all the same to the visitor."""

    start: datetime
    service_id: uuid.UUID
    location_id: uuid.UUID
    practitioner_id: uuid.UUID | None

    @property
    def day(self) -> date:
        return timezone.localdate(self.start)


def part_of(moment: datetime) -> Part:
    clock = timezone.localtime(moment).time()
    if clock < NOON:
        return Part.MORNING
    return Part.AFTERNOON if clock < EVENING else Part.EVENING


def days_between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def practitioners_of(service: Service, practitioner_id: uuid.UUID | None = None) -> list[Practitioner]:
    """Who offers it; the one who is asked for, if anybody is."""
    offering = service.practitioners.filter(is_active=True)
    return list(offering.filter(pk=practitioner_id) if practitioner_id else offering)


class Diary:
    """What can be had of one service from one day to another, read with three queries however long that is."""

    def __init__(self, service: Service, practitioners: Iterable[Practitioner], first: date, last: date) -> None:
        self.service = service
        self.rules = list(rules_for(practitioners))
        self.closures = list(Closure.objects.between(first, last))
        start, end = at(first, time.min), at(last + timedelta(days=2), time.min)
        self.taken = claimed([practitioner.pk for practitioner in practitioners], start, end)
        now = timezone.now()
        self.earliest = now + timedelta(hours=service.minimum_notice_hours)
        self.last_day = timezone.localdate(now) + timedelta(days=service.horizon_days)

    def free(self, day: date) -> list[Slot]:
        """Every free time of a day, each with its practitioner, the earliest first."""
        if not self.service.is_offered or day > self.last_day:
            return []
        rules = (rule for rule in self.rules if rule.holds_on(day))
        return sorted({slot for rule in rules for slot in self._free_in(rule, day)}, key=_by_time)

    def _free_in(self, rule: OpeningRule, day: date) -> Iterator[Slot]:
        length = timedelta(minutes=self.service.duration_minutes)
        start, closes = at(day, rule.starts), at(day, rule.ends)
        closures = [span for closure in self.closures if closure.concerns(rule) and (span := closure.on(day))]
        while start + length <= closes:
            if self._is_free(rule, start, start + length, closures):
                yield Slot(start, self.service.pk, rule.location_id, rule.practitioner_id)
            start += STEP

    def _is_free(
        self, rule: OpeningRule, start: datetime, end: datetime, closures: list[tuple[datetime, datetime]]
    ) -> bool:
        if start < self.earliest or any(start < until and since < end for since, until in closures):
            return False
        return self.taken[rule.practitioner_id].isdisjoint(granules(start, self.service.claimed_minutes))


def _by_time(slot: Slot) -> tuple[datetime, str]:
    return slot.start, str(slot.practitioner_id)


def offered(service: Service, practitioner_id: uuid.UUID | None, first: date, last: date) -> dict[date, list[Slot]]:
    """
    What a visitor is shown, by day, days without a free time left out.

    Read by whole weeks, each kept for CACHED_SECONDS: however a range is cut, the work behind it is bounded.
    """
    monday = first - timedelta(days=first.weekday())
    weeks = (monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1))
    shown = {day: slots for week in weeks for day, slots in _week(service, practitioner_id, week).items()}
    return {day: slots for day, slots in shown.items() if first <= day <= last}


def _week(service: Service, practitioner_id: uuid.UUID | None, monday: date) -> dict[date, list[Slot]]:
    key = f"booking.slots:{service.pk}:{practitioner_id}:{monday}"
    found: dict[date, list[Slot]] | None = cache.get(key)
    if found is None:
        found = _read_week(service, practitioner_id, monday)
        cache.set(key, found, CACHED_SECONDS)
    return found


def _read_week(service: Service, practitioner_id: uuid.UUID | None, monday: date) -> dict[date, list[Slot]]:
    sunday = monday + timedelta(days=6)
    diary = Diary(service, practitioners_of(service, practitioner_id), monday, sunday)
    by_day = {day: _shown(diary.free(day), practitioner_id) for day in days_between(monday, sunday)}
    return {day: slots for day, slots in by_day.items() if slots}


def _shown(free: list[Slot], practitioner_id: uuid.UUID | None) -> list[Slot]:
    """The first times of each half-day; to whom anybody is welcome, a time is shown once."""
    asked = {Slot(slot.start, slot.service_id, slot.location_id, practitioner_id): None for slot in free}
    shown: dict[Part, list[Slot]] = {}
    for slot in asked:
        shown.setdefault(part_of(slot.start), []).append(slot)
    return [slot for slots in shown.values() for slot in slots[:SHOWN_A_PART]]


def who_is_free(service: Service, slot: Slot) -> list[Practitioner]:
    """Who can take this time at this moment, those with the emptier day first."""
    if service.booking != Service.Booking.LIVE:
        return []
    practitioners = practitioners_of(service, slot.practitioner_id)
    diary = Diary(service, practitioners, slot.day, slot.day)
    free = {found.practitioner_id for found in diary.free(slot.day) if _is_same_time(found, slot)}
    able = [practitioner for practitioner in practitioners if practitioner.pk in free]
    return sorted(able, key=lambda practitioner: len(diary.taken[practitioner.pk]))


def _is_same_time(found: Slot, slot: Slot) -> bool:
    return (found.start, found.location_id) == (slot.start, slot.location_id)


def alternatives(service: Service, slot: Slot, *, number: int = 3) -> list[Slot]:
    """The next free times instead of one that is gone, read anew."""
    found: list[Slot] = []
    first, today = max(slot.day, timezone.localdate()), timezone.localdate()
    last = min(first + timedelta(days=14), today + timedelta(days=service.horizon_days))
    diary = Diary(service, practitioners_of(service, slot.practitioner_id), first, last)
    for day in days_between(first, last):
        found += [other for other in _shown(diary.free(day), slot.practitioner_id) if other.start != slot.start]
        if len(found) >= number:
            break
    return found[:number]
