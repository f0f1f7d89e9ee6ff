from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import Throttled

from guard.models import RateEvent


@dataclass(frozen=True)
class Limit:
    count: int
    per: timedelta


def count(*, scope: str, subject: str, limits: tuple[Limit, ...]) -> None:
    """
    Count one use against every limit, atomically across processes; Throttled if one is passed.

    Called inside the transaction of what is limited: a refused use is rolled back and does not count.
    """
    now = timezone.now()
    for limit in limits:
        start = _window_start(now, limit.per)
        if _increment(scope, subject, start, limit) > limit.count:
            raise Throttled(wait=(start + limit.per - now).total_seconds())


def _window_start(now: datetime, per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def _increment(scope: str, subject: str, start: datetime, limit: Limit) -> int:
    window = f"{int(limit.per.total_seconds())}s@{int(start.timestamp())}"
    row, _ = RateEvent.objects.get_or_create(
        scope=scope, subject=subject, window=window, defaults={"expires_at": start + limit.per}
    )
    RateEvent.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return RateEvent.objects.values_list("count", flat=True).get(pk=row.pk)
