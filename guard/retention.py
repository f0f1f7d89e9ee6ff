from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from guard.models import IdempotencyKey, RateEvent, Refusal, SpentToken

REFUSALS_KEPT_FOR = timedelta(days=90)


def prune() -> int:
    """Delete what has expired; the number of rows that went."""
    now = timezone.now()
    expired = sum(
        model._default_manager.filter(expires_at__lte=now).delete()[0]
        for model in (SpentToken, RateEvent, IdempotencyKey)
    )
    return expired + Refusal.objects.filter(day__lt=(now - REFUSALS_KEPT_FOR).date()).delete()[0]
