from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.server import ROOT, Server, running

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing leaves this machine; what a page asks for elsewhere is still seen as a request.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE = 15_000  # milliseconds, for a machine with much to do
OpenPage = Callable[..., Page]
_networks = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """
    Marked before pytest selects by marks, and last after it has shuffled: an open browser leaves an event loop behind
    that Django's database will not run beside.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
    yield
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected files, or fresh ones if something was edited since."""
    root = Path(settings.STATIC_ROOT)
    collected = (root / "staticfiles.json").stat().st_mtime
    if all(file.stat().st_mtime <= collected for file in ROOT.glob("*/static/**/*") if file.is_file()):
        return root
    fresh = tmp_path_factory.mktemp("collected")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATA_DIR": str(fresh)}, check=True)
    return fresh / "static"


@pytest.fixture(scope="session")
def server(chromium: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site with its demo content, as `make run` starts it."""
    server = Server(tmp_path_factory.mktemp("site") / "data", static_root)
    server.start()
    yield server
    family = set(server.family())
    assert server.stop() == 0
    assert not running(family)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture(scope="session")
def keeping_browser(browser: Browser, chromium: str) -> Iterator[Browser]:
    """One that keeps the pages it left, as people’s browsers do."""
    keeping = browser.browser_type.launch(
        executable_path=chromium, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield keeping
    keeping.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Opens the browser of somebody new, from a network of their own; `options` are those of Playwright's context."""
    contexts = []

    def open_page(*, headers: dict[str, str] | None = None, **options: Any) -> Page:
        address = {"X-Forwarded-For": "10.{}.{}.1".format(*divmod(next(_networks), 256))}
        context = browser.new_context(
            base_url=server.url, extra_http_headers=address | (headers or {}), locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


class Watch:
    """What a browser asks for from now on, and what it complains about."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.problems: list[str] = []
        page.context.on("request", lambda request: self.requests.append(request))
        page.context.on("console", self._note)
        page.context.on("weberror", lambda error: self.problems.append(str(error.error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(request.url).netloc for request in self.requests}
