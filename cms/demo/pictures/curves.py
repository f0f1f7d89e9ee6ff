from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, radians, sin

Point = tuple[float, float]
Path = Sequence[Point]


def plot(places: str) -> list[Point]:
    """Points written as in an SVG path: "600,250 700,275"."""
    return [(float(x), float(y)) for x, y in (place.split(",") for place in places.split())]


def shifted(points: Path, origin: Point, size: float = 1) -> list[Point]:
    return [(origin[0] + x * size, origin[1] + y * size) for x, y in points]


def at(origin: Point, angle: float, length: float) -> Point:
    """The point `length` away; 0 degrees is straight down and 90 is to the right."""
    return origin[0] + length * sin(radians(angle)), origin[1] + length * cos(radians(angle))


def lerp(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def smooth(knots: Path, closed: bool = False, steps: int = 14) -> list[Point]:
    """A Catmull-Rom curve through every knot."""
    ends = ([knots[-1]], knots[:2]) if closed else ([knots[0]], [knots[-1]])
    line = [*ends[0], *knots, *ends[1]]
    curve = [_between(line[i : i + 4], step / steps) for i in range(len(line) - 3) for step in range(steps)]
    return curve if closed else [*curve, knots[-1]]


def _between(four: Path, t: float) -> Point:
    a, b, c, d = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (t**3 - t**2) / 2,
    )
    p, q, r, s = four
    return a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]


def oval(centre: Point, across: float, down: float, tilt: float = 0) -> list[Point]:
    turn = radians(tilt)
    circle = [(across * cos(i * pi / 48), down * sin(i * pi / 48)) for i in range(96)]
    return [(centre[0] + x * cos(turn) - y * sin(turn), centre[1] + x * sin(turn) + y * cos(turn)) for x, y in circle]


def box(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    corners = [(right - radius, bottom - radius), (left + radius, bottom - radius)]
    corners += [(left + radius, top + radius), (right - radius, top + radius)]
    return [at(corner, -90 * i + 90 - turn, radius) for i, corner in enumerate(corners) for turn in range(0, 91, 6)]


def offset(curve: Path, distances: Sequence[float]) -> list[Point]:
    """The curve moved sideways, point by point."""
    befores, afters = [curve[0], *curve[:-1]], [*curve[1:], curve[-1]]
    moved = []
    for before, here, after, distance in zip(befores, curve, afters, distances, strict=True):
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = hypot(dx, dy) or 1
        moved.append((here[0] + dy / length * distance, here[1] - dx / length * distance))
    return moved


def spread(values: Sequence[float], count: int) -> list[float]:
    """The values stretched smoothly over `count` places."""
    return [value for _, value in evenly(smooth([(i, value) for i, value in enumerate(values)]), count)]


def evenly(curve: Path, count: int) -> list[Point]:
    """So many places along the curve, from its first point to its last."""
    marks = [i * (len(curve) - 1) / max(count - 1, 1) for i in range(count)]
    return [lerp(curve[int(mark)], curve[min(int(mark) + 1, len(curve) - 1)], mark % 1) for mark in marks]


def strands(spine: Path, widths: Sequence[float], count: int, wave: Sequence[float] = (0,)) -> list[list[Point]]:
    """Fibres side by side in a belly `widths` wide; `wave` is how far they wander along the way."""
    curve = smooth(spine, steps=28)
    halves = [width / 2 for width in spread(widths, len(curve))]
    waves = spread([*wave, wave[-1]], len(curve))

    def fibre(number: int) -> list[Point]:
        share = 2 * number / (count - 1) - 1
        crimp = [depth * sin(k * 0.275 + number * 0.3) for k, depth in enumerate(waves)]
        return offset(curve, [half * share + bend for half, bend in zip(halves, crimp, strict=True)])

    return [fibre(number) for number in range(count)]
