"""What the browser blocked on our pages: counted by day, so that an editor sees what somebody tried to load."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from consent.models import BlockedLoad

MAX_BYTES = 16 * 1024
MAX_ROWS_A_DAY = 200
MAX_COUNT = 10_000
# Extensions and the browser itself load things into pages too; that is the visitor's own business.
SCHEMES = {"http", "https", "ws", "wss"}


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """A report (https://www.w3.org/TR/CSP3/#reporting): counted if it is one, refused if not."""
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return HttpResponse(status=413, content_type="text/plain")
    try:
        report = json.loads(body)["csp-report"]
        directive, blocked, page = (str(report[key]) for key in ("effective-directive", "blocked-uri", "document-uri"))
        page_path = urlsplit(page).path
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponse(status=400, content_type="text/plain")
    _count(directive, blocked, page_path)
    return HttpResponse(status=204)


def _count(directive: str, blocked: str, page_path: str) -> None:
    host = _blocked_host(blocked)
    if host is None:
        return
    today = timezone.localdate()
    place: dict[str, Any] = {
        "day": today,
        "directive": _plain(directive)[:40],
        "host": _plain(host)[:120],
        "path": _plain(page_path)[:200],
    }
    known = BlockedLoad.objects.filter(**place)
    if known.filter(count__lt=MAX_COUNT).update(count=F("count") + 1) or known.exists():
        return
    if BlockedLoad.objects.filter(day=today).count() < MAX_ROWS_A_DAY:
        BlockedLoad.objects.get_or_create(**place, defaults={"count": 1})


def _blocked_host(blocked: str) -> str | None:
    """The host that was to be reached, or the browser's own word such as `inline`; None for what is not ours."""
    if blocked in {"inline", "eval", "data", "blob"}:
        return blocked
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in SCHEMES else None


def _plain(value: str) -> str:
    return "".join(char for char in value if char.isprintable())
