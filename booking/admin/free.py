"""The next free times of a service, to be chosen with one click; those that somebody wished for first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from booking.models import Location, Practitioner, Service
from booking.slots import Diary, Slot, days_between, part_of, practitioners_of
from booking.tokens import slot_id, slot_of

AHEAD = timedelta(days=14)
SHOWN = 9
SHOWN_A_PART = 3


@dataclass(frozen=True)
class FreeTime:
    id: str
    start: datetime
    practitioner: str
    location: str
    is_wished: bool


def free_times(
    service: Service | None,
    practitioner: Practitioner | None,
    wishes: Iterable[dict[str, Any]] = (),
    location: Location | None = None,
) -> list[FreeTime]:
    if service is None:
        return []
    today, parts = timezone.localdate(), [(date.fromisoformat(wish["date"]), wish["part"]) for wish in wishes]
    who = practitioners_of(service, practitioner.pk if practitioner else None)
    diary = Diary(service, who, today, max([today + AHEAD, *(day for day, _ in parts)]))
    wished = [slot for day, part in parts for slot in _by_part(diary, day).get(part, [])]
    others = (slot for slot in _next(diary, today) if slot not in wished)
    here = (slot for slot in others if location is None or slot.location_id == location.pk)
    names = _Names(diary, who)
    return [
        *(names.of(slot, is_wished=True) for slot in wished),
        *(names.of(slot, is_wished=False) for slot in islice(here, SHOWN)),
    ]


def _by_part(diary: Diary, day: date) -> dict[str, list[Slot]]:
    """The first free times of each half-day: enough to choose from, and not the whole day."""
    found: dict[str, list[Slot]] = {}
    for slot in diary.free(day):
        shown = found.setdefault(part_of(slot.start), [])
        if len(shown) < SHOWN_A_PART:
            shown.append(slot)
    return found


def _next(diary: Diary, today: date) -> Iterator[Slot]:
    for day in days_between(today, today + AHEAD):
        for slots in _by_part(diary, day).values():
            yield from slots


class _Names:
    def __init__(self, diary: Diary, practitioners: Iterable[Practitioner]) -> None:
        self.practitioners = {practitioner.pk: practitioner.name for practitioner in practitioners}
        self.locations = {rule.location_id: rule.location.name for rule in diary.rules}

    def of(self, slot: Slot, *, is_wished: bool) -> FreeTime:
        practitioner = self.practitioners[slot.practitioner_id] if slot.practitioner_id else ""
        return FreeTime(slot_id(slot), slot.start, practitioner, self.locations[slot.location_id], is_wished)


def chosen(value: str) -> dict[str, str]:
    """The fields of the form that a chosen time fills in; none for anything that is no time of ours."""
    slot = slot_of(value)
    if slot is None:
        return {}
    start = timezone.localtime(slot.start)
    return {
        "service": str(slot.service_id),
        "practitioner": str(slot.practitioner_id or ""),
        "location": str(slot.location_id),
        "day": f"{start:%Y-%m-%d}",
        "time": f"{start:%H:%M}",
    }
