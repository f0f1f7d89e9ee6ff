"""
The tags of what the whole site shares, and the changes that put them out of date.

`site`: the settings, the menus, where things are. `pages`: which pages there are. `page-<id>`: one page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.apps import apps
from django.db.models.signals import post_delete, post_save, pre_save
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from home import changes

# What anybody may see of the site at all. Everything that visitors read carries one of these.
EVERYTHING = ("site", "posts", "pages")
_DRAFT = "latest_revision"  # what Wagtail writes onto a page when only a draft of it was saved


class Address(NamedTuple):
    """What other pages say of a page that they link to."""

    live: bool
    url_path: str
    title: str


def of_page(page: Page) -> list[str]:
    """What an answer about a page of no room in particular was made from."""
    return [f"page-{page.pk}", "site"]


def connect() -> None:
    from home.models import Picture, SiteSettings

    changes.watch(lambda row: EVERYTHING, Picture, SiteSettings, Site, PageViewRestriction)
    changes.watch(lambda row: ["redirects"], Redirect)
    for model in apps.get_models():
        if issubclass(model, Page):
            label = model._meta.label
            pre_save.connect(_remember_address, sender=model, dispatch_uid=f"home.tags.{label}.before")
            post_save.connect(_page_saved, sender=model, dispatch_uid=f"home.tags.{label}.saved")
            post_page_move.connect(_page_moved, sender=model, dispatch_uid=f"home.tags.{label}.moved")
    post_delete.connect(_page_moved, sender=Page, dispatch_uid="home.tags.page.deleted")


def _remember_address(sender: Any, instance: Page, **kwargs: Any) -> None:
    known = Page.objects.filter(pk=instance.pk).values_list(*Address._fields).first()
    instance.address_before = Address(*known) if known else None


def _page_saved(sender: Any, instance: Page, update_fields: Any = None, **kwargs: Any) -> None:
    if _DRAFT in (update_fields or ()):
        return
    if Address(instance.live, instance.url_path, instance.title) != instance.address_before:
        changes.record(f"page-{instance.pk}", *EVERYTHING)
    else:
        changes.record(f"page-{instance.pk}", "pages", *_lists_of(instance))


def _lists_of(page: Page) -> list[str]:
    """The lists that show something of a page: its type says so, by `list_tags`."""
    return list(getattr(page, "list_tags", ()))


def _page_moved(sender: Any, instance: Page, **kwargs: Any) -> None:
    changes.record(f"page-{instance.pk}", *EVERYTHING)
