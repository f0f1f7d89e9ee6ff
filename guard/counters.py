"""Where uses are counted: in the database, or in Redis where several machines share one."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import F

from guard.models import RateEvent

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.2
RETRY_SECONDS = 10.0
_away_until = 0.0


class SharedCounterAway(Exception):
    """Redis does not answer."""


def uses_redis() -> bool:
    return bool(settings.REDIS_URL)


def in_redis(scope: str, subject: str, window: str, expires_at: datetime) -> int:
    """Count one use and give the number so far; SharedCounterAway at once while Redis was found silent lately."""
    import redis  # large, and most sites have none

    global _away_until
    if time.monotonic() < _away_until:
        raise SharedCounterAway
    key = f"gait:limit:{scope}:{subject}:{window}"
    try:
        with _redis(settings.REDIS_URL).pipeline() as pipe:
            pipe.incr(key)
            pipe.expireat(key, expires_at)
            return int(pipe.execute()[0])
    except redis.RedisError as error:
        _away_until = time.monotonic() + RETRY_SECONDS
        log.warning("guard: Redis is away (%s), counting in the database", type(error).__name__)
        raise SharedCounterAway from error


@cache
def _redis(url: str) -> Any:
    import redis

    return redis.Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)


def in_database(scope: str, subject: str, window: str, expires_at: datetime) -> int:
    """Count one use inside the caller's transaction and give the number so far."""
    row, _ = RateEvent.objects.get_or_create(
        scope=scope, subject=subject, window=window, defaults={"expires_at": expires_at}
    )
    RateEvent.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return RateEvent.objects.values_list("count", flat=True).get(pk=row.pk)
