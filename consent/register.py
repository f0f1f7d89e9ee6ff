"""The register as one document, and its revisions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cookie_consent.models import CookieGroup

from consent.models import Purpose, Revision, Service, StorageItem, Wording

WORDS = ("text", "policy_label", "policy_url", "accept", "reject", "manage")


def current_revision() -> Revision:
    return Revision.objects.latest()


def publish_revision() -> Revision:
    """Make what the register says now the current revision; nothing happens if it says what it said."""
    document = _document()
    digest = f"sha256:{hashlib.sha256(canonical(document)).hexdigest()}"
    latest = Revision.objects.order_by("-number").first()
    if latest and latest.hash == digest:
        return latest
    return Revision.objects.create(document=document, hash=digest)


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes a revision's hash is of: JSON with sorted keys, no spaces, UTF-8, as RFC 8785 has it."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def optional_purposes(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The purposes a visitor decides about."""
    return [purpose for purpose in document["purposes"] if not purpose["required"]]


def _document() -> dict[str, Any]:
    wording = Wording.objects.filter(site__is_default_site=True).first() or Wording()
    groups = CookieGroup.objects.filter(purpose__isnull=False).order_by("ordering", "varname").select_related("purpose")
    purposes = [_purpose(group.purpose) for group in groups]
    return {
        "wording": {word: getattr(wording, word) for word in WORDS},
        # A purpose that stores and loads nothing is nothing to decide about.
        "purposes": [purpose for purpose in purposes if purpose["items"] or purpose["services"]],
    }


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
        "services": [_service(service) for service in purpose.services.all()],
        "items": [_item(item) for item in items.order_by("cookie__name", "pk")],
    }


def _service(service: Service) -> dict[str, Any]:
    fields = ("key", "name", "controller", "privacy_url", "country", "hosts")
    return {field: getattr(service, field) for field in fields}


def _item(item: StorageItem) -> dict[str, Any]:
    return {
        "name": item.cookie.name,
        "kind": item.kind,
        "party": item.party,
        "lifetime": item.lifetime,
        "description": item.cookie.description,
        "service": item.service.key if item.service else "",
    }
