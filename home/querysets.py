"""What a visitor may see. Every public route reads pages through `public`, and through nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length, Substr
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site


def public(model: type[Page] = Page) -> QuerySet[Any]:
    """
    Live pages of the site that anybody may read at this moment.

    Stricter than `wagtail.api.querysets.get_public_pages_queryset`: no page is shown to some visitors only, and an
    expired page is gone at its time rather than when the scheduler next runs. Restrictions are checked inside the one
    query.
    """
    # A restriction holds for its page and everything below it: for every path that begins with its page's.
    restrictions = PageViewRestriction.objects.filter(page__path=Substr(OuterRef("path"), 1, Length("page__path")))
    _, root_path = site_root()
    return (
        model._default_manager.live()
        .filter(Q(expire_at=None) | Q(expire_at__gt=timezone.now()), url_path__startswith=root_path)
        .exclude(Exists(restrictions))
    )


def site_root() -> tuple[int, str]:
    """`(site id, url_path of its root page)` of the default site, from Wagtail's cache."""
    for root in Site.get_site_root_paths():
        return root.site_id, root.root_path
    return 0, "/no-site/"


def path_of(page: Page) -> str:
    """The page's path on the site, `/blog/glutes/`, without a query."""
    _, root_path = site_root()
    return "/" + page.url_path.removeprefix(root_path)


def url_of(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def lineage(path: str) -> list[Page]:
    """The public pages from the site's root down to `path`, read with one query; the last one may be another page."""
    _, root_path = site_root()
    parts = [part for part in path.split("/") if part]
    candidates = [root_path + "".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]
    return list(public().filter(url_path__in=candidates).order_by("depth"))
