from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import blocking_manager_key

from frontend import api
from guard import counters, refusals, tickets
from guard.models import FormProtection
from home.querysets import counted
from tests import factories
from tests.page_cache import BehindThePageCache

T = TypeVar("T")
# Limits count by the clock's own minutes and hours: a test must not begin in one and end in the next.
NOON = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages link to hashed names, which exist once the files were collected."""
    if not (Path(django_settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    # Otherwise every test client lists all of them before its first request.
    django_settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Ids start over in each test: what an earlier one left in a cache belongs to other pictures and sites."""
    cache.clear()
    counted.cache_clear()
    Visitor.page_cache = BehindThePageCache()


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a process remembers between two requests: refusals it has not written down yet, and that Redis was away."""
    monkeypatch.setattr(refusals, "_written_at", float("-inf"))
    monkeypatch.setattr(counters, "_away_until", 0.0)
    yield
    refusals._pending.clear()


@pytest.fixture
def site(db: None) -> Any:
    """A site with its settings: what every page needs. Its forms ask for no proof of work, which takes its time."""
    factories.make_settings()
    FormProtection.objects.create(proof=FormProtection.Proof.OFF)
    return factories.make_site()


@pytest.fixture
def noon() -> Iterator[Any]:
    """A clock that stands still until the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


class Visitor(Client):
    """
    A browser without JavaScript, on the site itself: it says where its requests come from, as browsers do.

    All visitors of a test share one page cache.
    """

    page_cache = BehindThePageCache()

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**({"HTTP_HOST": "127.0.0.1:8000", "HTTP_SEC_FETCH_SITE": "same-origin"} | defaults))
        if not defaults.get("enforce_csrf_checks"):
            self.handler = self.page_cache

    def send(self, method: str, path: str, body: Any, **headers: Any) -> Any:
        """A JSON request."""
        return self.generic(method, path, _json(body), content_type="application/json", **headers)


def _json(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def fetch_ticket(path: str) -> dict[str, Any]:
    """A form's ticket, fetched the few seconds ago that a person needs to fill the form in."""
    with time_machine.travel(timezone.now() - timedelta(seconds=tickets.MIN_SECONDS + 1)):
        response = Visitor().get(path)
    assert response.status_code == 200, response.content
    return dict(response.json())


class NetworkHere(httpx.Client):
    """HTTP whose other end is in this process, and so in the test’s own transaction, which no request may end."""

    def request(self, *args: Any, **kwargs: Any) -> httpx.Response:
        # Django's test client does the same.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            return super().request(*args, **kwargs)
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)


@pytest.fixture(params=["local", "remote"])
def transport(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The frontend's way to the API: a call in this process, or HTTP, whose network ends in the same database."""
    with NetworkHere(transport=httpx.WSGITransport(app=WSGIHandler())) as client:
        monkeypatch.setattr(api, "_client", lambda: client)
        settings.API_URL = "http://cms.internal/api/v1" if request.param == "remote" else ""
        yield request.param


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """A block that ends as a commit does: what waits for the commit runs."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def for_threads(site: Any, tmp_path: Path) -> Iterator[None]:
    """
    A database that many threads write to at once: PostgreSQL as it is, SQLite as the file that it is outside of tests.

    For tests marked IN_THREADS, which look at it in a thread too.
    """
    if connection.vendor != "sqlite":
        yield
        return
    place, in_memory = tmp_path / "gait.sqlite3", connection.settings_dict["NAME"]
    place.write_bytes(connection.connection.serialize())
    connection.settings_dict["NAME"] = str(place)
    yield
    connection.settings_dict["NAME"] = in_memory


def in_threads(calls: Iterable[Callable[[], T]], workers: int = 8) -> list[T]:
    """What these calls give, made at once, each on a connection of its own."""

    def alone(call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(alone, calls))


# Threads see what is committed. SQLite's copy is, whatever the test's own transaction; PostgreSQL's rows must be, and
# its tables are emptied afterwards.
EMPTIES = connection.vendor != "sqlite"
IN_THREADS = pytest.mark.django_db(transaction=EMPTIES, serialized_rollback=EMPTIES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """What migrations wrote is there again for the next test, whichever that is: files run in any order."""
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem and marker and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
