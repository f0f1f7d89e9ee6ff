"""How visitors decide, in numbers: for a chart, never for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from consent.choices import KEPT_FOR
from consent.models import BlockedLoad, Purpose, Receipt

WEEKS = 12


@dataclass
class Week:
    start: date
    actions: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.actions.values())


def weeks() -> list[Week]:
    """The last twelve weeks, oldest first, each with its number of choices by action."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    found = {monday - timedelta(weeks=n): Week(monday - timedelta(weeks=n)) for n in reversed(range(WEEKS))}
    since = timezone.now() - timedelta(weeks=WEEKS + 1)
    rows = (
        Receipt.objects.filter(decided_at__gte=since)
        .order_by()
        .annotate(week=TruncWeek("decided_at"))
        .values("week", "action")
        .annotate(number=Count("pk"))
    )
    for row in rows:
        week = found.get(row["week"].date())
        if week:
            week.actions[row["action"]] += row["number"]
    return list(found.values())


def granted_by_purpose() -> dict[str, tuple[int, int]]:
    """For each purpose, how many of the choices still in force granted it, and how many decided about it."""
    counted: dict[str, list[int]] = {}
    for choices in _in_force().values_list("choices", flat=True).iterator():
        for key, is_on in choices.items():
            numbers = counted.setdefault(key, [0, 0])
            numbers[0] += bool(is_on)
            numbers[1] += 1
    return {key: (granted, decided) for key, (granted, decided) in counted.items()}


def asked_again_by(purpose: Purpose) -> int:
    """How many choices still in force a material change of this purpose would ask again."""
    granted, _ = granted_by_purpose().get(purpose.group.varname, (0, 0))
    return granted


def _in_force() -> QuerySet[Receipt]:
    return Receipt.objects.filter(decided_at__gte=timezone.now() - KEPT_FOR).exclude(action=Receipt.Action.ONCE)


def blocked_loads(limit: int = 20) -> list[BlockedLoad]:
    """What pages tried to load in the last thirty days and the browser blocked, most often first."""
    since = timezone.localdate() - timedelta(days=30)
    return list(BlockedLoad.objects.filter(day__gte=since).order_by("-count", "host")[:limit])
