"""
The diary of a day or of a week, as a table.

A column is a practitioner (day) or a day (week), a row is a part of the day; what stands above is when people are
seen, and what is closed. Read with as many queries for an empty diary as for a full one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.dateparse import parse_date

from booking.admin.access import ReceptionView
from booking.admin.desk import appointments
from booking.calendar import Part
from booking.hours import Closure, OpeningRule, at
from booking.models import Appointment, Practitioner
from booking.slots import days_between, part_of

SHOWN = [Appointment.Status.BOOKED, Appointment.Status.PROPOSED, Appointment.Status.NO_SHOW]
# Later than this no calendar of the database goes.
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)


@dataclass
class Column:
    """What one practitioner, or the whole clinic, has on one day."""

    day: date
    heading: str
    hours: list[str]
    closures: list[str]
    parts: dict[str, list[Appointment]] = field(default_factory=lambda: {part.value: [] for part in Part})

    @property
    def cells(self) -> list[list[Appointment]]:
        return list(self.parts.values())


class Sheet:
    """Everything that the diary shows of these days and practitioners."""

    def __init__(self, practitioners: list[Practitioner], first: date, last: date) -> None:
        who = [practitioner.pk for practitioner in practitioners]
        self.rules = list(
            OpeningRule.objects.filter(practitioner__in=who)
            .select_related("practitioner", "location")
            .order_by("starts", "practitioner__name")
        )
        mine = Q(practitioner=None) | Q(practitioner__in=who)
        self.closures = list(
            Closure.objects.between(first, last).filter(mine).select_related("practitioner", "location")
        )
        start, end = at(first, time.min), at(last + timedelta(days=1), time.min)
        self.appointments = list(
            appointments()
            .filter(practitioner__in=who, status__in=SHOWN, starts_at__gte=start, starts_at__lt=end)
            .order_by("starts_at", "practitioner__name")
        )

    def column(self, heading: str, day: date, practitioners: Iterable[Practitioner], *, names: bool) -> Column:
        who = {practitioner.pk for practitioner in practitioners}
        rules = [rule for rule in self.rules if rule.practitioner_id in who and rule.holds_on(day)]
        column = Column(day, heading, [_hours(rule, names) for rule in rules], self._closed(day, who))
        for appointment in self.appointments:
            if appointment.practitioner_id in who and timezone.localdate(appointment.starts_at) == day:
                column.parts[part_of(appointment.starts_at)].append(appointment)
        return column

    def _closed(self, day: date, who: set[uuid.UUID]) -> list[str]:
        of_them = (closure for closure in self.closures if closure.practitioner_id in {None, *who})
        return [_closure(closure) for closure in of_them if closure.on(day)]


def _hours(rule: OpeningRule, names: bool) -> str:
    who = f"{rule.practitioner}, " if names else ""
    return f"{rule.starts:%H:%M}–{rule.ends:%H:%M} ({who}{rule.location})"


def _closure(closure: Closure) -> str:
    span = f", {closure.from_time:%H:%M}–{closure.to_time:%H:%M}" if closure.from_time and closure.to_time else ""
    only = [str(one) for one in (closure.practitioner, closure.location) if one]
    return f"Closed: {closure.name}{span}" + (f" ({', '.join(only)})" if only else "")


class DiaryView(ReceptionView):
    template_name = "booking/admin/diary.html"
    page_title = "Diary"

    def get(self, request: HttpRequest) -> HttpResponse:
        is_week = request.GET.get("view") == "week"
        day, everybody = self.day(), list(Practitioner.objects.all())
        chosen = [one for one in everybody if str(one.pk) == request.GET.get("practitioner")]
        shown = chosen or [one for one in everybody if one.is_active]
        columns = _week(shown, day) if is_week else _day(shown, day)
        length = timedelta(days=7 if is_week else 1)
        return self.page(
            section="diary",
            is_week=is_week,
            day=day,
            caption=_caption(columns, is_week=is_week, day=day),
            columns=columns,
            rows=[(part.label, [column.parts[part.value] for column in columns]) for part in Part],
            names=is_week and len(shown) > 1,
            previous=day - length,
            next=day + length,
            today=timezone.localdate(),
            practitioners=everybody,
            chosen=chosen[0] if chosen else None,
        )

    def day(self) -> date:
        """The day that is asked for; today for everything that is none."""
        try:
            asked = parse_date(self.request.GET.get("day", ""))
        except ValueError:
            asked = None
        return min(max(asked, FIRST), LAST) if asked else timezone.localdate()


def _day(practitioners: list[Practitioner], day: date) -> list[Column]:
    sheet = Sheet(practitioners, day, day)
    return [sheet.column(str(one), day, [one], names=False) for one in practitioners]


def _week(practitioners: list[Practitioner], day: date) -> list[Column]:
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    sheet, names = Sheet(practitioners, monday, sunday), len(practitioners) > 1
    return [
        sheet.column(format_date(one, "D j M"), one, practitioners, names=names) for one in days_between(monday, sunday)
    ]


def _caption(columns: list[Column], *, is_week: bool, day: date) -> str:
    if not is_week:
        return format_date(day, "l j F Y")
    monday = day - timedelta(days=day.weekday())
    return f"{format_date(monday, 'j F')} to {format_date(monday + timedelta(days=6), 'j F Y')}"
