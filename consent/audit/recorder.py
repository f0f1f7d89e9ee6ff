"""Writes down what a browser asks for, and which other sites led there."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Frame, Page, Request, Route, WebSocket

from consent.audit.compare import Load, Site, Visit

QUIET = 0.25  # seconds without any request under way
PATIENCE = 10.0  # seconds after which a page that never falls quiet is read as it is
_BLOCKED = re.compile(r"'((?:https?|wss?)://[^']+)'.* violates the following Content Security Policy")


class Recorder:
    """Everything one visitor's browser does, written into the visit of the moment."""

    def __init__(self, context: BrowserContext, site: Site, *, is_offline: bool) -> None:
        self.site = site
        self.visit: Visit | None = None
        self.under_way: dict[Request, Load | None] = {}
        self.last_change = time.monotonic()
        context.on("request", self._started)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._failed)
        context.on("console", self._said)
        context.on("page", lambda page: page.on("websocket", lambda socket: self._connected(page, socket)))
        if is_offline:
            context.route("**/*", self._answer_for_others)

    def wait_until_quiet(self, page: Page) -> None:
        self.last_change = time.monotonic()
        deadline = self.last_change + PATIENCE
        while time.monotonic() < deadline and (self.under_way or time.monotonic() - self.last_change < QUIET):
            page.wait_for_timeout(25)

    def note(self, url: str, through: Iterable[str] = ()) -> Load | None:
        """Write down that this address is asked for; None if it is the site's own, or none."""
        host = urlsplit(url).netloc
        if not self.visit or host in {"", self.site.host}:
            return None
        load = Load(host, frozenset(_other_hosts(through, self.site)))
        self.visit.loads.append(load)
        return load

    def _started(self, request: Request) -> None:
        load = self.note(request.url, [*_earlier(request), *_documents(request)])
        if request.method == "GET":  # what is only sent may outlive its page, and its end is never told
            self.under_way[request] = load
        self.last_change = time.monotonic()

    def _ended(self, request: Request) -> None:
        self.last_change = time.monotonic()
        self.under_way.pop(request, None)

    def _failed(self, request: Request) -> None:
        load = self.under_way.get(request)
        self._ended(request)
        if load and self.visit and request.failure == "csp" and load in self.visit.loads:
            self.visit.loads.remove(load)

    def _said(self, message: ConsoleMessage) -> None:
        """What the policy forbids is said on the console: a blocked frame is not even a request."""
        blocked = _BLOCKED.search(message.text)
        host = urlsplit(blocked[1]).netloc if blocked else ""
        if self.visit and host not in {"", self.site.host}:
            self.visit.blocked.append(host)

    def _connected(self, page: Page, socket: WebSocket) -> None:
        """The browser does not say which frame opened a socket, so every frame may have."""
        self.note(socket.url, [frame.url for frame in page.frames])

    def _answer_for_others(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc in {"", self.site.host}:
            route.continue_()
        else:
            route.fulfill(status=204, body="")


def _earlier(request: Request) -> Iterator[str]:
    """The addresses that redirected to this one."""
    earlier = request.redirected_from
    while earlier:
        yield earlier.url
        earlier = earlier.redirected_from


def _documents(request: Request) -> Iterator[str]:
    """The addresses of the frames around a request; for a frame's own document, of those around that frame."""
    try:
        frame: Frame | None = request.frame
    except Error:
        return  # a service worker's request, or one for a page that is not there yet
    if frame and request.is_navigation_request():
        frame = frame.parent_frame
    while frame:
        yield frame.url
        frame = frame.parent_frame


def _other_hosts(urls: Iterable[str], site: Site) -> Iterator[str]:
    hosts = (urlsplit(url).netloc for url in urls)
    return (host for host in hosts if host not in {"", site.host})
