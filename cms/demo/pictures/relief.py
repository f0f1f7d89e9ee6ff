from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import exp
from random import Random

from .curves import Path, Point, smooth
from .ink import Sheet
from .palette import Colour

Height = Callable[[float, float], float]
Edge = tuple[str, int, int]

STEP = 30


def hills(dice: Random, size: tuple[int, int], count: int = 9) -> Height:
    """A landscape of round hills and hollows."""
    tops = [
        (
            dice.uniform(-0.1, 1.1) * size[0],
            dice.uniform(-0.1, 1.1) * size[1],
            dice.uniform(220, 520),
            dice.choice((1, 1, -1)),
        )
        for _ in range(count)
    ]
    return lambda x, y: sum(way * exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r)) for cx, cy, r, way in tops)


def contours(height: Height, size: tuple[int, int], levels: Sequence[float]) -> Iterator[Path]:
    """Lines of equal height, by marching squares."""
    columns, rows = size[0] // STEP + 2, size[1] // STEP + 2
    grid = [[height(i * STEP, j * STEP) for i in range(columns)] for j in range(rows)]
    for level in levels:
        yield from _lines(_crossings(grid, level), grid, level)


def _crossings(grid: list[list[float]], level: float) -> dict[Edge, list[Edge]]:
    links: dict[Edge, list[Edge]] = defaultdict(list)
    above = [[value > level for value in row] for row in grid]
    for j in range(len(grid) - 1):
        top, below = above[j], above[j + 1]
        for i in range(len(top) - 1):
            if not top[i] == top[i + 1] == below[i] == below[i + 1]:
                _link(links, _cut_edges(i, j, top[i], top[i + 1], below[i], below[i + 1]))
    return links


def _cut_edges(i: int, j: int, a: bool, b: bool, c: bool, d: bool) -> list[Edge]:
    sides = (
        (a != b, ("across", i, j)),
        (b != d, ("down", i + 1, j)),
        (c != d, ("across", i, j + 1)),
        (a != c, ("down", i, j)),
    )
    return [edge for cut, edge in sides if cut]


def _link(links: dict[Edge, list[Edge]], edges: list[Edge]) -> None:
    for one, other in zip(edges[::2], edges[1::2], strict=True):
        links[one].append(other)
        links[other].append(one)


def _lines(links: dict[Edge, list[Edge]], grid: list[list[float]], level: float) -> Iterator[Path]:
    ends = [edge for edge, others in links.items() if len(others) == 1]
    seen: set[Edge] = set()
    for start in [*ends, *links]:
        if start not in seen:
            chain = _walk(links, start, seen)
            yield smooth([_place(edge, grid, level) for edge in chain], steps=3)


def _walk(links: dict[Edge, list[Edge]], start: Edge, seen: set[Edge]) -> list[Edge]:
    chain, here = [start], start
    seen.add(start)
    while onward := [edge for edge in links[here] if edge not in seen]:
        here = onward[0]
        seen.add(here)
        chain.append(here)
    return [*chain, start] if len(chain) > 2 and start in links[here] else chain


def _place(edge: Edge, grid: list[list[float]], level: float) -> Point:
    way, i, j = edge
    here, there = grid[j][i], grid[j][i + 1] if way == "across" else grid[j + 1][i]
    share = (level - here) / (there - here)
    return ((i + share) * STEP, j * STEP) if way == "across" else (i * STEP, (j + share) * STEP)


def relief(sheet: Sheet, colour: Colour, levels: int = 18) -> None:
    """Contour lines over the whole sheet, every fifth one heavier as on a walker's map."""
    height = hills(sheet.dice, sheet.size)
    for n in range(levels):
        for line in contours(height, sheet.size, [-1 + 2.6 * (n + 0.5) / levels]):
            sheet.line(line, 6 if n % 5 == 0 else 3, colour)
