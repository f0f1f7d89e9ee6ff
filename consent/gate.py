"""
The gate: frames of our own origin around a provider's player, answered only against a recorded yes.

A page of ours never loads anything from another host. It shows a card; after a yes, the card becomes a frame of ours,
and only that frame's own policy lets its one provider in.
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from consent.choices import choice_in
from consent.csp import policy
from consent.models import Service
from consent.register import current_revision
from home.providers import OPENSTREETMAP, PROVIDERS, VIMEO, YOUTUBE

MAP_MARGIN = Decimal("0.004")  # degrees around the marker, a few streets


def embed(request: HttpRequest, provider: str, reference: str) -> HttpResponse:
    known = PROVIDERS.get(provider)
    service = Service.objects.select_related("purpose__group").filter(key=provider).first()
    if known is None or service is None or not known.reference.fullmatch(reference):
        raise Http404
    choice = choice_in(request.COOKIES)
    is_allowed = choice is not None and choice.by_purpose(current_revision().document).get(
        service.purpose.group.varname, False
    )
    template = "consent/embed.html" if is_allowed else "consent/embed_held.html"
    context = {"service": service, "source": frame_source(provider, reference)}
    response = render(request, template, context, status=200 if is_allowed else 403)
    response["Content-Security-Policy"] = policy(frame_src=service.hosts if is_allowed else [])
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    # YouTube's player refuses to play without a referrer; the origin alone names no page.
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def frame_source(provider: str, reference: str) -> str:
    """The provider's own address of the player."""
    if provider == YOUTUBE.key:
        return f"https://www.youtube-nocookie.com/embed/{reference}"
    if provider == VIMEO.key:
        return f"https://player.vimeo.com/video/{reference}?dnt=1"
    if provider == OPENSTREETMAP.key:
        latitude, longitude = (Decimal(part) for part in reference.split(","))
        box = (longitude - MAP_MARGIN, latitude - MAP_MARGIN, longitude + MAP_MARGIN, latitude + MAP_MARGIN)
        query = {"bbox": ",".join(map(str, box)), "layer": "mapnik", "marker": reference}
        return f"https://www.openstreetmap.org/export/embed.html?{urlencode(query)}"
    raise Http404


urlpatterns = [path("embed/<slug:provider>/<str:reference>/", embed)]
