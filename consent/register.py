"""The register as one document, and its revisions."""

from __future__ import annotations

from typing import Any

from cookie_consent.models import CookieGroup
from django.db import transaction
from django.utils.translation import gettext

from consent.catalogue import CATALOGUE
from consent.lifetimes import in_words
from consent.models import Purpose, Revision, Service, StorageItem, Wording
from consent.records import canonical, digest
from home import changes
from home.language import in_site_language
from home.statements import Statement

# What else an item says in words: for whom it is, and what `lifetime_seconds` means in the site’s language.
IN_WORDS = ("description", "lifetime")
WORDS = ("text", "policy_label", "policy_url", "accept", "reject", "manage", "gpc")


_CURRENT: Statement[Revision] = Statement(lambda: Revision.objects.order_by("-number"))


def current_revision() -> Revision:
    for revision in _CURRENT.read(limit=1):
        return revision
    raise Revision.DoesNotExist


@transaction.atomic
def publish_revision() -> Revision:
    """Make what the register says now the current revision; nothing happens if it says what it said."""
    # Editors who save at once wait here for each other, and only then look which revision is the latest.
    Revision.objects.select_for_update().order_by("number").first()
    latest = Revision.objects.order_by("-number").first()
    document = _document(latest)
    if latest and latest.document == document:
        return latest
    changes.record("consent")
    return Revision.objects.create(number=_next(latest), document=document, hash=digest(canonical(document)))


def optional_purposes(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The purposes a visitor decides about."""
    return [purpose for purpose in document["purposes"] if not purpose["required"]]


def material(purpose: dict[str, Any]) -> bytes:
    """
    What somebody agrees to, without its wording: who, what, where, how long and on which ground.

    A purpose whose material changes is asked about again. Its texts are material only where an editor says so, which
    raises `edition`: a corrected spelling must not ask everybody again.
    """
    items = [{key: value for key, value in item.items() if key not in IN_WORDS} for item in purpose["items"]]
    fields = ("key", "required", "basis", "edition", "services")
    return canonical({**{field: purpose[field] for field in fields}, "items": items})


def changed_purposes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The keys of the optional purposes of `after` that are new or materially different."""
    known = {purpose["key"]: material(purpose) for purpose in before["purposes"]}
    return [purpose["key"] for purpose in optional_purposes(after) if known.get(purpose["key"]) != material(purpose)]


def _document(latest: Revision | None) -> dict[str, Any]:
    with in_site_language():
        document = _read()
    _date(document, latest)
    return document


def _read() -> dict[str, Any]:
    wording = Wording.objects.filter(site__is_default_site=True).first() or Wording()
    groups = CookieGroup.objects.filter(purpose__isnull=False).order_by("ordering", "varname").select_related("purpose")
    purposes = [_purpose(group.purpose) for group in groups]
    return {
        "wording": {word: str(getattr(wording, word)) for word in WORDS},
        # A purpose that stores and loads nothing is nothing to decide about.
        "purposes": [purpose for purpose in purposes if purpose["items"] or purpose["services"]],
    }


def _next(latest: Revision | None) -> int:
    return latest.number + 1 if latest else 1


def _date(document: dict[str, Any], latest: Revision | None) -> None:
    """Write into each purpose the revision `since` which it means what it means now."""
    before = latest.document if latest else {"purposes": []}
    unchanged = {purpose["key"]: purpose for purpose in before["purposes"]}
    for purpose in document["purposes"]:
        known = unchanged.get(purpose["key"])
        is_same = known is not None and material(known) == material(purpose)
        purpose["since"] = known["since"] if known and is_same else _next(latest)


def _purpose(purpose: Purpose) -> dict[str, Any]:
    group = purpose.group
    items = StorageItem.objects.filter(cookie__cookiegroup=group).select_related("cookie", "service")
    return {
        "key": group.varname,
        "short_key": purpose.short_key,
        "name": group.name,
        "description": group.description,
        "required": group.is_required,
        "basis": purpose.basis,
        "edition": purpose.material_change,
        "refused_by_gpc": purpose.refused_by_gpc,
        "services": [_service(service) for service in purpose.services.all()],
        "items": [_item(item) for item in items.order_by("cookie__name", "pk")],
    }


def _service(service: Service) -> dict[str, Any]:
    ready = CATALOGUE[service.key]
    return {
        "key": service.key,
        "name": ready.name,
        "kind": ready.kind,
        "controller": gettext(ready.controller),
        "privacy_url": ready.privacy_url,
        "country": ready.country,
        "hosts": ready.hosts(service.account),
    }


def _item(item: StorageItem) -> dict[str, Any]:
    return {
        "name": item.cookie.name,
        "kind": item.kind,
        "party": item.party,
        "lifetime": in_words(item.lifetime_seconds, item.kind),
        "lifetime_seconds": item.lifetime_seconds,
        "description": item.cookie.description,
        "service": item.service.key if item.service else "",
    }
