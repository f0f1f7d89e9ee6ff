"""
The page cache: public answers, kept in this process and given away without asking Django.

What is kept promised to be the same for everyone, and it is made from its key alone: path and known parameters, and
nothing of whoever asked first. It is given away until a change of one of its tags is read from the journal.
"""

from __future__ import annotations

import gzip
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import brotli
from django.conf import settings
from django.utils.http import parse_http_date

from cms.journal import Journal
from frontend.api import SHARED_ANSWERS, Answer
from home.responses import CACHE_CONTROL

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
App = Callable[[Environ, Any], Iterable[bytes]]

PAGE_PARAMETERS = {"author", "comments", "page", "parent", "practitioner", "q", "service", "tag", "topic", "v"}
API_PARAMETERS = {"author", "cursor", "limit", "offset", "ordering", "path", "post", "search", "tag", "topic"}
KEYED = PAGE_PARAMETERS | API_PARAMETERS
# What others put behind a link to count who follows it. Any other name is unknown here: its request is not kept.
TRACKING = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid", "yclid", "_hs")
UNKEPT_PATHS = ("/admin/", "/django-admin/", "/static/", "/media/")
KEPT_STATUSES = ("200", "301", "404")
SET_HERE = {"content-length", "etag", "vary", "content-encoding"}

RENDERS_AT_ONCE = 2  # more threads than cores only wait for each other
MAX_QUERY = 500
MAX_AGE = 60 * 60.0
PASS_SECONDS = 60.0
CDN_SECONDS = 24 * 60 * 60  # RFC 9213; less than the journal goes back
OVERHEAD = 2_000  # what an entry takes besides its bodies, in bytes
SMALLEST_COMPRESSED = 200  # as Django’s own
ATTEMPTS = 3


class Entry:
    """An answer that is kept; or, without a status, that this one is not to be kept and each asks for their own."""

    def __init__(self, status: str, headers: Headers, body: bytes, *, position: int) -> None:
        named = {name.lower(): value for name, value in headers}
        self.status = status
        self.body = body
        self.tags = named.get("cache-tag", "").split(",")
        self.checked = position
        self.made_at = time.time()
        self.until = parse_http_date(named["expires"]) if "expires" in named else float("inf")
        self.etag = named.get("etag", "").removeprefix("W/")
        self.headers = [pair for pair in headers if pair[0].lower() not in SET_HERE]
        if len(body) >= SMALLEST_COMPRESSED:
            self.headers.append(("Vary", "Accept-Encoding"))
        if settings.CDN_PURGE and "expires" not in named:
            self.headers.append(("CDN-Cache-Control", f"max-age={CDN_SECONDS}"))
        self.variants: dict[str, tuple[Headers, bytes]] = {}
        self.size = OVERHEAD + len(body)
        self.is_kept = False
        self.was_hit = False

    def variant(self, encoding: str) -> tuple[Headers, bytes]:
        """Headers and body in an encoding, made the first time that somebody asks for it."""
        body = _encoded(self.body, encoding)
        headers = [*self.headers, ("Content-Length", str(len(body)))]
        if not self.etag:
            return headers, body
        if body is self.body:
            return [*headers, ("ETag", self.etag)], body
        # Other bytes that mean the same (RFC 9110, 8.8.1).
        return [*headers, ("Content-Encoding", encoding), ("ETag", f"W/{self.etag}")], body


