from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from outbox import kinds
from outbox.models import Message

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))


def queue(*, kind: str, context: dict[str, Any], dedupe_key: str, not_before: datetime | None = None) -> None:
    """Queue a mail inside the caller's transaction; the same `dedupe_key` queues it once, however often it is asked."""
    Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={"kind": kind, "context": context, "next_attempt_at": not_before or timezone.now()},
    )


def send_due(*, limit: int = 50) -> int:
    """Send what is due, oldest first; the number of mails that went. Several processes may do this at once."""
    sent = 0
    for message_id in _due().values_list("pk", flat=True)[:limit]:
        message = _claim(message_id)
        if message and _send(message):
            sent += 1
    return sent


def _due() -> Any:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Message.objects.filter(free, status=Message.Status.QUEUED, next_attempt_at__lte=now).order_by("created_at")


def _claim(message_id: Any) -> Message | None:
    """Take the lease with one UPDATE: of several processes one gets it, and a killed one loses it by time."""
    claimed = (
        _due().order_by().filter(pk=message_id).update(lease_until=timezone.now() + LEASE, attempts=F("attempts") + 1)
    )
    return Message.objects.get(pk=message_id) if claimed else None


def _send(message: Message) -> bool:
    """Send outside any transaction: a slow mail server must hold no lock."""
    try:
        mail = kinds.render(message.kind, message.context)
        if mail is None:
            _finish(message, status=Message.Status.CANCELLED)
            return False
        mail.extra_headers.setdefault("Message-ID", f"<{message.id}@{urlsplit(settings.SITE_URL).hostname}>")
        mail.extra_headers.setdefault("Auto-Submitted", "auto-generated")
        mail.send()
    except Exception as error:
        _postpone(message, error)
        return False
    _finish(message, status=Message.Status.SENT, sent_at=timezone.now())
    return True


def _finish(message: Message, **fields: Any) -> None:
    Message.objects.filter(pk=message.pk).update(lease_until=None, last_error="", **fields)


def _postpone(message: Message, error: Exception) -> None:
    """Try again later, or give up where staff see it. Only the error's class is kept: its text may quote an address."""
    refused_for_good = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    is_dead = refused_for_good or message.attempts > len(BACK_OFF)
    name = type(error).__name__
    log.warning("outbox: %s failed with %s (attempt %s)", message, name, message.attempts)
    Message.objects.filter(pk=message.pk).update(
        lease_until=None,
        last_error=name[:100],
        status=Message.Status.DEAD if is_dead else Message.Status.QUEUED,
        next_attempt_at=timezone.now() + BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1],
    )


def prune(*, sent_days: int = 30, dead_days: int = 90) -> int:
    """Delete old finished mails; the number of rows that went."""
    now = timezone.now()
    finished = Q(status__in=[Message.Status.SENT, Message.Status.CANCELLED], created_at__lt=now - timedelta(sent_days))
    dead = Q(status=Message.Status.DEAD, created_at__lt=now - timedelta(dead_days))
    return Message.objects.filter(finished | dead).delete()[0]
