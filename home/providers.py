"""Providers of videos and maps that a page may show in a frame, and how their addresses are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class Provider:
    key: str
    name: str
    hosts: tuple[str, ...]
    reference: re.Pattern[str]


YOUTUBE = Provider(
    key="youtube",
    name="YouTube",
    hosts=("www.youtube.com", "youtube.com", "youtu.be", "m.youtube.com"),
    reference=re.compile(r"[\w-]{11}", re.ASCII),
)
VIMEO = Provider(
    key="vimeo",
    name="Vimeo",
    hosts=("vimeo.com", "www.vimeo.com", "player.vimeo.com"),
    reference=re.compile(r"\d{4,12}", re.ASCII),
)
OPENSTREETMAP = Provider(
    key="openstreetmap",
    name="OpenStreetMap",
    hosts=("www.openstreetmap.org",),
    reference=re.compile(r"-?\d{1,2}\.\d{1,6},-?\d{1,3}\.\d{1,6}", re.ASCII),
)
GOOGLE_MAPS = Provider(
    key="googlemaps", name="Google Maps", hosts=("www.google.com",), reference=OPENSTREETMAP.reference
)
PROVIDERS = {provider.key: provider for provider in (YOUTUBE, VIMEO, OPENSTREETMAP, GOOGLE_MAPS)}


def read_video_url(url: str) -> tuple[Provider, str]:
    """`(provider, reference)` of a video's address; ValidationError for any other address."""
    parts = urlsplit(url)
    for provider in (YOUTUBE, VIMEO):
        if parts.scheme == "https" and parts.hostname in provider.hosts:
            candidates = [*parse_qs(parts.query).get("v", []), parts.path.rstrip("/").rsplit("/", 1)[-1]]
            for candidate in candidates:
                if provider.reference.fullmatch(candidate):
                    return provider, candidate
    raise ValidationError("Paste the https address of a video on YouTube or Vimeo.")


def embed_path(provider: Provider, reference: str) -> str:
    """The path of our own frame around that provider's player."""
    return f"/embed/{provider.key}/{reference}/"


def map_url(provider: Provider, latitude: str, longitude: str) -> str:
    """The plain link to a place on that provider's own site."""
    if provider is GOOGLE_MAPS:
        return f"https://www.google.com/maps?q={latitude},{longitude}"
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