class SharedAnswers:
    """What the API said for every page alike, kept until one of its tags changes."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: dict[str, tuple[Answer, int, float]] = {}

    def get(self, path: str, ask: Callable[[], Answer]) -> Answer:
        if path in self._kept:
            answer, position, made_at = self._kept[path]
            if time.time() - made_at < MAX_AGE and self._journal.is_current(answer.tags, position):
                return answer
        position = self._journal.position
        answer = ask()
        if answer.ok and answer.tags and not answer.expires:
            self._kept[path] = answer, position, time.time()
        return answer


class PageCache:
    """WSGI around `app`. One for each process; `max_bytes` bounds what it keeps."""

    def __init__(self, app: App, journal: Journal, *, max_bytes: int) -> None:
        self._shared = SharedAnswers(journal) if max_bytes else None
        self._app, self._journal, self._max_bytes = app, journal, max_bytes
        self._entries: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self.used = 0
        self._lock = threading.Lock()
        self._rendering: dict[tuple[str, str], threading.Lock] = {}
        self._renders = threading.BoundedSemaphore(RENDERS_AT_ONCE)
        self._hosts = _own_hosts()
        self._session = f"{settings.SESSION_COOKIE_NAME}="
        self._tells_proxy = bool(settings.NUM_PROXIES)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._app(environ, start_response)
        entry = self._entries.get(key)
        if entry is not None and self._is_fresh(entry):
            entry.was_hit = True
        else:
            entry = self._make(key)
        if not entry.status:
            with self._renders:
                return self._app(environ, start_response)
        return self._answer(entry, environ, start_response)

    # --- What is asked for -------------------------------------------------------------------------------------------

    def _key(self, environ: Environ) -> tuple[str, str] | None:
        """Path and known parameters; None if this is nothing that is the same for everyone."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or environ.get("HTTP_HOST") not in self._hosts:
            return None
        path = environ["PATH_INFO"]
        if path.startswith(UNKEPT_PATHS) or self._session in environ.get("HTTP_COOKIE", "") or not _is_secure(environ):
            return None
        query = environ.get("QUERY_STRING", "")
        known = _known(query) if query else ""
        return None if known is None else (path, known)

    # --- What is there -----------------------------------------------------------------------------------------------

    def _is_fresh(self, entry: Entry) -> bool:
        now = time.time()
        age = now - entry.made_at
        return age < (MAX_AGE if entry.status else PASS_SECONDS) and self._is_true(entry, now)

    def _is_true(self, entry: Entry, now: float) -> bool:
        """Whether it still says what is so, as far as anybody here knows."""
        position = self._journal.position
        if entry.checked != position:
            if not self._journal.is_current(entry.tags, entry.checked):
                return False
            entry.checked = position
        return now < entry.until

    def _answer(self, entry: Entry, environ: Environ, start_response: Any) -> Iterable[bytes]:
        encoding = _accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        variant = entry.variants.get(encoding)
        if variant is None:
            variant = self._encode(entry, encoding)
        headers, body = variant
        if self._tells_proxy:
            # A proxy may keep it to the end of this second, and asks again.
            headers = [*headers, ("X-Accel-Expires", f"@{int(time.time())}")]
        if environ.get("HTTP_IF_NONE_MATCH") and _matches(environ["HTTP_IF_NONE_MATCH"], entry.etag):
            start_response("304 Not Modified", [pair for pair in headers if not pair[0].startswith("Content-")])
            return []
        start_response(entry.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _encode(self, entry: Entry, encoding: str) -> tuple[Headers, bytes]:
        variant = entry.variants[encoding] = entry.variant(encoding)
        if variant[1] is not entry.body:
            self._count(entry, len(variant[1]))
        return variant

    def _count(self, entry: Entry, size: int) -> None:
        with self._lock:
            entry.size += size
            if entry.is_kept:
                self.used += size
                self._evict()

    # --- What is made ------------------------------------------------------------------------------------------------

    def _make(self, key: tuple[str, str]) -> Entry:
        """The answer, made once however many wait for it."""
        with self._turn(key):
            kept = self._entries.get(key)
            if kept is not None and self._is_fresh(kept):
                return kept
            made = self._render(key)
            if made.status[:1] == "5" and kept is not None and kept.status and self._is_true(kept, time.time()):
                return kept  # the last good copy, while there is no better one
            if made.status[:1] != "5":
                self._keep(key, made)
            return made

    @contextmanager
    def _turn(self, key: tuple[str, str]) -> Iterator[None]:
        with self._lock:
            turn = self._rendering.setdefault(key, threading.Lock())
        try:
            with turn:
                yield
        finally:
            with self._lock:
                self._rendering.pop(key, None)

    def _render(self, key: tuple[str, str]) -> Entry:
        """An answer that no change came in the way of: some of what it was made from would be older than the rest."""
        for _ in range(ATTEMPTS):
            position = self._journal.position
            entry = self._ask(key, position)
            self._journal.poll()
            if self._journal.is_current(entry.tags, position):
                break
        return entry

    def _ask(self, key: tuple[str, str], position: int) -> Entry:
        said: list[Any] = []
        with self._renders:
            environ = _environ(*key) | {SHARED_ANSWERS: self._shared}
            result = self._app(environ, lambda status, headers, *exc_info: said.extend((status, headers)))
            try:
                body = b"".join(result)
            finally:
                getattr(result, "close", lambda: None)()
        status, headers = said[-2:]
        if status[:1] == "5" or _is_for_everyone(status, headers):
            return Entry(status, headers, body, position=position)
        return Entry("", [], b"", position=position)

    def _keep(self, key: tuple[str, str], entry: Entry) -> None:
        with self._lock:
            if known := self._entries.pop(key, None):
                self._let_go(known)
            self._entries[key] = entry
            entry.is_kept = True
            self.used += entry.size
            self._evict()

    def _let_go(self, entry: Entry) -> None:
        entry.is_kept = False
        self.used -= entry.size

    def _evict(self) -> None:
        """Let the oldest go, but for those that somebody came back to: they get another turn."""
        while self.used > self._max_bytes and self._entries:
            key, entry = self._entries.popitem(last=False)
            if entry.was_hit and len(self._entries):
                entry.was_hit = False
                self._entries[key] = entry
            else:
                self._let_go(entry)


def _own_hosts() -> set[str]:
    """Every way to name this site in a request. Django judges any other."""
    port = urlsplit(settings.SITE_URL).port or settings.PORT
    names = {urlsplit(settings.SITE_URL).netloc, *settings.ALLOWED_HOSTS}
    return names | {f"{name}:{number}" for name in settings.ALLOWED_HOSTS for number in (port, settings.PORT)}


def _is_secure(environ: Environ) -> bool:
    """Whether it came the way that this site is to be reached; Django redirects what did not."""
    if not settings.HTTPS:
        return True
    said = environ.get("HTTP_X_FORWARDED_PROTO") if settings.NUM_PROXIES else environ["wsgi.url_scheme"]
    return bool(said == "https")


@lru_cache(maxsize=1000)
def _known(query: str) -> str | None:
    """The parameters that an answer depends on, in one order; None if there are others."""
    if len(query) > MAX_QUERY:
        return None
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith(TRACKING)]
    if not {name for name, _ in pairs} <= KEYED:
        return None
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))


