"""Which post an old address belongs to."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from blog.importers.plain_text import one_line
from blog.importers.records import UnusableFile
from blog.models import BlogPage
from home.querysets import path_of

_SUFFIXES = (".html", ".htm", ".php", ".aspx", ".asp")
MAX_ADDRESS = 300


def place(address: str) -> str:
    """An address without its host, in one spelling: `/2019/knees/`, or `/?p=12` where it has a query."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = unicodedata.normalize("NFC", unquote(parts.path)).casefold().strip("/")
    query = f"?{parts.query}" if parts.query else ""
    return one_line(f"/{path}/".replace("//", "/") + query)[:MAX_ADDRESS]


def _without_query(where: str) -> str:
    return where.partition("?")[0]


def _last_slug(where: str) -> str:
    segments = [part for part in _without_query(where).split("/") if part and not part.startswith("index.")]
    slug = segments[-1] if segments else ""
    suffix = next((suffix for suffix in _SUFFIXES if slug.endswith(suffix)), "")
    return slug.removesuffix(suffix)


class Posts:
    """The site's posts, public or not yet, by their addresses, their slugs and a list of addresses that changed."""

    def __init__(self, moved: Path | None = None) -> None:
        pages = list(BlogPage.objects.only("slug", "url_path"))
        slugs = Counter(page.slug.casefold() for page in pages)
        self._by_place = {place(path_of(page)): page.pk for page in pages}
        self._by_slug = {page.slug.casefold(): page.pk for page in pages if slugs[page.slug.casefold()] == 1}
        self._moved = self._read(moved) if moved else {}

    def find(self, where: str) -> int | None:
        for exact in (self._moved, self._by_place):
            for spelling in (where, _without_query(where)):
                if spelling in exact:
                    return exact[spelling]
        return self._by_slug.get(_last_slug(where))

    def _read(self, path: Path) -> dict[str, int]:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(enumerate(csv.reader(file), start=1))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UnusableFile(f"{path} can’t be read: {error}.") from error
        return dict(self._pair(path.name, number, row) for number, row in rows if row)

    def _pair(self, name: str, number: int, row: list[str]) -> tuple[str, int]:
        if len(row) != 2:
            raise UnusableFile(f"{name}, row {number}: an old and a new address are needed, with a comma between them.")
        old, new = map(place, row)
        if new not in self._by_place:
            raise UnusableFile(f"{name}, row {number}: there is no post at {new or row[1]}.")
        return old, self._by_place[new]
