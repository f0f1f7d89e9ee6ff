from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from consent import choices
from consent.models import Receipt
from consent.register import current_revision, optional_purposes
from guard import limits
from guard.errors import Conflict

LIMITS = (limits.Limit(30, timedelta(hours=1)),)


def record_choice(
    *, choices_made: dict[str, bool], revision: int, surface: str, subject: str, gpc: bool = False
) -> choices.Choice:
    """
    Record what a visitor decided about every optional purpose, and give the choice to put into the cookie.

    ValidationError for a purpose that is unknown, required or missing. Conflict if something is granted under an older
    wording; a refusal is safe under any wording and always taken.
    """
    current = current_revision()
    optional = optional_purposes(current.document)
    is_grant = any(choices_made.values())
    if revision != current.number and is_grant:
        raise Conflict("What you agree to has changed. Please read it again.", code="stale_wording")
    _check_purposes({purpose["key"] for purpose in optional}, choices_made)
    decided_at = timezone.now().replace(microsecond=0)
    receipt = Receipt(
        id=choices.new_receipt_id(),
        decided_at=decided_at,
        revision=current,
        action=_action(choices_made),
        choices=choices_made,
        surface=surface,
        gpc=gpc,
    )
    with transaction.atomic():
        limits.count(scope="consent", subject=subject, limits=LIMITS)
        receipt.save(force_insert=True)
    granted = {purpose["short_key"]: choices_made[purpose["key"]] for purpose in optional}
    return choices.Choice(current.number, decided_at, granted, receipt.id)


def withdraw(*, surface: str, subject: str, gpc: bool = False) -> choices.Choice:
    """Switch every optional purpose off, with a receipt of its own."""
    current = current_revision()
    nothing = {purpose["key"]: False for purpose in optional_purposes(current.document)}
    return record_choice(choices_made=nothing, revision=current.number, surface=surface, subject=subject, gpc=gpc)


def _check_purposes(optional: set[str], choices_made: dict[str, bool]) -> None:
    errors: dict[str, Any] = {
        key: ["This is no purpose you can decide about."] for key in choices_made.keys() - optional
    }
    errors |= {key: ["Decide about this purpose too."] for key in optional - choices_made.keys()}
    if errors:
        raise ValidationError({"choices": errors})


def _action(choices_made: dict[str, bool]) -> str:
    if choices_made and all(choices_made.values()):
        return Receipt.Action.ACCEPT_ALL
    return Receipt.Action.CUSTOM if any(choices_made.values()) else Receipt.Action.REJECT_ALL
