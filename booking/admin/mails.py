"""The mail that a step of reception would send, seen before it goes."""

from __future__ import annotations

from collections.abc import Callable

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from home.language import in_site_language
from outbox import kinds
from outbox.models import Message


def mails_of(act: Callable[[], object], about: set[str]) -> list[EmailMessage]:
    """
    What would be sent if `act` were done now, about the records with these ids. It is done, its mail is made as the
    outbox makes it, and all of it is taken back.
    """
    began = timezone.now()
    with transaction.atomic():
        act()
        queued = Message.objects.filter(status=Message.Status.QUEUED, next_attempt_at__gte=began)
        ours = [message for message in queued if about.intersection(map(str, message.context.values()))]
        with in_site_language():
            mails = [kinds.render(message.kind, message.context) for message in ours]
        transaction.set_rollback(True)
    return [mail for mail in mails if mail is not None]