@lru_cache(maxsize=1000)
def _accepted(header: str) -> str:
    """The best encoding that the header of a request takes (RFC 9110, 12.5.3); empty for none."""
    weights = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.strip() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    anything = weights.get("*", False)
    return next((name for name in ("br", "gzip") if weights.get(name, anything)), "")


def _encoded(body: bytes, encoding: str) -> bytes:
    if len(body) < SMALLEST_COMPRESSED:
        return body
    if encoding == "br":
        return bytes(brotli.compress(body, quality=5))
    # Without the time, so that the same body gives the same bytes in every process.
    return gzip.compress(body, compresslevel=6, mtime=0) if encoding == "gzip" else body


def _matches(header: str, etag: str) -> bool:
    """RFC 9110, 13.1.2: a weak comparison, or anything that there is."""
    return header.strip() == "*" or bool(etag and etag in header)


def _environ(path: str, query: str) -> Environ:
    """A request for this and from nobody: what it is answered with can’t depend on who asked."""
    site = urlsplit(settings.SITE_URL)
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or (443 if settings.HTTPS else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _is_for_everyone(status: str, headers: Headers) -> bool:
    named = {name.lower(): value for name, value in headers}
    return (
        status[:3] in KEPT_STATUSES
        and named.get("cache-control") == CACHE_CONTROL
        and "set-cookie" not in named
        and named.get("vary", "Accept-Encoding") == "Accept-Encoding"
    )
