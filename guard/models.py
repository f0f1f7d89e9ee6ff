from __future__ import annotations

from django.db import models


class SpentToken(models.Model):
    """A single-use token that was used. Only its digest is kept, until it would have expired anyway."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:12]


class RateEvent(models.Model):
    """How often one network did one thing in one window of time."""

    scope = models.CharField(max_length=32)
    subject = models.CharField(max_length=32)
    window = models.CharField(max_length=32)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "subject", "window"], name="guard_one_count_a_window")]

    def __str__(self) -> str:
        return f"{self.scope} {self.window}"


class IdempotencyKey(models.Model):
    """The answer that a repeated request gets again (draft-ietf-httpapi-idempotency-key-header)."""

    scope = models.CharField(max_length=32)
    key = models.UUIDField()
    payload_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    response = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="guard_one_answer_a_key")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
