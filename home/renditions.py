"""
The sizes and formats that pages use, made when a page is published and only looked up when it is read.

A preset is a role a picture plays on a page; its specs are Wagtail image filters.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import prefetch_related_objects
from wagtail import hooks
from wagtail.images.image_operations import FillOperation
from wagtail.images.models import Filter

FORMATS = ("avif", "webp", "jpeg")
PRESETS: dict[str, tuple[str, ...]] = {
    "body": ("width-480", "width-960", "width-1600"),
    "hero": ("fill-480x320", "fill-960x640", "fill-1600x1067"),
    "portrait": ("fill-120x120", "fill-240x240"),
    "logo": ("max-240x80", "max-480x160"),
}
# Other sites show a shared link with a picture of one size.
SOCIAL_SPEC = "cover-1200x630|format-jpeg|jpegquality-80"


class CoverOperation(FillOperation):
    """Wagtail’s `fill`, but a picture that is smaller than asked for is enlarged."""

    def run(self, transform: Any, image: Any) -> Any:
        return super().run(transform, image).resize((self.width, self.height))


@hooks.register("register_image_operations")
def image_operations() -> list[tuple[str, type[CoverOperation]]]:
    return [("cover", CoverOperation)]


class Use(NamedTuple):
    """A picture in a role: what a page needs renditions of."""

    picture: Any
    preset: str


@cache
def _filters(preset: str) -> dict[str, tuple[Filter, ...]]:
    if preset == "social":
        return {"jpeg": (Filter(spec=SOCIAL_SPEC),)}
    return {
        file_format: tuple(Filter(spec=f"{size}|format-{file_format}") for size in PRESETS[preset])
        for file_format in FORMATS
    }


def make(uses: Iterable[Use], *, formats: tuple[str, ...] = FORMATS) -> None:
    """Make what is missing. Slow (AVIF), so never call it inside a transaction or while answering a visitor."""
    for use in uses:
        if use.picture is not None:
            wanted = _filters(use.preset)
            use.picture.get_renditions(*(f for name in formats for f in wanted.get(name, ())))


def prefetch(pictures: Iterable[Any]) -> None:
    """Read the renditions of all these pictures with one query."""
    found = [picture for picture in pictures if picture is not None]
    if found:
        prefetch_related_objects(found, "renditions")


def representation(picture: Any, preset: str, *, alt: str | None = None) -> dict[str, Any] | None:
    """
    The picture as the API gives it: ``{alt, width, height, src, sources: [{type, srcset}]}``.

    `width` and `height` are those of `src`, the largest JPEG. What was not made yet is left out; with nothing made
    there is no picture (None) rather than a write on a GET.
    """
    if picture is None:
        return None
    wanted = _filters(preset)
    existing = picture.find_existing_renditions(*(f for filters in wanted.values() for f in filters))
    by_format = {name: _by_width(existing[f] for f in filters if f in existing) for name, filters in wanted.items()}
    if not by_format["jpeg"]:
        return None
    largest = by_format["jpeg"][-1]
    return {
        "alt": picture.description if alt is None else alt,
        "width": largest.width,
        "height": largest.height,
        "src": largest.url,
        "sources": [
            {"type": f"image/{name}", "srcset": ", ".join(f"{made.url} {made.width}w" for made in renditions)}
            for name, renditions in by_format.items()
            if renditions
        ],
    }


def social_image(picture: Any, *, alt: str) -> dict[str, Any] | None:
    """
    The picture that other sites show with a shared link: ``{url, width, height, alt}`` with an absolute URL.

    Without `alt`, the picture’s own description.
    """
    if picture is None:
        return None
    (spec,) = _filters("social")["jpeg"]
    made = picture.find_existing_renditions(spec).get(spec)
    if made is None:
        return None
    alt = alt or picture.description
    return {"url": settings.SITE_URL + made.url, "width": made.width, "height": made.height, "alt": alt}


def _by_width(renditions: Iterable[Any]) -> list[Any]:
    """Smallest first, each width once: a small original gives the same file for every larger spec."""
    return list({made.width: made for made in sorted(renditions, key=lambda made: made.width)}.values())
