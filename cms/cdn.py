"""
A content delivery network that keeps our pages: told which tags are out of date, by the change journal.

Wagtail's own purges name the addresses of a page, and nobody knows every list that shows it; every answer of ours says
in `Cache-Tag` what it was made from.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

import httpx
from django.db import close_old_connections
from wagtail.contrib.frontend_cache.backends import CloudflareBackend, HTTPBackend
from wagtail.contrib.frontend_cache.utils import get_backends

from cms.journal import Journal, read_database

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(10.0)
PAUSE_SECONDS = 0.5


class Cloudflare(CloudflareBackend):
    TAGS_AT_ONCE = 30  # https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/

    def purge_tags(self, tags: Iterable[str]) -> None:
        waiting = iter(tags)
        while some := list(islice(waiting, self.TAGS_AT_ONCE)):
            headers = {"Authorization": f"Bearer {self.cloudflare_token}"}
            url = self.cloudflare_purge_endpoint_url
            httpx.post(url, json={"tags": some}, headers=headers, timeout=TIMEOUT).raise_for_status()


class HTTPCache(HTTPBackend):
    """Varnish and its like: `PURGE /` with the tags, separated by commas, in `Cache-Tag`."""

    def purge_tags(self, tags: Iterable[str]) -> None:
        url = f"{self.cache_scheme}://{self.cache_netloc}/"
        httpx.request("PURGE", url, headers={"Cache-Tag": ",".join(tags)}, timeout=TIMEOUT).raise_for_status()


class Purges:
    """
    What the network has yet to be told.

    Begins with everything that the journal still holds: a worker that was away may have missed it, and nothing is
    kept out there for as long as the journal goes back.
    """

    def __init__(self) -> None:
        self._journal = Journal(read_database, last=lambda: 0)
        self._position = 0
        self._due: set[str] = set()

    def turn(self) -> None:
        """Tell it what has changed; what it did not take is said again the next time."""
        self._journal.poll()
        self._due |= self._journal.changed_since(self._position)
        self._position = self._journal.position
        if not self._due:
            return
        try:
            for backend in get_backends().values():
                backend.purge_tags(sorted(self._due))
            self._due.clear()
        except httpx.HTTPError as error:
            log.warning("The delivery network was not told of %d tags: %s", len(self._due), error)

    def follow(self) -> None:
        """In a thread of its own: it must wait for no slow mail server."""
        threading.Thread(target=self._follow, name="purges", daemon=True).start()

    def _follow(self) -> Any:
        while True:
            close_old_connections()
            self.turn()
            time.sleep(PAUSE_SECONDS)
