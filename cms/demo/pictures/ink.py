from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from .curves import Path, Point, offset, smooth, spread
from .palette import INK, PAPER, Colour

# Pillow draws without antialiasing; everything is drawn at twice its size and reduced.
OVERSAMPLE = 2


class Sheet:
    """A sheet of paper in final pixels, with its own dice so that a name always gives the same picture."""

    def __init__(self, size: tuple[int, int], ground: Colour, name: str) -> None:
        self.size, self.ground, self.dice = size, ground, Random(name)
        self._image = Image.new("RGB", (size[0] * OVERSAMPLE, size[1] * OVERSAMPLE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def area(self, outline: Path, fill: Colour) -> None:
        self._draw.polygon(_scaled(outline), fill=fill)

    def blob(self, knots: Path, fill: Colour) -> None:
        self.area(smooth(knots, closed=True), fill)

    def line(self, points: Path, width: float, colour: Colour) -> None:
        self._draw.line(_scaled(points), fill=colour, width=round(width * OVERSAMPLE), joint="curve")
        for end in (points[0], points[-1]):
            self.disc(end, width / 2, colour)

    def loop(self, points: Path, width: float, colour: Colour) -> None:
        self.line([*points, points[0]], width, colour)

    def limb(self, knots: Path, widths: Sequence[float], colour: Colour) -> None:
        """A stroke with round ends whose width changes along the way."""
        curve = smooth(knots)
        halves = [width / 2 for width in spread(widths, len(curve))]
        self.area([*offset(curve, halves), *reversed(offset(curve, [-half for half in halves]))], colour)
        self.disc(curve[0], halves[0], colour)
        self.disc(curve[-1], halves[-1], colour)

    def disc(self, centre: Point, radius: float, fill: Colour) -> None:
        self._draw.ellipse(_bounds(centre, radius), fill=fill)

    def ring(self, centre: Point, radius: float, width: float, colour: Colour) -> None:
        self._draw.ellipse(_bounds(centre, radius + width / 2), outline=colour, width=round(width * OVERSAMPLE))

    def floor(self, y: float) -> None:
        self.line([(0, y), (self.size[0], y)], 6, PAPER if sum(self.ground) < 400 else INK)

    @contextmanager
    def clip(self, *outlines: Path) -> Iterator[None]:
        """Whatever is drawn meanwhile shows only inside the outlines."""
        whole, mask = self._image, Image.new("L", self._image.size)
        for outline in outlines:
            ImageDraw.Draw(mask).polygon(_scaled(outline), fill=255)
        self._image = whole.copy()
        self._draw = ImageDraw.Draw(self._image)
        yield
        whole.paste(self._image, mask=mask)
        self._image, self._draw = whole, ImageDraw.Draw(whole)

    def jpeg(self) -> bytes:
        file = BytesIO()
        self._image.resize(self.size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=90, optimize=True)
        return file.getvalue()


def _scaled(points: Path) -> list[Point]:
    return [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]


def _bounds(centre: Point, radius: float) -> list[Point]:
    return _scaled([(centre[0] - radius, centre[1] - radius), (centre[0] + radius, centre[1] + radius)])
