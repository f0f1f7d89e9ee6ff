"""How a page reads its pictures: those of all its parts with one query, and what was made of them with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import IntegerField

from home.pictures import Picture, PictureRendition
from home.statements import Statement, room_for, several

_PICTURES = Statement(lambda number: Picture._default_manager.filter(id__in=several("ids", IntegerField(), number)))
_RENDITIONS: Statement[Any] = Statement(
    lambda number: PictureRendition._default_manager.filter(image_id__in=several("ids", IntegerField(), number)).values(
        "image_id", "filter_spec", "focal_point_key", "file", "width", "height"
    )
)


class Made:
    """What a page needs of a rendition, and Wagtail to find it: a fraction of what an instance of the model costs."""

    __slots__ = ("_from_cache", "filter_spec", "focal_point_key", "height", "url", "width")

    def __init__(self, row: Any) -> None:
        self.filter_spec, self.focal_point_key = row.filter_spec, row.focal_point_key
        self.width, self.height = row.width, row.height
        self.url = _address(row.file)


@lru_cache(10_000)
def _address(name: str) -> str:
    """Where the site gives a file of this name away: worked out once, for a name is never used again."""
    url: str = PictureRendition._meta.get_field("file").storage.url(name)
    return url


def pictures_by_id(ids: Collection[int]) -> dict[int, Picture]:
    return {picture.pk: picture for picture in _PICTURES.read(room_for(ids), ids=list(ids))} if ids else {}


def read_renditions(pictures: Iterable[Any]) -> None:
    """Tell these pictures what was made of them, so that Wagtail does not look for it one by one."""
    shown = [picture for picture in pictures if picture is not None]
    ids = list({picture.pk for picture in shown})
    made: defaultdict[int, list[Made]] = defaultdict(list)
    for row in _RENDITIONS.read(room_for(ids), ids=ids) if ids else ():
        made[row.image_id].append(Made(row))
    for picture in shown:
        picture.prefetched_renditions = made[picture.pk]
