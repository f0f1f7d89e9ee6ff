"""
The gate: frames of our own origin around a provider, answered only against a recorded yes.

A page of ours never loads anything from another host. It shows a card; after a yes, the card becomes a frame of ours,
and only that frame's own policy lets its one provider in. A provider's script (analytics) runs in a frame without an
origin: it can read neither the page nor its forms, cookies or storage, and knows the path it was told.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from consent import reports
from consent.catalogue import CATALOGUE
from consent.choices import choice_in
from consent.csp import policy, visit_policy
from consent.models import Service
from consent.register import current_revision
from consent.services import is_allowed_once
from home.providers import GOOGLE_MAPS, OPENSTREETMAP, PROVIDERS, VIMEO, YOUTUBE

MAP_MARGIN = Decimal("0.004")  # degrees around the marker, a few streets
# Where people write about themselves, nobody counts.
NEVER_COUNTED = ("/book/", "/comments/", "/privacy-choices/", "/preview/", "/search/", "/your-data/")
_PATH = re.compile(r"/(?:[\w-]+/)*", re.ASCII)


@require_safe
def embed(request: HttpRequest, provider: str, reference: str) -> HttpResponse:
    """A video or map: the provider's player, in a frame that is cross-origin to us."""
    service = _frame_service(provider, reference)
    is_allowed = _has_granted(request, service) or is_allowed_once(
        request.GET.get("once", ""), embed_path=f"/embed/{provider}/{reference}/"
    )
    template = "consent/embed.html" if is_allowed else "consent/embed_held.html"
    context = {"service": service, "source": frame_source(provider, reference)}
    response = render(request, template, context, status=200 if is_allowed else 403)
    hosts = CATALOGUE[provider].hosts(service.account)["frame-src"]
    response["Content-Security-Policy"] = policy(frame_src=hosts if is_allowed else [])
    # YouTube's player refuses to play without a referrer; the origin alone names no page.
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return _private(response)


@require_safe
def visit(request: HttpRequest, provider: str) -> HttpResponse:
    """One counted visit: the provider's script in a frame without an origin, told the path and nothing else."""
    service = Service.objects.select_related("purpose__group").filter(key=provider).first()
    page_path = request.GET.get("path", "")
    if service is None or CATALOGUE[provider].kind != "script" or not _PATH.fullmatch(page_path):
        raise Http404
    if page_path.startswith(NEVER_COUNTED) or page_path.endswith("/comment/") or not _has_granted(request, service):
        return _private(HttpResponse(status=403, content_type="text/plain"))
    context = {"service": service, "url": settings.SITE_URL + page_path, "script": f"consent/visit/{provider}.js"}
    response = render(request, "consent/visit.html", context)
    response["Content-Security-Policy"] = visit_policy(CATALOGUE[provider].hosts(service.account))
    response["Referrer-Policy"] = "no-referrer"
    return _private(response)


def service_of(embed_path: str) -> Service:
    """The service behind the path of a frame; 404 for a path that is none."""
    parts = embed_path.strip("/").split("/")
    return _frame_service(*parts[1:]) if len(parts) == 3 else _frame_service("", "")


def _frame_service(provider: str, reference: str) -> Service:
    known = PROVIDERS.get(provider)
    service = Service.objects.select_related("purpose__group").filter(key=provider).first()
    if known is None or service is None or not known.reference.fullmatch(reference):
        raise Http404
    return service


def _has_granted(request: HttpRequest, service: Service) -> bool:
    choice = choice_in(request.COOKIES)
    if choice is None:
        return False
    return choice.by_purpose(current_revision().document).get(service.purpose.group.varname, False)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def frame_source(provider: str, reference: str) -> str:
    """The provider's own address of the player."""
    match provider:
        case YOUTUBE.key:
            return f"https://www.youtube-nocookie.com/embed/{reference}"
        case VIMEO.key:
            return f"https://player.vimeo.com/video/{reference}?dnt=1"
        case GOOGLE_MAPS.key:
            return f"https://www.google.com/maps?{urlencode({'q': reference, 'output': 'embed'})}"
        case OPENSTREETMAP.key:
            return f"https://www.openstreetmap.org/export/embed.html?{urlencode(_map_query(reference))}"
        case _:
            raise Http404


def _map_query(reference: str) -> dict[str, Any]:
    latitude, longitude = (Decimal(part) for part in reference.split(","))
    box = (longitude - MAP_MARGIN, latitude - MAP_MARGIN, longitude + MAP_MARGIN, latitude + MAP_MARGIN)
    return {"bbox": ",".join(map(str, box)), "layer": "mapnik", "marker": reference}


urlpatterns = [
    path("embed/<slug:provider>/visit/", visit),
    path("embed/<slug:provider>/<str:reference>/", embed),
    path("csp-report/", reports.receive),
]
