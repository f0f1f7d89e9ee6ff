"""The demo clinic's pictures, drawn by this package: `draw(name)` gives a JPEG, the same one each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from . import anatomy, people, running, things
from .ink import Sheet
from .palette import DEEP, GREEN, LIGHT, PAPER, Colour

HERO = 2400, 1600
PORTRAIT = 1200, 1200


class Scene(NamedTuple):
    compose: Callable[[Sheet], None]
    ground: Colour
    size: tuple[int, int] = HERO


SCENES = {
    "home": Scene(running.home, GREEN),
    "glutes-and-running": Scene(anatomy.glutes, PAPER),
    "achilles-patience": Scene(anatomy.achilles, GREEN),
    "ten-per-cent-rule": Scene(running.ten_per_cent, PAPER),
    "sleep-is-training": Scene(things.sleep, DEEP),
    "running-shoes": Scene(things.shoes, PAPER),
    "calf-strain-return": Scene(running.calf_return, PAPER),
    "plantar-heel-pain": Scene(anatomy.heel, GREEN),
    "kneecap-pain-on-stairs": Scene(anatomy.stairs, PAPER),
    "twenty-minute-strength": Scene(things.kettlebell, GREEN),
    "film-yourself-running": Scene(running.phone, PAPER),
    "blisters-and-toenails": Scene(anatomy.toes, GREEN),
    "back-pain-at-the-desk": Scene(anatomy.desk, PAPER),
    "running-after-birth": Scene(running.pram, PAPER),
    "niggle-or-injury": Scene(things.niggle, DEEP),
    "video-poster": Scene(running.video_poster, DEEP),
    "map": Scene(things.street_plan, PAPER),
    "maren-holt": Scene(people.maren, GREEN, PORTRAIT),
    "idris-vaughan": Scene(people.idris, PAPER, PORTRAIT),
    "tove-lindqvist": Scene(people.tove, LIGHT, PORTRAIT),
}

NAMES: tuple[str, ...] = tuple(SCENES)


def draw(name: str) -> bytes:
    """A JPEG without metadata, 2400 by 1600 or, for a portrait, 1200 by 1200."""
    scene = SCENES[name]
    sheet = Sheet(scene.size, scene.ground, name)
    scene.compose(sheet)
    return sheet.jpeg()
