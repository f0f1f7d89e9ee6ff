from __future__ import annotations

from django.utils import timezone

from guard.models import IdempotencyKey, RateEvent, SpentToken


def prune() -> int:
    """Delete what has expired; the number of rows that went."""
    now = timezone.now()
    return sum(
        model._default_manager.filter(expires_at__lte=now).delete()[0]
        for model in (SpentToken, RateEvent, IdempotencyKey)
    )
