from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


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


class Refusal(models.Model):
    """How often one form was refused for one reason on one day; `reason` is the code of the answer."""

    day = models.DateField()
    form = models.CharField(max_length=32)
    reason = models.CharField(max_length=32)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day", "form", "-count"]
        constraints = [models.UniqueConstraint(fields=["day", "form", "reason"], name="guard_one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.form} {self.reason}"


@register_setting(icon="lock", order=300)
class FormProtection(BaseGenericSetting):
    """What it costs to send a form of the site."""

    class Proof(models.IntegerChoices):
        """Rounds of PBKDF2 a guess; a browser needs about 256 guesses."""

        OFF = 0, "None: only tickets, limits and the hidden field"
        LIGHT = 1_000, "Light: under a second on an old phone"
        NORMAL = 5_000, "Normal: a second on a phone"
        HEAVY = 20_000, "Heavy: several seconds on a phone, while spam is coming in"

    proof = models.PositiveIntegerField(
        "proof of work",
        choices=Proof.choices,
        default=Proof.NORMAL,
        help_text="A small calculation that the visitor’s browser makes while they type. Forms sent without it, for "
        "example from a browser without JavaScript, are still taken, but fewer of them.",
    )

    panels = [FieldPanel("proof")]

    class Meta:
        verbose_name = "protection of forms"
        verbose_name_plural = "protection of forms"

    def __str__(self) -> str:
        return "Protection of forms"

    @classmethod
    def current(cls) -> FormProtection:
        """What an editor set, or the defaults, unsaved: reading never writes, as Wagtail's `load` would."""
        return cls.objects.first() or cls()
