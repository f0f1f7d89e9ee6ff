from __future__ import annotations

from itertools import pairwise, product
from math import atan2, degrees, exp, hypot

from .curves import Path, Point, at, box, evenly, lerp, oval, plot, shifted, smooth, strands
from .figure import RUN, Tone, body, draw_body
from .ink import Sheet
from .palette import GREEN, INK, LIGHT, MARK, PAPER, SAND, Colour, mix
from .relief import relief

FOOT = plot(
    "0,0 0.09,0.035 0.115,0.13 0.1,0.28 0.115,0.42 0.15,0.57 0.165,0.69 0.14,0.78 "
    "0.06,0.825 -0.05,0.85 -0.135,0.835 -0.168,0.76 -0.15,0.64 -0.085,0.5 -0.045,0.38 "
    "-0.06,0.25 -0.105,0.13 -0.085,0.035"
)
LOWER_LEG = plot(
    "1490,-80 1560,260 1525,640 1450,950 1478,1075 1640,1170 1830,1262 1950,1330 1960,1392 1900,1412 1640,1412 "
    "1440,1392 1220,1414 1040,1412 955,1350 975,1240 1035,1090 1020,860 910,560 845,240 880,-80"
)
TOE_ROW: tuple[tuple[Point, Point, float], ...] = (
    ((706, 880), (682, 520), 322),
    ((988, 800), (982, 440), 222),
    ((1216, 820), (1216, 510), 212),
    ((1432, 900), (1436, 630), 204),
    ((1640, 1020), (1652, 800), 204),
)
INSTEP = plot(
    "600,1800 590,1460 530,1180 530,900 640,780 980,690 1300,730 1560,850 1730,990 1830,1260 1800,1500 1760,1800"
)
TOES = (
    (-0.118, 0.925, 0.057, 0.07),
    (-0.015, 0.945, 0.036, 0.048),
    (0.052, 0.92, 0.033, 0.043),
    (0.108, 0.88, 0.03, 0.038),
    (0.156, 0.828, 0.027, 0.033),
)
LOADS = (
    (0, 0.11, 0.085, 1.0),
    (-0.11, 0.73, 0.06, 0.75),
    (0, 0.75, 0.075, 0.85),
    (0.1, 0.68, 0.06, 0.6),
    (0.09, 0.42, 0.08, 0.3),
    (-0.118, 0.93, 0.045, 0.8),
)


def glutes(sheet: Sheet) -> None:
    runner = body(RUN, 0.32, 1200, 1440, 1370)
    for n in range(17):
        sheet.ring((1160, runner.hip[1]), 130 + 78 * n, 3 if n % 4 else 6, mix(PAPER, SAND, 0.9))
    draw_body(sheet, runner, Tone(*(mix(PAPER, INK, share) for share in (0.3, 0.16, 0.34, 0.38, 0.5))))
    sheet.area(oval((runner.hip[0] - 62, runner.hip[1] + 36), 72, 120, 16), mix(PAPER, INK, 0.38))
    medius = plot("-84,-168 -30,-196 36,-186 66,-150"), plot("-4,26 6,18 18,14 30,18")
    maximus = plot("-74,-150 -108,-96 -122,-30 -112,26"), plot("8,40 -4,92 -26,146 -52,200")
    _fan(sheet, runner.hip, *medius, 6, mix(GREEN, LIGHT, 0.55), mix(LIGHT, PAPER, 0.5))
    _fan(sheet, runner.hip, *maximus, 58, GREEN, LIGHT)
    sheet.disc((runner.hip[0] + 12, runner.hip[1] + 24), 20, MARK)
    sheet.floor(1446)


def _fan(sheet: Sheet, hip: Point, origins: Path, insertions: Path, bulge: float, fill: Colour, fibre: Colour) -> None:
    """A flat muscle whose fibres gather from a broad origin to a narrow insertion, placed from the hip."""
    starts, ends = (evenly(smooth(shifted(edge, hip)), 13) for edge in (origins, insertions))
    lines = []
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        x, y = lerp(start, end, 0.5)
        sag = bulge * n / 12
        lines.append(smooth([start, (x - sag, y + sag * 0.5), end]))
    sheet.area([*lines[0], *ends, *reversed(lines[-1]), *reversed(starts)], fill)
    for line in lines[1:-1]:
        sheet.line(line, 3.5, fibre)


def achilles(sheet: Sheet) -> None:
    relief(sheet, mix(GREEN, LIGHT, 0.16))
    skin = mix(GREEN, LIGHT, 0.34)
    sheet.blob(LOWER_LEG, skin)
    sheet.blob(plot("985,1275 1060,1250 1160,1290 1190,1350 1120,1385 1020,1380 975,1340"), mix(skin, PAPER, 0.35))
    _tendon(sheet, plot("1030,-100 1010,200 1030,480 1075,760 1088,980 1060,1180 1020,1320"))
    for n in range(5):
        sheet.ring((1088, 1010), 130 + n * 54, 7 - n, mix(LIGHT, GREEN, n * 0.2))
    sheet.disc((1088, 1010), 22, MARK)


