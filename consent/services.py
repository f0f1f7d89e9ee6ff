from __future__ import annotations

from datetime import timedelta

from cookie_consent.models import Cookie
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from consent import choices
from consent.catalogue import CATALOGUE
from consent.models import Purpose, Receipt, Revision, Service, StorageItem
from consent.register import current_revision, optional_purposes
from guard import limits
from guard.errors import Conflict
from home.language import site_words

LIMITS = (limits.Limit(30, timedelta(hours=1)),)
ONCE_SECONDS = 5 * 60
_ONCE_SALT = "consent.once"


def record_choice(
    *, choices_made: dict[str, bool], revision: int, surface: str, subject: str, gpc: bool = False
) -> choices.Choice:
    """
    Record what a visitor decided about every optional purpose, and give the choice to put into the cookie.

    ValidationError for a purpose that is unknown, required or missing. Conflict if something is granted under an older
    wording; a refusal is safe under any wording and always taken.
    """
    current = current_revision()
    if revision != current.number and any(choices_made.values()):
        raise Conflict(_("What you agree to has changed. Please read it again."), code="stale_wording")
    optional = optional_purposes(current.document)
    _check_purposes({purpose["key"] for purpose in optional}, choices_made)
    receipt = _record(current, choices_made, _action(choices_made), surface=surface, subject=subject, gpc=gpc)
    granted = {purpose["short_key"]: choices_made[purpose["key"]] for purpose in optional}
    return choices.Choice(current.number, receipt.decided_at, granted, receipt.id)


def withdraw(*, surface: str, subject: str, gpc: bool = False) -> choices.Choice:
    """Switch every optional purpose off, with a receipt of its own."""
    current = current_revision()
    optional = optional_purposes(current.document)
    nothing = {purpose["key"]: False for purpose in optional}
    receipt = _record(current, nothing, Receipt.Action.WITHDRAW, surface=surface, subject=subject, gpc=gpc)
    granted = {purpose["short_key"]: False for purpose in optional}
    return choices.Choice(current.number, receipt.decided_at, granted, receipt.id)


def allow_once(*, embed_path: str, purpose: str, revision: int, subject: str, gpc: bool = False) -> str:
    """
    Record that a visitor allowed one frame, this time; a token that opens it for five minutes.

    The visitor's choice stays as it was: nothing is remembered in the browser.
    """
    current = current_revision()
    if revision != current.number:
        raise Conflict(_("What you agree to has changed. Please read it again."), code="stale_wording")
    if purpose not in {known["key"] for known in optional_purposes(current.document)}:
        raise ValidationError({"purpose": [_("This is no purpose you can decide about.")]})
    _record(current, {purpose: True}, Receipt.Action.ONCE, surface=Receipt.Surface.CARD, subject=subject, gpc=gpc)
    return signing.dumps(embed_path, salt=_ONCE_SALT)


def is_allowed_once(token: str, *, embed_path: str) -> bool:
    try:
        return bool(signing.loads(token, salt=_ONCE_SALT, max_age=ONCE_SECONDS) == embed_path)
    except signing.BadSignature:
        return False


def _record(
    current: Revision, choices_made: dict[str, bool], action: str, *, surface: str, subject: str, gpc: bool
) -> Receipt:
    receipt = Receipt(
        id=choices.new_receipt_id(),
        decided_at=timezone.now().replace(microsecond=0),
        revision=current,
        action=action,
        choices=choices_made,
        surface=surface,
        gpc=gpc,
    )
    with transaction.atomic():
        limits.count(scope="consent", subject=subject, limits=LIMITS)
        receipt.save()
    return receipt


def _check_purposes(optional: set[str], choices_made: dict[str, bool]) -> None:
    errors = {key: [_("This is no purpose you can decide about.")] for key in choices_made.keys() - optional}
    errors |= {key: [_("Decide about this purpose too.")] for key in optional - choices_made.keys()}
    if errors:
        raise ValidationError({"choices": errors})


def _action(choices_made: dict[str, bool]) -> str:
    if choices_made and all(choices_made.values()):
        return Receipt.Action.ACCEPT_ALL
    return Receipt.Action.CUSTOM if any(choices_made.values()) else Receipt.Action.REJECT_ALL


@transaction.atomic
def switch_on(service: Service) -> Service:
    """Add a ready-made service to the register, with everything it stores."""
    ready = CATALOGUE[service.key]
    service.purpose = Purpose.objects.select_related("group").get(group__varname=ready.purpose)
    service.full_clean()
    service.save()
    for stored in ready.stores:
        cookie, _ = Cookie.objects.get_or_create(
            cookiegroup=service.purpose.group,
            name=stored.name,
            domain=service.key,
            defaults={"description": site_words(stored.description)},
        )
        StorageItem.objects.update_or_create(
            cookie=cookie,
            defaults={
                "service": service,
                "kind": stored.kind,
                "party": stored.party,
                "lifetime_seconds": stored.seconds,
            },
        )
    return service


@transaction.atomic
def switch_off(service: Service) -> None:
    """Take a service and everything it stores out of the register."""
    Cookie.objects.filter(storage_item__service=service).delete()
    service.delete()
