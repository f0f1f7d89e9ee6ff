from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from wagtail.signals import page_published

from home import renditions


def connect() -> None:
    from home.models import SiteSettings

    page_published.connect(make_renditions, dispatch_uid="home.page_renditions")
    post_save.connect(make_renditions, sender=SiteSettings, dispatch_uid="home.settings_renditions")


def make_renditions(sender: Any, instance: Any, **kwargs: Any) -> None:
    """After the commit: making them takes seconds, and a transaction that long would hold every other writer up."""
    if hasattr(instance, "pictures"):
        transaction.on_commit(partial(_make, instance))


def _make(instance: Any) -> None:
    renditions.make(instance.pictures())
