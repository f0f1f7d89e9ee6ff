"""A real browser walks the pages as a visitor would."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Locator, sync_playwright

from consent.audit.compare import Site, Stored, Visit
from consent.audit.recorder import PATIENCE, Recorder
from consent.audit.register import AuditError, Register
from consent.audit.states import Choice, State, Viewport

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCRIPTS = Path(__file__).parent / "scripts"
STORED_IN_PAGE = (SCRIPTS / "stored.js").read_text()
SCROLL_DOWN = (SCRIPTS / "scroll.js").read_text()
GPC = (SCRIPTS / "gpc.js").read_text()
SETTINGS = "/privacy-choices/"
CHOICE = "/api/v1/consent/choice/"
TIMEOUT = 30_000  # milliseconds for one step of the browser
_PROVIDER = re.compile(r"/embed/([\w-]+)/")


@contextmanager
def opened(path: str, site: Site, *, is_offline: bool) -> Iterator[Browser]:
    executable = path or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise AuditError(f"No browser here: none of {', '.join(BROWSERS)}. Install one, or name it with --browser.")
    own = urlsplit(site.url).hostname
    # Whatever slipped past the interception would still find no address to go to.
    arguments = [f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {own}"] if is_offline else []
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=executable, args=arguments) as browser,
        ):
            yield browser
    except Error as error:
        raise AuditError(f"{executable} does not do its work: {_first_line(error)}") from error


class Walk:
    """One visitor: a state on a device, in a browser that knows nothing yet."""

    def __init__(
        self, browser: Browser, site: Site, register: Register, state: State, viewport: Viewport, *, is_offline: bool
    ) -> None:
        self.site, self.register, self.state, self.viewport = site, register, state, viewport
        self.granted: frozenset[str] = frozenset()
        self.visits: list[Visit] = []
        self.older: set[tuple[str, str, str]] = set()
        self.known: set[tuple[str, str, str]] = set()
        self.context = _context(browser, state, viewport)
        self.recorder = Recorder(self.context, site, is_offline=is_offline)
        self.page = self.context.new_page()

    def go(self, pages: Sequence[str]) -> list[Visit]:
        """Make the choices of the state, then see every page."""
        try:
            self._choose(pages)
            for path in pages:
                self._see(path)
        finally:
            self.context.close()
        return self.visits

    def _choose(self, pages: Sequence[str]) -> None:
        for place, choice in enumerate(self.state.choices):
            if place:
                self._use(pages)
            path = SETTINGS if choice.on_settings_page else pages[0]
            with self._visiting(f"{path} (before the choice)"):
                self._open(path)
                self._settle()
            self._make(choice, path)

    def _use(self, pages: Sequence[str]) -> None:
        """See pages until something of a provider was loaded: what is taken back later must have been used."""
        for path in pages:
            self._see(path, note=" (before it was taken back)")
            if self.visits[-1].loads:
                return

    def _see(self, path: str, note: str = "") -> None:
        """See one page to its end and play what may be played."""
        with self._visiting(path + note):
            self._open(path)
            self._scroll()
            self._play()

    @contextmanager
    def _visiting(self, page: str) -> Iterator[None]:
        visit = self.recorder.visit = Visit(self.state.name, self.viewport.name, page, self.granted)
        self.visits.append(visit)
        started = time.monotonic()
        try:
            yield
        except Error as error:
            visit.problem = f"It could not be seen to its end: {_first_line(error)}"
        self._collect(visit)
        visit.seconds = time.monotonic() - started

    def _open(self, path: str) -> None:
        response = self.page.goto(urljoin(self.site.url, path), wait_until="load")
        if response and response.status >= 400:
            self.visits[-1].problem = f"It answers {response.status}."

    def _settle(self) -> None:
        self.recorder.wait_until_quiet(self.page)

    def _scroll(self) -> None:
        if self.state.java_script:
            self.page.evaluate(SCROLL_DOWN)
        else:
            self.page.keyboard.press("End")
        self._settle()

    def _play(self) -> None:
        """Press the button of every card whose purpose is allowed."""
        cards = [card for card in self.page.locator("[data-embed]").all() if self._may_play(card)]
        frames = [card.get_attribute("data-embed") or "" for card in cards]
        for card, frame in zip(cards, frames, strict=True):
            if self.state.java_script:
                card.locator("form button:not([value=once])").first.click()
            else:
                self.page.goto(urljoin(self.site.url, frame), wait_until="load")
            self._settle()

    def _may_play(self, card: Locator) -> bool:
        provider = _PROVIDER.match(card.get_attribute("data-embed") or "")
        return provider is not None and self.register.services.get(provider[1]) in self.granted

    def _make(self, choice: Choice, path: str) -> None:
        """Decide as a visitor does, and go on only when the site says that it is so."""
        before = self._decision()
        self.granted = choice.granted
        self.older, self.known = self.known, set()
        with self._visiting(f"{path} (at the choice)"):
            self._press(choice)
            self._wait_for(choice, before["receipt"])
            self._settle()

    def _press(self, choice: Choice) -> None:
        try:
            if choice.action == "save":
                for key in choice.granted:
                    self.page.locator(f"[name=purpose_{key}]").check()
            self.page.locator(f"button[name=action][value={choice.action}]").first.click()
        except Error as error:
            raise AuditError(f"“{choice.action}” can't be pressed on {self.page.url}: {_first_line(error)}") from error

    def _wait_for(self, choice: Choice, receipt_before: Any) -> None:
        wanted = {key: key in choice.granted for key in self.register.optional}
        deadline = time.monotonic() + PATIENCE
        while (now := self._decision())["choices"] != wanted or now["receipt"] in (None, receipt_before):
            if time.monotonic() > deadline:
                raise AuditError(
                    f"The site did not take the choice of the state “{self.state.name}”; it says {now['choices']}. "
                    "It takes thirty choices an hour from one address."
                )
            self.page.wait_for_timeout(100)

    def _decision(self) -> dict[str, Any]:
        answer = self.context.request.get(urljoin(self.site.url, CHOICE))
        if not answer.ok:
            raise AuditError(f"{CHOICE} answers {answer.status}.")
        decision: dict[str, Any] = answer.json()
        return decision

    def _collect(self, visit: Visit) -> None:
        """Write down what is stored now and was not seen since the latest choice."""
        for stored in [*self._cookies(), *self._kept_by_frames()]:
            key = (stored.kind, stored.name, stored.host)
            if key not in self.known:
                self.known.add(key)
                visit.stored.append(stored)

    def _cookies(self) -> Iterator[Stored]:
        for cookie in self.context.cookies():
            expires = cookie.get("expires", -1)
            left = expires - time.time() if expires > 0 else None
            yield self._stored("cookie", cookie.get("name", ""), cookie.get("domain", ""), left)

    def _kept_by_frames(self) -> Iterator[Stored]:
        for frame in self.page.frames:
            found = self._kept_by(frame)
            host = urlsplit(found.pop("origin", "")).netloc
            for url in found.pop("hints", []):
                self.recorder.note(url, [frame.url])
            yield from (self._stored(kind, name, host) for kind, names in found.items() for name in names if host)

    def _stored(self, kind: str, name: str, host: str, seconds: float | None = None) -> Stored:
        return Stored(kind, name, host, seconds, was_there=(kind, name, host) in self.older)

    def _kept_by(self, frame: Frame) -> dict[str, Any]:
        """Empty for a frame without an origin: the browser lets it keep nothing."""
        try:
            found: dict[str, Any] = frame.evaluate(STORED_IN_PAGE, self.state.java_script)
        except Error:
            return {}
        return found


def _context(browser: Browser, state: State, viewport: Viewport) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": viewport.width, "height": viewport.height},
        is_mobile=viewport.is_phone,
        has_touch=viewport.is_phone,
        java_script_enabled=state.java_script,
        extra_http_headers={"Sec-GPC": "1"} if state.gpc else {},
        locale="en-GB",
    )
    context.set_default_timeout(TIMEOUT)
    if state.gpc:
        context.add_init_script(GPC)
    return context


def _first_line(error: Error) -> str:
    return error.message.splitlines()[0]
