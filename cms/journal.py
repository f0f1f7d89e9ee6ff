"""What a process that keeps answers knows of the change journal."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from wagtail.models import Site

from home.changes import Change, changes_after, committed

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
REMOTE_POLL_SECONDS = 0.2
REMOTE_TIMEOUT = httpx.Timeout(2.0)
# Ids are given before their transactions commit: one that took longer than another shows up below it, and late.
OVERLAP_SECONDS = 60.0
BATCH = 1000
Row = tuple[int, str]


class Journal:
    """
    Follows the change journal. Every change that it reads has a number of its own, counted by this process.

    `read(after)` gives rows `(id, tag)` with larger ids, at most BATCH of them in the order of their ids; `last()` the
    largest id there is.
    """

    def __init__(self, read: Callable[[int], list[Row]], last: Callable[[], int]) -> None:
        self._read, self._last = read, last
        self._lock = threading.Lock()
        self._floor: int | None = None
        self._seen: dict[int, float] = {}
        self._changed: dict[str, int] = {}
        self._is_away = False
        self.position = 0

    def is_current(self, tags: Iterable[str], since: int) -> bool:
        """Whether nothing with one of these tags has changed after the change of number `since`."""
        return all(self._changed.get(tag, 0) <= since for tag in tags)

    def changed_since(self, position: int) -> set[str]:
        return {tag for tag, number in self._changed.copy().items() if number > position}

    def poll(self, **kwargs: Any) -> None:
        """Read what is new. The journal may be out of reach: then what is known stays as it is."""
        with self._lock:
            try:
                self._catch_up()
                self._is_away = False
            except (DatabaseError, httpx.HTTPError) as error:
                if not self._is_away:
                    log.warning("The change journal can’t be read: %s", error)
                self._is_away = True

    def _catch_up(self) -> None:
        if self._floor is None:
            self._floor = max(self._last() - BATCH, 0)
        after = self._floor
        while rows := self._read(after):
            self._note(rows)
            if len(rows) < BATCH:
                break
            after = rows[-1][0]
        self._forget(time.monotonic() - OVERLAP_SECONDS)

    def _note(self, rows: list[Row]) -> None:
        for number, tag in rows:
            if number not in self._seen:
                self._seen[number] = time.monotonic()
                # In this order: whoever reads `position` first finds every change up to it.
                self._changed[tag] = self.position + 1
                self.position += 1

    def _forget(self, before: float) -> None:
        for number, seen_at in list(self._seen.items()):
            if seen_at >= before:
                break
            del self._seen[number]
            self._floor = max(self._floor or 0, number)

    def follow(self, seconds: float) -> None:
        """Keep reading, in a thread of its own that ends with the process."""
        threading.Thread(target=self._follow, args=(seconds,), name="change journal", daemon=True).start()

    def _follow(self, seconds: float) -> None:
        while True:
            close_old_connections()
            self.poll()
            time.sleep(seconds)


def followed() -> Journal:
    """The journal of the content that this process shows, followed from now on."""
    if settings.API_URL:
        journal = remote()
        journal.follow(REMOTE_POLL_SECONDS)
    else:
        journal = Journal(read_database, last_in_database)
        # Who makes a change sees it at once.
        committed.connect(journal.poll, weak=False)
        journal.follow(POLL_SECONDS)
    return journal


def read_database(after: int) -> list[Row]:
    rows = [(row.id, row.tag) for row in changes_after(after, limit=BATCH)]
    if any(tag == "site" for _, tag in rows):
        # Wagtail keeps where the site begins for an hour, in each process by itself.
        Site.clear_site_root_paths_cache()
    return rows


def last_in_database() -> int:
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def remote() -> Journal:
    """The journal of the machine whose API this one shows."""
    client = httpx.Client(base_url=f"{settings.API_URL.rstrip('/')}/", timeout=REMOTE_TIMEOUT)

    def ask(**params: int) -> Any:
        return client.get("changes/", params=params).raise_for_status().json()

    def read(after: int) -> list[Row]:
        return [(row["id"], row["tag"]) for row in ask(after=after)["results"]]

    def last() -> int:
        number: int = ask()["last"]
        return number

    return Journal(read, last)
