"""
Proof of work: what it costs a program to send a form, and a person nothing but a second of their device's time.

A challenge (https://altcha.org/docs/v2/) belongs to one ticket, so that spending the ticket spends the proof. It raises
the price of spam; it does not tell people from programs.
"""

from __future__ import annotations

from typing import Any

import altcha
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from guard.errors import FormRefused
from guard.models import FormProtection

ALGORITHM = "PBKDF2/SHA-256"
MAX_LENGTH = 4096


def challenge(*, nonce: str, expires_at: Any) -> dict[str, Any] | None:
    """What the browser must solve for the ticket with this nonce; None where an editor switched it off."""
    cost = FormProtection.current().proof
    if not cost:
        return None
    made = altcha.create_challenge(
        ALGORITHM, cost, expires_at=expires_at, data={"ticket": nonce}, hmac_secret=_secret()
    )
    return dict(made.to_dict())


def check(value: str, *, nonce: str) -> None:
    """FormRefused unless `value` (a base64 ALTCHA payload) solves the challenge of the ticket with this nonce."""
    if not _is_solved(value, nonce):
        raise FormRefused(_("This form can’t be used. Please load the page again."), code="invalid_proof")


def _is_solved(value: str, nonce: str) -> bool:
    if len(value) > MAX_LENGTH:
        return False
    try:
        payload = altcha.Payload.from_base64(value)
        belongs = payload.challenge.parameters.data == {"ticket": nonce}
        return belongs and bool(altcha.verify_solution(payload, _secret()).verified)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return False


def _secret() -> str:
    return salted_hmac("guard.proof", "", algorithm="sha256").hexdigest()
