"""One mail, handed to the mail server; and what a failure means for it and for the others."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import BadHeaderError
from django.utils import timezone

from outbox import kinds
from outbox.models import Message

EXPIRES = timedelta(days=14)
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


class Expired(Exception):
    """It waited for so long that it would puzzle whoever gets it: staff decide."""


def deliver(message: Message) -> bool:
    """Send it outside any transaction, as a slow server must hold no lock; False if nothing is left to send."""
    if message.next_attempt_at < timezone.now() - EXPIRES:
        raise Expired
    mail = kinds.render(message.kind, message.context)
    if mail is None or not mail.recipients():
        return False
    mail.extra_headers["Message-ID"] = message.message_id
    mail.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    mail.message()  # a line break in any header is refused here, whatever the backend does first
    mail.send()
    return True


def is_final(error: Exception) -> bool:
    """Whether another attempt would end the same way."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, SMTPSenderRefused | SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, BadHeaderError | Expired)


def is_of_server(error: Exception) -> bool:
    """Whether the next mail would fail too: no connection, no login, no answer in time."""
    return isinstance(error, OSError) and not isinstance(error, REFUSALS)
