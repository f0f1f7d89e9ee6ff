"""
The sizes and formats that pages use: made ahead, one by one, and only looked up when a page is read.

A preset is a role a picture plays on a page; its specs are Wagtail image filters. When which are made is told in
`home.preparing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from wagtail import hooks
from wagtail.images.image_operations import FillOperation
from wagtail.images.models import Filter

FORMATS = ("avif", "webp", "jpeg")
# As wide as the frontend's layout shows them, on common screens and on those with two dots to a pixel.
PRESETS: dict[str, tuple[str, ...]] = {
    "body": ("width-480", "width-960", "width-1600"),
    "hero": ("fill-240x160", "fill-480x320", "fill-960x640", "fill-1800x1200"),
    "portrait": ("fill-144x144", "fill-240x240"),
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


def first(preset: str) -> Filter:
    """The one file that a page needs to show a picture at all: of middle size, in the format that is made quickest."""
    quick = _filters(preset)["jpeg"]
    return quick[len(quick) // 2]


def preset_of(spec: str) -> str | None:
    """The role that a rendition with this filter spec is for; None for one of Wagtail’s own, such as a thumbnail."""
    return next((preset for preset in (*PRESETS, "social") if any(f.spec == spec for f in wanted(preset))), None)


@cache
def wanted(preset: str, formats: tuple[str, ...] = FORMATS) -> tuple[Filter, ...]:
    """Every file of a role in the order in which they are made: `first`, then the quicker formats before the slower."""
    filters = _filters(preset)
    found = [f for name in reversed(formats) for f in filters.get(name, ())]
    return tuple(sorted(found, key=lambda f: f != first(preset)))


def missing(use: Use, formats: tuple[str, ...] = FORMATS) -> list[Filter]:
    """
    What is still to be made of a picture, in that order.

    Asks the database, or what was prefetched from it: a cache may know of renditions that another process deleted.
    """
    made = {(rendition.filter_spec, rendition.focal_point_key) for rendition in use.picture.renditions.all()}
    return [f for f in wanted(use.preset, formats) if (f.spec, f.get_cache_key(use.picture)) not in made]


def make(uses: Iterable[Use], *, formats: tuple[str, ...] = FORMATS) -> None:
    """Make what is missing. Slow (AVIF), so never call it inside a transaction or while answering a visitor."""
    for use in uses:
        if use.picture is not None:
            for size in missing(use, formats):
                make_one(use.picture, size)


def make_one(picture: Any, size: Filter) -> bool:
    """Make one file; False if another process was faster, or if the picture changed or went while it was being made."""
    made = picture.get_rendition_model()(
        image=picture,
        filter_spec=size.spec,
        focal_point_key=size.get_cache_key(picture),
        file=picture.generate_rendition_file(size),
    )
    try:
        with transaction.atomic():
            is_wanted = _is_still(picture, size)
            if is_wanted:
                made.save()
    except IntegrityError:
        made.file.delete(save=False)
        return False
    return is_wanted


def _is_still(picture: Any, size: Filter) -> bool:
    """Whether the stored picture is still the one that was read: its file, and what is cut out of it."""
    stored = type(picture)._default_manager.select_for_update().filter(pk=picture.pk, file=picture.file.name).first()
    return stored is not None and size.get_cache_key(stored) == size.get_cache_key(picture)


def prefetch(pictures: Iterable[Any]) -> None:
    """Read the renditions of all these pictures with one query."""
    found = [picture for picture in pictures if picture is not None]
    if found:
        prefetch_related_objects(found, "renditions")


def representation(picture: Any, preset: str, *, alt: str | None = None) -> dict[str, Any] | None:
    """
    The picture as the API gives it: ``{alt, width, height, src, sources: [{type, srcset}]}``.

    `width` and `height` are those of `src`, the largest JPEG. A format is offered once all its sizes are there, for a
    browser that likes it looks no further; of JPEG, what is there. Without any there is no picture (None) rather than
    a write on a GET.
    """
    if picture is None:
        return None
    filters = _filters(preset)
    existing = picture.find_existing_renditions(*wanted(preset))
    jpegs = _by_width(existing[f] for f in filters["jpeg"] if f in existing)
    if not jpegs:
        return None
    offered = {
        name: _by_width(existing[f] for f in sizes) for name, sizes in filters.items() if existing.keys() >= {*sizes}
    }
    return {
        "alt": picture.description if alt is None else alt,
        "width": jpegs[-1].width,
        "height": jpegs[-1].height,
        "src": jpegs[-1].url,
        "sources": [_source(name, made) for name, made in (offered | {"jpeg": jpegs}).items()],
    }


def _source(file_format: str, renditions: list[Any]) -> dict[str, str]:
    srcset = ", ".join(f"{made.url} {made.width}w" for made in renditions)
    return {"type": f"image/{file_format}", "srcset": srcset}


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
