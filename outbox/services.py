from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from wagtail.log_actions import log as log_action

from outbox.delivery import deliver, is_final, is_of_server
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
    """
    Send what is due, longest due first; the number of mails that went. Several processes may do this at once.

    A server that is down is asked once, not once for every mail: whoever calls this has other things to do.
    """
    sent = 0
    for message in _claimed(limit):
        try:
            was_sent = deliver(message)
        except Exception as error:
            _postpone(message, error)
            if is_of_server(error):
                break
        else:
            _finish(message, was_sent=was_sent)
            sent += was_sent
    return sent


def _claimed(limit: int) -> Iterator[Message]:
    """Due mails, each taken with one UPDATE when its turn comes: of several processes one gets it."""
    for pk in Message.objects.due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]:
        claim, until = uuid.uuid4(), timezone.now() + LEASE
        taken = Message.objects.due().filter(pk=pk)
        if taken.update(claim=claim, lease_until=until, attempts=F("attempts") + 1):
            yield Message.objects.get(pk=pk, claim=claim)


def _finish(message: Message, *, was_sent: bool) -> None:
    if was_sent:
        _settle(message, status=Message.Status.SENT, last_error="", sent_at=timezone.now())
    else:
        _settle(message, status=Message.Status.CANCELLED, last_error="")


def _postpone(message: Message, error: Exception) -> None:
    """Try again later, or give up where staff see it. Only the error's class is kept: its text may quote an address."""
    is_dead = is_final(error) or message.attempts > len(BACK_OFF)
    name = type(error).__name__
    log.warning("outbox: %s failed with %s (attempt %s)", message, name, message.attempts)
    _settle(
        message,
        last_error=name[:100],
        status=Message.Status.DEAD if is_dead else Message.Status.QUEUED,
        next_attempt_at=timezone.now() + BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1],
    )


def _settle(message: Message, **fields: Any) -> None:
    """Write down how it went, unless another process took the mail over meanwhile: then that one's outcome counts."""
    Message.objects.filter(pk=message.pk, claim=message.claim).update(claim=None, lease_until=None, **fields)


def send_again(*, message: Message, user: Any) -> bool:
    """Back into the queue as new; False if it is in no trouble any more, or just being sent."""
    stuck = Message.objects.in_trouble().free().filter(pk=message.pk)
    with transaction.atomic():
        is_back = stuck.update(status=Message.Status.QUEUED, attempts=0, next_attempt_at=timezone.now())
        if is_back:
            log_action(instance=message, action="outbox.resend", user=user)
    return bool(is_back)


def send_dead_again(*, user: Any) -> int:
    """All that could not be sent, back into the queue; their number. One by one: visitors write in between."""
    return sum(send_again(message=message, user=user) for message in Message.objects.dead())


def prune(*, sent_days: int = 30, dead_days: int = 90) -> int:
    """Delete old finished mails; the number of rows that went."""
    now = timezone.now()
    finished = Q(status__in=[Message.Status.SENT, Message.Status.CANCELLED], created_at__lt=now - timedelta(sent_days))
    dead = Q(status=Message.Status.DEAD, created_at__lt=now - timedelta(dead_days))
    return Message.objects.filter(finished | dead).delete()[0]
