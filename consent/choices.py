"""
A visitor's choice and the one cookie that holds it.

Value: ``1.<revision>.<decided, unix seconds>.<an1-me0>.<receipt id>.<HMAC-SHA256 cut to 96 bits, base64url>``.
It is readable by our scripts and holds nothing secret; the server trusts it only with a valid HMAC. It lives 182 days
from the decision and is never extended, a no as long as a yes (CNIL 2020-091, §39).
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

KEPT_FOR = timedelta(days=182)
_VALUE = re.compile(
    r"(1\.(\d{1,9})\.(\d{1,11})\.((?:[a-z]{2}[01](?:-[a-z]{2}[01])*)?)\.([\w-]{22}))\.([\w-]{16})", re.ASCII
)


@dataclass(frozen=True)
class Choice:
    """What was decided, by the two-letter keys of the purposes."""

    revision: int
    decided_at: datetime
    granted: Mapping[str, bool]
    receipt_id: str

    @property
    def expires_at(self) -> datetime:
        return self.decided_at + KEPT_FOR

    def by_purpose(self, document: dict[str, Any]) -> dict[str, bool]:
        """
        The choice by the keys of the register's optional purposes.

        What was not decided is off, and so is what means something else now than it did when it was granted.
        """
        return {purpose["key"]: self._holds(purpose) for purpose in document["purposes"] if not purpose["required"]}

    def is_stale(self, document: dict[str, Any]) -> bool:
        """
        Whether this visitor is to be asked again: something was granted, and a purpose has changed or is new.

        Who refused everything is left alone until the choice runs out.
        """
        optional = [purpose for purpose in document["purposes"] if not purpose["required"]]
        return any(self.granted.values()) and any(self._is_outdated(purpose) for purpose in optional)

    def _holds(self, purpose: dict[str, Any]) -> bool:
        return self.granted.get(purpose["short_key"], False) and purpose["since"] <= self.revision

    def _is_outdated(self, purpose: dict[str, Any]) -> bool:
        decided = self.granted.get(purpose["short_key"])
        return decided is None or (decided and purpose["since"] > self.revision)


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to https; browsers refuse the prefix on plain http."""
    return "__Host-consent" if settings.HTTPS else "consent"


def new_receipt_id() -> str:
    return secrets.token_urlsafe(16)


def encode(choice: Choice) -> str:
    granted = "-".join(f"{key}{int(is_on)}" for key, is_on in sorted(choice.granted.items()))
    payload = f"1.{choice.revision}.{int(choice.decided_at.timestamp())}.{granted}.{choice.receipt_id}"
    return f"{payload}.{_signature(payload, settings.SECRET_KEY)}"


def decode(value: str) -> Choice | None:
    """The choice behind a cookie's value; None if it is malformed, forged or older than KEPT_FOR."""
    match = _VALUE.fullmatch(value)
    if not match:
        return None
    payload, revision, decided, granted, receipt_id, signature = match.groups()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(compare_digest(signature, _signature(payload, key)) for key in keys):
        return None
    choice = Choice(
        revision=int(revision),
        decided_at=datetime.fromtimestamp(int(decided), tz=UTC),
        granted={part[:2]: part[2] == "1" for part in granted.split("-") if part},
        receipt_id=receipt_id,
    )
    return choice if choice.expires_at > timezone.now() else None


def choice_in(cookies: Mapping[str, str]) -> Choice | None:
    return decode(cookies.get(cookie_name(), ""))


def set_cookie(response: HttpResponseBase, choice: Choice) -> None:
    response.set_cookie(
        cookie_name(),
        encode(choice),
        max_age=choice.expires_at - timezone.now(),
        secure=settings.HTTPS,
        httponly=False,
        samesite="Lax",
    )


def _signature(payload: str, key: str) -> str:
    digest = salted_hmac("consent.choice", payload, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()
