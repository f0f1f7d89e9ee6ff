"""What the audit asks the site before a browser opens: its register, and which pages there are."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import httpx

from consent.audit.register import AuditError, Register, parse

NOT_IN_SITEMAP = ("/book/", "/search/?q=a", "/privacy-choices/")
_LOCATION = re.compile(r"<loc>\s*(.*?)\s*</loc>", re.DOTALL)
_SECONDS = 20


def fetch_register(url: str) -> Register:
    answer = _get(urljoin(url, "/api/v1/consent/"))
    try:
        return parse(answer.json())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AuditError(f"{answer.url} does not answer with a register of cookies.") from error


def fetch_pages(url: str, *, only: str, limit: int) -> list[str]:
    """The paths to walk: those named in `only`, or the site's own, its forms early so that a limit keeps them."""
    if only:
        return [path.strip() for path in only.split(",")]
    listed = list(dict.fromkeys(map(_path, _LOCATION.findall(_get(urljoin(url, "/sitemap.xml")).text))))
    if not listed:
        raise AuditError(f"{url}/sitemap.xml names no page.")
    pages = list(dict.fromkeys([listed[0], *NOT_IN_SITEMAP, *listed[1:]]))
    return pages[:limit] if limit else pages


def _path(location: str) -> str:
    """The site may be reached under another address than its own, so only the path counts."""
    parts = urlsplit(html.unescape(location))
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _get(url: str) -> httpx.Response:
    try:
        return httpx.get(url, follow_redirects=True, timeout=_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        raise AuditError(f"{url} could not be read: {error}") from error
