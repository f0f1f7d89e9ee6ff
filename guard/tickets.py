"""
Form tickets: signed, bound to a form and its subject, spent once.

A ticket proves that somebody fetched the form at least MIN_SECONDS ago and that this copy of it was not sent before.
Fetching one writes nothing; sending the form spends it in the transaction that stores what was sent.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guard import proof
from guard.errors import FormRefused
from guard.models import SpentToken

MIN_SECONDS = 3
QUICK_SECONDS = 8
MAX_AGE = timedelta(hours=2)
HONEYPOTS = ("company", "fax", "homepage", "subject_line", "title_of_work", "website")
_SALT = "guard.ticket"


@dataclass(frozen=True)
class Ticket:
    nonce: str
    issued_at: datetime

    @property
    def honeypot(self) -> str:
        """The name of the field that must stay empty: another one from ticket to ticket."""
        return HONEYPOTS[int(hashlib.sha256(self.nonce.encode()).hexdigest(), 16) % len(HONEYPOTS)]

    @property
    def expires_at(self) -> datetime:
        return self.issued_at + MAX_AGE

    @property
    def is_fresh(self) -> bool:
        """Whether the form was sent sooner than most people can write anything."""
        return timezone.now() < self.issued_at + timedelta(seconds=QUICK_SECONDS)


def issue(*, kind: str, subject: str = "") -> dict[str, Any]:
    """What a form needs before it posts, as answered by `GET forms/{kind}/ticket/`."""
    ticket = Ticket(nonce=secrets.token_urlsafe(12), issued_at=timezone.now())
    payload = {"k": kind, "s": subject, "n": ticket.nonce, "t": int(ticket.issued_at.timestamp())}
    return {
        "ticket": signing.dumps(payload, salt=_SALT),
        "expires_at": ticket.expires_at,
        "min_seconds": MIN_SECONDS,
        "honeypot": ticket.honeypot,
        "challenge": proof.challenge(nonce=ticket.nonce, expires_at=ticket.expires_at),
    }


def read(value: str, *, kind: str, subject: str = "") -> Ticket:
    """The ticket behind a signed value; FormRefused if it is forged, for another form, too old or too fresh."""
    try:
        payload = signing.loads(value, salt=_SALT, max_age=MAX_AGE)
    except signing.SignatureExpired as error:
        raise FormRefused(_("This form was open for too long. Please send it again."), code="ticket_expired") from error
    except signing.BadSignature as error:
        raise FormRefused(_("This form can’t be used. Please load the page again."), code="invalid_ticket") from error
    if (payload["k"], payload["s"]) != (kind, subject):
        raise FormRefused(_("This form belongs to another page."), code="invalid_ticket")
    ticket = Ticket(nonce=payload["n"], issued_at=datetime.fromtimestamp(payload["t"], tz=UTC))
    if timezone.now() < ticket.issued_at + timedelta(seconds=MIN_SECONDS):
        message = _("That was very quick. Please wait three seconds and send it again.")
        raise FormRefused(message, code="too_quick")
    return ticket


def spend(ticket: Ticket) -> None:
    """Use the ticket up, inside the caller's transaction; FormRefused if it was used before."""
    digest = hashlib.sha256(ticket.nonce.encode()).hexdigest()
    try:
        with transaction.atomic():
            SpentToken.objects.create(digest=digest, expires_at=ticket.expires_at)
    except IntegrityError as error:
        raise FormRefused(_("This form was sent already."), code="ticket_spent") from error
