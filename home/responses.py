"""How every public answer of the API goes out: the same for everyone, and named by what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.response import Response

CACHE_CONTROL = "public, max-age=0, must-revalidate"


def public_response(data: Any, *, tags: Iterable[str], status: int = 200, **headers: str) -> Response:
    """An answer that any cache may keep. `tags` name what it was made from, for whoever must drop it later."""
    return Response(
        data,
        status=status,
        headers={"Cache-Control": CACHE_CONTROL, "Cache-Tag": ",".join(dict.fromkeys(tags)), **headers},
    )
