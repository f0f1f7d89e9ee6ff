"""
The Content Security Policy: what the browser itself forbids.

One constant for every public page and every visitor, so that any cache may keep it beside the page. Written as a
string in a fixed order: two processes must give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NONE = "'none'"
REPORT_PATH = "/csp-report/"
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
            f"report-uri {REPORT_PATH}",
        ]
    )


def visit_policy(hosts: Mapping[str, Sequence[str]]) -> str:
    """A frame without an origin (`sandbox`), in which one provider's script may run and reach its own hosts."""
    allowed = {directive: " ".join(hosts.get(directive, ())) for directive in ("script-src", "connect-src", "img-src")}
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {settings.SITE_URL} {allowed['script-src']}".rstrip(),
            f"connect-src {allowed['connect-src'] or NONE}",
            f"img-src {allowed['img-src'] or NONE}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-scripts",
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
