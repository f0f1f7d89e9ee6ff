from __future__ import annotations

from typing import Any

from cookie_consent.models import Cookie, CookieGroup
from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save

from consent import register, seed


def connect(config: AppConfig) -> None:
    from consent.models import Purpose, Service, StorageItem, Wording

    for model in (Cookie, CookieGroup, Purpose, Service, StorageItem, Wording):
        post_save.connect(_changed, sender=model, dispatch_uid=f"consent.saved.{model.__name__}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"consent.deleted.{model.__name__}")
    post_migrate.connect(_migrated, sender=config, dispatch_uid="consent.migrated")


def _changed(sender: Any, **kwargs: Any) -> None:
    """After the commit: many rows saved together are one change of what visitors are shown."""
    if not kwargs.get("raw"):
        transaction.on_commit(register.publish_revision)


def _migrated(sender: Any, **kwargs: Any) -> None:
    # One transaction, one revision: a register half filled was never shown to anybody.
    with transaction.atomic():
        seed.seed_register()
        register.publish_revision()
