from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's settings load this module while its views are still being imported.
    from rest_framework.views import APIView


class Denied(BasePermission):
    """The default of the whole API: a view is public only if it says so."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class Public(BasePermission):
    """Readable by anyone; written to only from our own pages or by a program that is no browser."""

    message = _("This can only be sent from this site’s own pages.")
    code = "cross_site"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in {"GET", "HEAD", "OPTIONS"} or is_same_origin(request)


def is_same_origin(request: Request) -> bool:
    """
    Whether no other site made a browser send this request.

    Fetch metadata decides where the browser sends it (https://www.w3.org/TR/fetch-metadata/), else `Origin`. A request
    with neither comes from no browser that could be tricked: there is no ambient authority to abuse, since public
    routes read no session.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {_origin(settings.SITE_URL), f"{request.scheme}://{request.get_host()}"}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
