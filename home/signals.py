"""What makes sizes of pictures necessary: that they are published, and that they or their files change."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published

from home import preparing, renditions
from home.preparing import HEAD_START, Role


def connect() -> None:
    from home.models import Picture, PictureRendition, SiteSettings

    page_published.connect(prepare_pictures, dispatch_uid="home.page_pictures")
    post_save.connect(prepare_pictures, sender=SiteSettings, dispatch_uid="home.settings_pictures")
    post_save.connect(_picture_saved, sender=Picture, dispatch_uid="home.picture_saved")
    post_delete.connect(_rendition_deleted, sender=PictureRendition, dispatch_uid="home.rendition_deleted")


def prepare_pictures(sender: Any, instance: Any, **kwargs: Any) -> None:
    if hasattr(instance, "pictures"):
        _make_first_after_commit(preparing.note(instance.pictures(), delay=HEAD_START))


def _make_first_after_commit(roles: list[Role]) -> None:
    # A transaction as long as a picture takes would hold every other writer up.
    transaction.on_commit(partial(preparing.publish_first, roles))


def _picture_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    if not created:
        preparing.look_again(instance)


def _rendition_deleted(sender: Any, instance: Any, origin: Any, **kwargs: Any) -> None:
    """A size that went alone, for the picture has another file or focal point now, is made anew."""
    preset = renditions.preset_of(instance.filter_spec)
    if preset is None or getattr(origin, "model", type(origin)) is not sender:
        return
    role = Role(instance.image_id, preset)
    preparing.note_roles([role], delay=HEAD_START)
    if instance.filter_spec == renditions.first(preset).spec:
        _make_first_after_commit([role])
