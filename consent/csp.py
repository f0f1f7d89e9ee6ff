"""
The Content Security Policy: what the browser itself forbids.

One constant for every public page and every visitor, so that any cache may keep it beside the page. Written as a
string in a fixed order: two processes must give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse

ADMIN_PREFIXES = ("/admin/", "/django-admin/")


def policy(*, frame_src: Sequence[str] = ()) -> str:
    """A page of ours, with at most these other hosts in its frames."""
    frames = " ".join(("'self'", *frame_src))
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            f"frame-src {frames}",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


PUBLIC = policy()
# Wagtail's admin still writes inline scripts and styles.
ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
)


class ContentSecurityPolicy:
    """Adds the policy to every answer that has not one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy", ADMIN if request.path.startswith(ADMIN_PREFIXES) else PUBLIC
        )
        return response
