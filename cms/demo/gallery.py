from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.core.files.base import ContentFile
from django.db import connection

from cms.demo import pictures
from home.models import Picture
from home.renditions import Use, make

Say = Callable[[str], None]


def draw_all(say: Say) -> dict[str, Picture]:
    """Draw and store every picture of the demo; by name."""
    found: dict[str, Picture] = {}
    for number, name in enumerate(pictures.NAMES, start=1):
        say(f"Drawing picture {number} of {len(pictures.NAMES)}: {name}")
        title = name.replace("-", " ").capitalize()
        found[name] = Picture(title=title, file=ContentFile(pictures.draw(name), name=f"{name}.jpg"))
        found[name].save()
    return found


def make_renditions(uses: list[Use], say: Say) -> None:
    """Every size and format the demo’s pages show. Pillow leaves Python’s lock while it encodes, so two at a time."""
    by_picture: dict[int, set[Use]] = {}
    for use in uses:
        if use.picture:
            by_picture.setdefault(use.picture.pk, set()).add(use)

    def make_one(numbered: tuple[int, set[Use]]) -> None:
        number, roles = numbered
        say(f"Preparing the sizes of picture {number} of {len(by_picture)}")
        try:
            # Each thread reads the file through an instance of its own.
            picture = Picture.objects.get(pk=next(iter(roles)).picture.pk)
            make(Use(picture, preset) for _, preset in roles)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(make_one, enumerate(by_picture.values(), start=1)))
