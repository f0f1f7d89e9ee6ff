from __future__ import annotations

Colour = tuple[int, int, int]

PAPER: Colour = (251, 248, 242)
SAND: Colour = (220, 213, 200)
INK: Colour = (22, 33, 30)
DEEP: Colour = (16, 23, 21)
GREEN: Colour = (10, 90, 78)
LIGHT: Colour = (116, 214, 194)
MARK: Colour = (217, 71, 43)
AMBER: Colour = (226, 164, 84)


def mix(under: Colour, over: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(under, over, strict=True))
    return red, green, blue
