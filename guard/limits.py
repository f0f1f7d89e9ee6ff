from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from rest_framework.exceptions import Throttled

from guard import counters


@dataclass(frozen=True)
class Limit:
    count: int
    per: timedelta


def count(*, scope: str, subject: str, limits: tuple[Limit, ...]) -> None:
    """
    Count one use against every limit, atomically across processes; Throttled if one is passed.

    Called inside the transaction of what is limited. In the database a refused use is rolled back with it; in Redis it
    stays counted until its window ends. While Redis is away the database counts, and half as much is allowed, since
    what was used before is not known there.
    """
    now = timezone.now()
    for limit in limits:
        start = _window_start(now, limit.per)
        used, allowed = _use(scope, subject, start, limit)
        if used > allowed:
            raise Throttled(wait=(start + limit.per - now).total_seconds())


def _window_start(now: datetime, per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def _use(scope: str, subject: str, start: datetime, limit: Limit) -> tuple[int, int]:
    window = f"{int(limit.per.total_seconds())}s@{int(start.timestamp())}"
    place = (scope, subject, window, start + limit.per)
    if not counters.uses_redis():
        return counters.in_database(*place), limit.count
    try:
        return counters.in_redis(*place), limit.count
    except counters.SharedCounterAway:
        return counters.in_database(*place), max(1, limit.count // 2)
