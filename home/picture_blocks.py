"""
Choosers of pictures in a body.

Wagtail reads the pictures of a StreamField with one query for each type of block. `read_pictures` reads those of all
blocks with one, and the choosers take theirs from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from copy import copy
from typing import Any

from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from home.picture_queries import pictures_by_id

_read: ContextVar[Mapping[int, Any] | None] = ContextVar("home.pictures_read", default=None)


class PictureChooserBlock(ImageChooserBlock):
    def bulk_to_python(self, values: Iterable[int | None]) -> list[Any]:
        found = _read.get()
        if found is None:
            return super().bulk_to_python(values)
        # A copy each: the same picture may stand in a body twice, with another text alternative.
        return [copy(found.get(value)) if value is not None else None for value in values]


class DescribedPictureBlock(ImageBlock):
    """A picture with its text alternative on this page, or marked as decorative."""

    def __init__(self, required: bool = True, **kwargs: Any) -> None:
        super().__init__(required=required, **kwargs)
        chooser = PictureChooserBlock(required=required)
        chooser.set_name("image")
        self.child_blocks["image"] = chooser


def read_pictures(stream: Any) -> None:
    """Resolve every block of a body, with one query for all its pictures."""
    ids = set(_picture_ids(list(stream.raw_data)))
    token = _read.set(pictures_by_id(ids))
    try:
        for child in stream:
            _ = child.value
    finally:
        _read.reset(token)


def _picture_ids(raw: Any) -> Iterator[int]:
    """The ids in a body's stored form: what stands under `image` or `poster`."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key in {"image", "poster"} and isinstance(value, int):
                yield value
            else:
                yield from _picture_ids(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from _picture_ids(value)
