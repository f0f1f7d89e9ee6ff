"""How every public answer of the API goes out: the same for everyone, and named by what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.http import http_date
from rest_framework.response import Response

CACHE_CONTROL = "public, max-age=0, must-revalidate"


def public_response(
    data: Any, *, tags: Iterable[str], until: datetime | None = None, status: int = 200, **headers: str
) -> Response:
    """
    An answer that any cache may keep.

    `tags` name what it was made from, for whoever must drop it later; `until` is when it will be out of date without
    anything being changed, a page that expires for example.
    """
    headers |= {"Cache-Control": CACHE_CONTROL, "Cache-Tag": ",".join(dict.fromkeys(tags))}
    if until is not None:
        headers["Expires"] = http_date(until.timestamp())
    return Response(data, status=status, headers=headers)


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """The first of these times, of which some may not be known."""
    return min((time for time in times if time is not None), default=None)
