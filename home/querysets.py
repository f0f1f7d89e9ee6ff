"""What a visitor may see. Every public route reads pages through what is here, and through nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db.models import CharField, DateTimeField, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length, Substr
from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from home.changes import newest_changes
from home.statements import Parameter, Statement, room_for, several

# The site's root as this thread's request found it: set only while one is answered that changes nothing.
_request = threading.local()


@receiver(request_started)
def _begin(environ: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if environ and environ.get("REQUEST_METHOD") in {"GET", "HEAD"}:
        _request.root = None


@receiver(request_finished)
def _end(**kwargs: Any) -> None:
    _request.__dict__.clear()


def public(model: type[Page] = Page) -> QuerySet[Any]:
    """
    Live pages of the site that anybody may read at this moment.

    Stricter than `wagtail.api.querysets.get_public_pages_queryset`: no page is shown to some visitors only, and an
    expired page is gone at its time rather than when the scheduler next runs. Restrictions are checked inside the one
    query.
    """
    return _visible(model, site_root()[1], timezone.now())


def _visible(model: type[Page], root_path: str, now: Any) -> QuerySet[Any]:
    # A restriction holds for its page and everything below it: for every path that begins with its page's. Its path is
    # a subquery, for a join would have the database look through all pages for the few that have a restriction.
    restricted = Page._default_manager.filter(pk=OuterRef("page_id")).values("path")
    restrictions = PageViewRestriction.objects.annotate(above=Subquery(restricted)).filter(
        above=Substr(OuterRef("path"), 1, Length("above"))
    )
    return (
        model._default_manager.live()
        .filter(Q(expire_at=None) | Q(expire_at__gt=now), url_path__startswith=root_path)
        .exclude(Exists(restrictions))
    )


class PublicStatement(Statement[Any]):
    """A statement about public pages: `build` is given those of the model, `public` at the moment of each run."""

    def __init__(self, build: Callable[..., QuerySet[Any]], model: type[Page] = Page) -> None:
        now = Parameter("now", DateTimeField())
        super().__init__(lambda root_path, *variant: build(_visible(model, root_path, now), *variant))

    def read(self, *variant: Any, **values: Any) -> list[Any]:
        return super().read(site_root()[1], *variant, now=timezone.now(), **values)

    def count(self, *variant: Any, **values: Any) -> int:
        """
        Counted anew after every change, and once a minute for what expires: on a page it is the one thing that takes
        longer the more pages there are.
        """
        minute = timezone.now().replace(second=0, microsecond=0)
        hashable = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in values.items())
        return counted(self, newest_changes(), minute, site_root()[1], variant, hashable)


@lru_cache(1000)
def counted(
    statement: PublicStatement,
    newest: tuple[int, ...],
    now: datetime,
    root_path: str,
    variant: tuple[Any, ...],
    values: tuple[tuple[str, Any], ...],
) -> int:
    return Statement.count(statement, root_path, *variant, now=now, **dict(values))


_LINEAGE = PublicStatement(
    lambda pages, number, has_slugs: (
        # Wagtail has an index of slugs, and none of paths.
        (pages.filter(slug__in=several("slugs", CharField(), number)) if has_slugs else pages)
        .filter(url_path__in=several("paths", CharField(), number))
        .order_by("depth")
        .values("id", "url_path", "title", "content_type_id")
    )
)
_BY_ID = PublicStatement(
    lambda pages, number: pages.filter(id__in=several("ids", IntegerField(), number)).values("id", "url_path")
)


class Place(Protocol):
    """What is read of a page that another one names."""

    id: int
    url_path: str
    title: str
    content_type_id: int


def lineage(path: str) -> list[Place]:
    """The public pages from the site's root down to `path`, read with one query; the last one may be another page."""
    _, root_path = site_root()
    parts = [part for part in path.split("/") if part]
    candidates = [root_path + "".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]
    slugs = [candidate.split("/")[-2] for candidate in candidates]
    # The slug of the tree's own root is not part of its path.
    return _LINEAGE.read(room_for(candidates), root_path != "/", paths=candidates, slugs=slugs)


def public_paths(ids: Collection[int]) -> dict[int, str]:
    """The paths of those of these pages that are public: one query, or none."""
    return {page.id: path_of(page) for page in _BY_ID.read(room_for(ids), ids=list(ids))} if ids else {}


def site_root() -> tuple[int, str]:
    """`(site id, url_path of its root page)` of the default site, from Wagtail's cache: looked up once a page."""
    known: tuple[int, str] | None = getattr(_request, "root", None)
    if known is None:
        known = _site_root()
        if hasattr(_request, "root"):
            _request.root = known
    return known


def _site_root() -> tuple[int, str]:
    for root in Site.get_site_root_paths():
        return root.site_id, root.root_path
    return 0, "/no-site/"


def path_of(page: Page | Place) -> str:
    """The page's path on the site, `/blog/glutes/`, without a query."""
    _, root_path = site_root()
    return "/" + page.url_path.removeprefix(root_path)


def url_of(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