def _tendon(sheet: Sheet, spine: Path) -> None:
    """Crimped muscle fibres above, which straighten into the tendon that carries the load."""
    fibres = strands(spine, [270, 350, 280, 100, 74, 86, 110], 17, [10, 10, 8, 2, 0, 0, 0])
    belly = len(fibres[0]) * 56 // 100
    sheet.area([*fibres[0][:belly], *reversed(fibres[-1][:belly])], mix(GREEN, INK, 0.35))
    for n, fibre in enumerate(fibres):
        start = len(fibre) * (38 + abs(n - 8) * 2) // 100
        sheet.line(fibre[: start + 12], 4, mix(GREEN, LIGHT, 0.5))
        sheet.limb(fibre[start::8] + fibre[-1:], [2, 6, 6, 6], PAPER if n % 3 else LIGHT)


def heel(sheet: Sheet) -> None:
    for side in (-1, 1):
        _print(sheet, (1200 + side * 330, 1430), side, side > 0)


def _print(sheet: Sheet, origin: Point, side: int, sore: bool) -> None:
    def place(x: float, y: float) -> Point:
        return origin[0] + side * x * 1260, origin[1] - y * 1260

    parts = [smooth([place(x, y) for x, y in FOOT], closed=True)]
    parts += [oval(place(x, y), across * 1260, down * 1260) for x, y, across, down in TOES]
    for part in parts:
        sheet.area(part, mix(GREEN, LIGHT, 0.12))
    with sheet.clip(*parts):
        for row, column in product(range(58), range(20)):
            x, y = -0.2 + (column + row % 2 / 2) * 0.0202, row * 0.0176
            if sore and hypot(x, y - 0.125) < 0.062:
                sheet.disc(place(x, y), 11.4, MARK)
            else:
                sheet.disc(place(x, y), 3 + 7.8 * _load(x, y), mix(LIGHT, PAPER, _load(x, y)))


def _load(x: float, y: float) -> float:
    return min(1, sum(much * exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * r * r)) for a, b, r, much in LOADS))


def toes(sheet: Sheet) -> None:
    relief(sheet, mix(GREEN, LIGHT, 0.14))
    skin, crease = mix(SAND, MARK, 0.12), mix(SAND, mix(INK, MARK, 0.35), 0.5)
    sheet.blob(INSTEP, skin)
    for root, tip, width in TOE_ROW:
        sheet.limb([root, lerp(root, tip, 0.55), tip], [width * 1.06, width * 0.9, width], skin)
    _webs(sheet, crease)
    for n, (root, tip, width) in enumerate(TOE_ROW):
        _nail(sheet, tip, width, (tip[0] - root[0]) / 6, n == 1)
        _knuckle(sheet, lerp(root, tip, 0.42), width, crease)
    for n in range(6):
        arch = plot("-430,1700 -370,1260 0,1130 340,1280 440,1700")
        sheet.line(smooth([(1170 + x * (1 - n * 0.06), y + n * 74) for x, y in arch]), 4, mix(skin, crease, 0.4))
    _blister(sheet, (1790, 980))


def _webs(sheet: Sheet, crease: Colour) -> None:
    for (root, tip, width), (after, beyond, other) in pairwise(TOE_ROW):
        share = width / (width + other)
        web, mouth = lerp(root, after, share), lerp(lerp(root, tip, 0.2), lerp(after, beyond, 0.2), share)
        sheet.limb([mouth, lerp(mouth, web, 0.6), (web[0], web[1] + 60)], [10, 9, 2], crease)


def _blister(sheet: Sheet, place: Point) -> None:
    for n in range(4):
        sheet.ring(place, 46 + n * 40, 7 - n, mix(MARK, PAPER, n * 0.2))
    sheet.disc(place, 30, mix(MARK, PAPER, 0.25))


def _nail(sheet: Sheet, tip: Point, width: float, turn: float, black: bool) -> None:
    shape = plot("-0.3,0.06 -0.33,-0.14 -0.26,-0.32 0,-0.37 0.26,-0.32 0.33,-0.14 0.3,0.06 0.18,0.17 0,0.2 -0.18,0.17")
    plate = [at(at(tip, 90 - turn, x * width), -turn, y * width) for x, y in shape]
    sheet.blob(plate, mix(INK, MARK, 0.3) if black else mix(PAPER, MARK, 0.05))


def _knuckle(sheet: Sheet, centre: Point, width: float, colour: Colour) -> None:
    for fold in (-12, 12):
        x, y = centre[0], centre[1] + fold
        sheet.limb([(x - width * 0.2, y + 6), (x, y - 4), (x + width * 0.2, y + 8)], [2, 5, 2], colour)


