from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.encoding import punycode

LATE = timedelta(minutes=10)
MANY_ATTEMPTS = 3


class MessageQuerySet(models.QuerySet["Message"]):
    def free(self) -> MessageQuerySet:
        """Held by no process, or by one that lost it by time."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def due(self) -> MessageQuerySet:
        return self.free().filter(status=Message.Status.QUEUED, next_attempt_at__lte=timezone.now())

    def dead(self) -> MessageQuerySet:
        return self.filter(status=Message.Status.DEAD)

    def late(self) -> MessageQuerySet:
        """Nobody sends it although it is due, or the mail server keeps refusing it."""
        return self.filter(_late())

    def in_trouble(self) -> MessageQuerySet:
        """What somebody should look at, and may send again."""
        return self.filter(_in_trouble())

    def with_trouble(self) -> MessageQuerySet:
        """Each with `is_late` and `is_in_trouble`."""
        return self.annotate(is_late=_as_column(_late()), is_in_trouble=_as_column(_in_trouble()))


def _late() -> Q:
    waits = Q(next_attempt_at__lt=timezone.now() - LATE) | Q(attempts__gte=MANY_ATTEMPTS)
    return waits & Q(status=Message.Status.QUEUED)


def _in_trouble() -> Q:
    return _late() | Q(status=Message.Status.DEAD)


def _as_column(condition: Q) -> models.ExpressionWrapper[Q]:
    return models.ExpressionWrapper(condition, output_field=models.BooleanField())


def new_message_id() -> str:
    return f"<{uuid.uuid4()}@{punycode(urlsplit(settings.SITE_URL).hostname or 'localhost')}>"


class Message(models.Model):
    """
    A mail that must not be lost: a row in the transaction of what caused it.

    It holds ids, never an address or a text: these are looked up when it is sent, so that an erasure wins.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        DEAD = "dead", "Could not be sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    context = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=128, unique=True)
    # Fixed from the start: a mail that goes twice is one mail to whoever gets it.
    message_id = models.CharField(max_length=320, default=new_message_id, editable=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    # Of several processes the one whose claim this is, until the lease ends.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="outbox_due")]
        permissions = [("resend_message", "Can send mail again")]
        verbose_name = "mail"
        verbose_name_plural = "mails"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
