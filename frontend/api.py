"""
The frontend's only door to content: the public API, in this process or over HTTP.

Both transports give the same answers, so a page looks the same whether its API runs here or on another machine.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import httpx
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from django.utils.http import parse_http_date

API_ROOT = "/api/v1/"
PUBLIC = "public, max-age=0, must-revalidate"
TIMEOUT = httpx.Timeout(5.0)
# What every page needs, whatever it shows.
SHARED = {"site/", "consent/"}
SHARED_ANSWERS = "gait.shared_answers"  # in the environ of a request that nobody in particular makes
CONSENT_COOKIES = ("__Host-consent", "consent")
# What the API must know of the visitor: where from, sent by which page, and which signal the browser gives.
PASSED_ON = ("Origin", "Sec-Fetch-Site", "Sec-GPC", "Idempotency-Key")


class ApiUnavailable(Exception):
    """The API did not answer, or not in the way it promises."""


@dataclass(frozen=True)
class Answer:
    status: int
    data: Any
    tags: tuple[str, ...] = ()
    expires: str = ""
    set_cookies: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class SharedAnswers(Protocol):
    """Answers that are kept from one page to the next."""

    def get(self, path: str, ask: Callable[[], Answer]) -> Answer: ...


@dataclass
class Api(ABC):
    """
    The API on behalf of one visitor.

    `tags` collects what all its answers were made from, `expires` when they will be out of date by themselves.
    """

    visitor: HttpRequest
    tags: list[str] = field(default_factory=list)
    expires: list[str] = field(default_factory=list)

    def get(self, path: str, /, **params: Any) -> Answer:
        shared: SharedAnswers | None = self.visitor.META.get(SHARED_ANSWERS)
        ask = partial(self._ask, "GET", path, params=params)
        return self._noted(shared.get(path, ask) if shared and path in SHARED else ask())

    def post(self, path: str, body: dict[str, Any], /) -> Answer:
        return self._noted(self._ask("POST", path, body=body))

    def put(self, path: str, body: dict[str, Any], /) -> Answer:
        return self._noted(self._ask("PUT", path, body=body))

    def delete(self, path: str, /) -> Answer:
        return self._noted(self._ask("DELETE", path))

    def _ask(self, method: str, path: str, *, params: dict[str, Any] | None = None, body: Any = None) -> Answer:
        answer = self._send(method, path, urlencode(params or {}), None if body is None else json.dumps(body).encode())
        if answer.status >= 500:
            raise ApiUnavailable(f"{method} {path}: {answer.status}")
        return answer

    def _noted(self, answer: Answer) -> Answer:
        self.tags.extend(answer.tags)
        self.expires.extend(filter(None, [answer.expires]))
        return answer

    def label(self, response: HttpResponse) -> HttpResponse:
        """A public response made from these answers: any cache may keep it, until one of them is out of date."""
        response["Cache-Control"], response["Cache-Tag"] = PUBLIC, ",".join(dict.fromkeys(self.tags))
        if self.expires:
            response["Expires"] = min(self.expires, key=parse_http_date)
        return response

    @abstractmethod
    def _send(self, method: str, path: str, query: str, body: bytes | None) -> Answer: ...

    def _headers(self) -> dict[str, str]:
        headers = {name: self.visitor.headers[name] for name in PASSED_ON if name in self.visitor.headers}
        cookies = [f"{name}={self.visitor.COOKIES[name]}" for name in CONSENT_COOKIES if name in self.visitor.COOKIES]
        return headers | ({"Cookie": "; ".join(cookies)} if cookies else {})


class LocalApi(Api):
    """Calls the API's view in this process and takes its data: no socket, no JSON."""

    def _send(self, method: str, path: str, query: str, body: bytes | None) -> Answer:
        url = API_ROOT + path
        match = _route(url)
        response = match.func(self._request(method, url, query, body), *match.args, **match.kwargs)
        return Answer(
            status=response.status_code,
            data=response.data,
            tags=_tags(response.headers.get("Cache-Tag", "")),
            expires=response.headers.get("Expires", ""),
            set_cookies=tuple(morsel.OutputString() for morsel in response.cookies.values()),
        )

    def _request(self, method: str, url: str, query: str, body: bytes | None) -> WSGIRequest:
        meta = self.visitor.META
        passed = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")
        environ = {name: meta[name] for name in passed if name in meta}
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self._headers().items()}
        environ |= {
            "REQUEST_METHOD": method,
            "PATH_INFO": url,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json" if body is not None else "",
            "CONTENT_LENGTH": str(len(body or b"")),
            "wsgi.input": BytesIO(body or b""),
        }
        return WSGIRequest(environ)


@lru_cache(1000)
def _route(url: str) -> ResolverMatch:
    return resolve(url)


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT)


class RemoteApi(Api):
    """Asks the API at API_URL over HTTP, as any other frontend would."""

    def _send(self, method: str, path: str, query: str, body: bytes | None) -> Answer:
        url = f"{settings.API_URL.rstrip('/')}/{path}" + (f"?{query}" if query else "")
        try:
            response = self.client().request(method, url, content=body, headers=self._remote_headers(body))
            data = response.json() if response.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise ApiUnavailable(f"{method} {path}") from error
        return Answer(
            status=response.status_code,
            data=data,
            tags=_tags(response.headers.get("Cache-Tag", "")),
            expires=response.headers.get("Expires", ""),
            set_cookies=tuple(response.headers.get_list("Set-Cookie")),
        )

    def client(self) -> httpx.Client:
        return _client()

    def _remote_headers(self, body: bytes | None) -> dict[str, str]:
        site = urlsplit(settings.SITE_URL)
        hops = [self.visitor.META.get("HTTP_X_FORWARDED_FOR", ""), self.visitor.META.get("REMOTE_ADDR", "")]
        headers = self._headers() | {
            "Host": site.netloc,
            "X-Forwarded-For": ", ".join(hop for hop in hops if hop),
            "X-Forwarded-Proto": site.scheme,
        }
        return headers | ({"Content-Type": "application/json"} if body is not None else {})


def api_for(request: HttpRequest) -> Api:
    return RemoteApi(request) if settings.API_URL else LocalApi(request)


def parse_cookies(answer: Answer) -> SimpleCookie:
    """What an answer asks the browser to keep."""
    cookies = SimpleCookie()
    for value in answer.set_cookies:
        cookies.load(value)
    return cookies


def _tags(header: str) -> tuple[str, ...]:
    return tuple(tag for tag in header.split(",") if tag)
