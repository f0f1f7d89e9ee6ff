"""What a refused purpose left in the visitor's browser goes with the refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response


def clean(request: Request, response: Response, granted: Mapping[str, bool], document: Mapping[str, Any]) -> None:
    """
    Delete our own cookies of the refused purposes, and our storage if one of them kept something there.

    A provider's own cookies are out of our reach: a browser lets nobody but the provider delete them.
    """
    items = list(_refused_items(granted, document))
    patterns = [item["name"] for item in items if item["kind"] == "cookie"]
    for name in request.COOKIES:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            response.delete_cookie(name, samesite="Lax")
    if any(item["kind"] != "cookie" for item in items):
        response["Clear-Site-Data"] = '"storage"'  # https://www.w3.org/TR/clear-site-data/


def _refused_items(granted: Mapping[str, bool], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for purpose in document["purposes"]:
        if not purpose["required"] and not granted.get(purpose["key"]):
            yield from (item for item in purpose["items"] if item["party"] == "first")
