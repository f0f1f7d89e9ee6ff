"""Django’s test client behind the page cache, as every visitor is: what should have been dropped fails its test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test.client import ClientHandler

from cms import journal
from cms.page_cache import PageCache

MAX_BYTES = 32 * 1024 * 1024
ANSWER = "tests.answer"


class BehindThePageCache(ClientHandler):
    """Reads the journal before every request: what another process would have seen within a tenth of a second."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=False)
        self.journal = journal.Journal(journal.read_database, journal.last_in_database)
        self.forget()

    def forget(self, max_bytes: int = MAX_BYTES) -> None:
        """As after a restart."""
        self.rendered: list[str] = []
        self.page_cache = PageCache(self._app, self.journal, max_bytes=max_bytes)

    def __call__(self, environ: dict[str, Any]) -> Any:
        self.journal.poll()
        said: list[Any] = []
        body = self.page_cache(environ, lambda status, headers: said.extend((status, headers)))
        if ANSWER in environ:
            return environ[ANSWER]
        return _as_response(environ, *said, b"".join(body))

    def _app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.rendered.append(environ["PATH_INFO"])
        response = super().__call__(environ)
        environ[ANSWER] = response
        cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies])
        # Not the response, which is closed already: whoever closed it again would end the test's own connection.
        return response if response.streaming else [response.content]


def _as_response(environ: dict[str, Any], status: str, headers: list[tuple[str, str]], body: bytes) -> HttpResponse:
    response = HttpResponse(body, status=int(status[:3]))
    del response["Content-Type"]
    for name, value in headers:
        response[name] = value
    response.wsgi_request = WSGIRequest(environ)
    return response
