from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from consent.csp import ADMIN_PREFIXES


class Compression(GZipMiddleware):
    """
    gzip without random padding: a public page holds no secret for BREACH to find (Django masks the admin's
    tokens), and everyone must get the same bytes.
    """

    max_random_bytes = 0

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """A picture is compressed already: again it costs time, its length, and saves nothing."""
        if response.get("Content-Type", "").startswith("image/"):
            return response
        return super().process_response(request, response)


class StaffCookies:
    """
    Only the admin reads its cookies. Elsewhere they are dropped before anything can look: a public answer must not
    depend on them, and Django would answer a stale or made-up one with a cookie of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ADMIN_PREFIXES):
            for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                request.COOKIES.pop(name, None)
        return self.get_response(request)