def stairs(sheet: Sheet) -> None:
    for n in range(7):
        left, top = -420 + n * 440, 1690 - n * 215
        sheet.area([(left, top), (2500, top), (2500, 1700), (left, 1700)], mix(PAPER, SAND, 0.4 + 0.1 * n))
        sheet.line([(left, top + 215), (left, top), (left + 444, top)], 6, INK)
    _climber(sheet)
    for n in range(5):
        sheet.ring((1330, 615), 60 + n * 50, 7 - n, mix(MARK, PAPER, n * 0.18))
    sheet.area(oval((1330, 615), 38, 50, -30), MARK)


def _climber(sheet: Sheet) -> None:
    hip, knee, ankle = (920.0, 360.0), (1300.0, 620.0), (1050.0, 950.0)
    skin, far, shorts = mix(PAPER, GREEN, 0.9), mix(PAPER, GREEN, 0.5), mix(GREEN, INK, 0.6)
    sheet.limb([hip, (800, 690), (740, 830)], [270, 220, 160], far)
    sheet.limb([(740, 830), (650, 1000), (600, 1175)], [160, 172, 92], far)
    sheet.area(_trainer(590, 1257), mix(PAPER, INK, 0.5))
    sheet.limb([hip, (840, 590)], [290, 262], mix(PAPER, shorts, 0.7))
    sheet.limb([knee, (1215, 770), ankle], [170, 190, 96], skin)
    sheet.area(_trainer(1030, 1042), INK)
    sheet.limb([hip, lerp(hip, knee, 0.5), knee], [290, 245, 172], skin)
    sheet.limb([(930, -160), (915, 140), hip, (1130, 505)], [300, 290, 320, 262], shorts)


def _trainer(x: float, sole: float, size: float = 1) -> list[Point]:
    knots = plot("-90,-90 -105,-40 -95,0 60,0 240,0 275,-24 245,-58 140,-86 60,-125 -40,-120")
    return smooth(shifted(knots, (x, sole), size), closed=True)


def desk(sheet: Sheet) -> None:
    skin, sleeve, wood = mix(PAPER, GREEN, 0.34), mix(PAPER, GREEN, 0.52), mix(PAPER, INK, 0.82)
    sheet.disc((1100, 720), 560, mix(PAPER, SAND, 0.6))
    _chair(sheet, wood)
    _sitter(sheet, skin, sleeve)
    _vertebrae(sheet, smooth(plot("862,1000 838,870 842,720 893,570 985,470 1065,375")))
    sheet.area(box(1290, 832, 2060, 866, 10), wood)
    sheet.line([(1960, 860), (1960, 1420)], 30, wood)
    sheet.line([(1440, 822), (1700, 822), (1800, 480)], 20, INK)
    sheet.floor(1424)


def _sitter(sheet: Sheet, skin: Colour, sleeve: Colour) -> None:
    legs = mix(PAPER, INK, 0.5)
    sheet.limb([(930, 985), (1170, 985), (1390, 1000)], [220, 190, 132], legs)
    sheet.limb([(1390, 1000), (1385, 1180), (1370, 1350)], [132, 126, 84], legs)
    sheet.area(_trainer(1370, 1421, 0.8), INK)
    sheet.limb([(1050, 500), (1130, 370)], [130, 104], skin)
    sheet.area(oval((1170, 300), 96, 126, 16), skin)
    torso = plot("1080,440 1150,520 1120,700 1060,900 1040,1060 860,1075 800,960 790,800 810,660 880,520 980,440")
    sheet.blob(torso, skin)
    sheet.limb([(1045, 560), (1060, 690), (1120, 805)], [128, 104, 84], sleeve)
    sheet.limb([(1120, 805), (1280, 800), (1430, 792)], [84, 76, 46], sleeve)


def _chair(sheet: Sheet, wood: Colour) -> None:
    sheet.limb([(730, 640), (700, 820), (770, 1020)], [34, 40, 34], wood)
    sheet.area(box(740, 1090, 1240, 1140, 24), wood)
    sheet.line([(980, 1130), (980, 1340)], 34, wood)
    sheet.line([(780, 1400), (980, 1330), (1180, 1400)], 24, wood)


def _vertebrae(sheet: Sheet, spine: list[Point]) -> None:
    """Lumbar to neck, each a body with its spinous process pointing back and down."""
    for n, (here, after) in enumerate(pairwise(evenly(spine, 20))):
        size = 62 - 1.9 * n
        up = degrees(atan2(after[0] - here[0], after[1] - here[1]))
        colour = MARK if n in (2, 3) else GREEN
        bone = [at(at(here, up + 90, side * size / 2), up, rise) for side, rise in plot("1,5 1,34 -1,34 -1,5")]
        sheet.area(smooth(bone, closed=True, steps=6), colour)
        sheet.limb([here, at(here, up + 115, size * 0.95)], [20 - n * 0.5, 9], colour)
