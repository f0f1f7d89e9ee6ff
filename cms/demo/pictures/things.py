from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import exp, hypot, radians, sin

from .curves import Path, Point, at, evenly, oval, plot, shifted, smooth
from .ink import Sheet
from .palette import AMBER, DEEP, GREEN, INK, LIGHT, MARK, PAPER, SAND, Colour, mix
from .relief import relief


def sleep(sheet: Sheet) -> None:
    for _ in range(70):
        star = sheet.dice.uniform(0, 2400), sheet.dice.uniform(0, 900)
        sheet.disc(star, sheet.dice.choice((2, 2, 3, 4)), mix(DEEP, PAPER, 0.6))
    _moon(sheet, (1330, 520))
    _hill(sheet, plot("-100,1010 300,920 760,990 1300,880 1900,960 2500,860"), mix(DEEP, GREEN, 0.3), 12)
    _sleeper(sheet)


def _moon(sheet: Sheet, centre: Point) -> None:
    for n in range(9):
        sheet.ring(centre, 260 + n * 62, 3, mix(DEEP, LIGHT, 0.4 - n * 0.038))
    sheet.disc(centre, 215, mix(DEEP, SAND, 0.25))
    with sheet.clip(oval(centre, 215, 215)):
        sheet.disc((centre[0] + 38, centre[1] - 14), 218, PAPER)


def _hill(sheet: Sheet, crest: Path, fill: Colour, lines: int) -> None:
    ridge = smooth(crest)
    sheet.area([*ridge, (2600, 1800), (-200, 1800)], fill)
    for n in range(1, lines):
        sheet.line([(x, y + n * 26 + n * n * 1.6) for x, y in ridge], 3, mix(fill, LIGHT, 0.25))


def _sleeper(sheet: Sheet) -> None:
    """Somebody asleep on one side, whose blanket is the nearest hill."""
    pillow = plot("250,1300 330,1225 560,1230 780,1250 860,1330 780,1450 400,1450 270,1390")
    sheet.blob(pillow, mix(DEEP, PAPER, 0.8))
    sheet.limb([(640, 1190), (800, 1230)], [120, 160], mix(SAND, MARK, 0.3))
    sheet.area(oval((600, 1165), 132, 104, -8), mix(SAND, MARK, 0.2))
    hair = plot("466,1215 442,1130 490,1060 590,1036 690,1062 736,1120 660,1108 600,1130 590,1190 540,1250 490,1250")
    sheet.blob(hair, mix(DEEP, MARK, 0.28))
    blanket = plot(
        "-200,1480 420,1420 640,1300 780,1160 930,1070 1100,1090 1310,1125 1520,1020 1740,1090 "
        "2050,1240 2300,1290 2600,1400"
    )
    _hill(sheet, blanket, GREEN, 15)


def shoes(sheet: Sheet) -> None:
    relief(sheet, mix(PAPER, SAND, 0.75))
    _sole(sheet, (850, 800), -9, -1, False)
    _sole(sheet, (1550, 800), 9, 1, True)


def _sole(sheet: Sheet, centre: Point, turn: float, side: int, worn: bool) -> None:
    def place(x: float, y: float) -> Point:
        return at(at(centre, 180 - turn, (y - 0.5) * 1280), 90 - turn, x * side * 1360)

    half = plot(
        "0,0.0 0.1,0.02 0.135,0.12 0.122,0.3 0.13,0.45 0.168,0.66 0.16,0.82 0.1,0.95 0.0,1.0 "
        "-0.11,0.965 -0.17,0.85 -0.165,0.68 -0.115,0.48 -0.105,0.3 -0.128,0.12 -0.095,0.02"
    )
    outline = smooth([place(x, y) for x, y in half], closed=True)
    inner = smooth([place(x * 0.86, 0.5 + (y - 0.5) * 0.95) for x, y in half], closed=True)
    sheet.area(outline, GREEN)
    sheet.area(inner, mix(GREEN, INK, 0.45))
    with sheet.clip(inner):
        for row, column in product(range(23), range(-2, 3)):
            _lug(sheet, place, column * 0.075, row / 22, worn)


def _lug(sheet: Sheet, place: Callable[[float, float], Point], x: float, y: float, worn: bool) -> None:
    rubbed = worn and hypot(x - 0.13, (y - 0.05) * 0.9) < 0.15
    chevron = shifted(plot("-31,0 0,18 31,0 31,-24 0,-6 -31,-24"), (x, y), 0.001)
    sheet.area([place(a, b) for a, b in chevron], MARK if rubbed else LIGHT if 0.36 < y < 0.5 else PAPER)


def kettlebell(sheet: Sheet) -> None:
    relief(sheet, mix(GREEN, LIGHT, 0.1))
    centre = (1200.0, 800.0)
    for minute in range(60):
        width, colour = (13, LIGHT) if minute <= 20 else (6, mix(GREEN, LIGHT, 0.38))
        angle = 180 - minute * 6
        sheet.line([at(centre, angle, 560), at(centre, angle, 600 if minute % 5 else 632)], width, colour)
    sheet.disc(at(centre, 60, 505), 20, MARK)
    handle = plot("985,880 952,640 1010,460 1120,408 1280,408 1390,460 1448,640 1415,880")
    sheet.limb(handle, [150, 92, 84, 80, 80, 84, 92, 150], DEEP)
    around = [at((1200, 905), angle, 312) for angle in range(24, 337, 4)]
    sheet.area(around, DEEP)
    with sheet.clip(around):
        for n in range(1, 15):
            shift = (15 - n) * 5.2
            sheet.loop(oval((1200 - shift, 905 - shift), n * 24, n * 22, -35), 3.5, mix(DEEP, LIGHT, 0.9 - n * 0.055))


def niggle(sheet: Sheet) -> None:
    signs = (((570.0, 800.0), LIGHT), ((1200.0, 800.0), AMBER), ((1830.0, 800.0), MARK))
    for centre, colour in signs:
        for n in range(1, 10):
            sheet.ring(centre, 285 + n * 56, 3, mix(DEEP, colour, 0.34 - n * 0.034))
    for n, (centre, colour) in enumerate(signs):
        sheet.disc(centre, 285, DEEP)
        sheet.ring(centre, 268, 36, colour)
        for ripple in range(1, 6):
            _ripple(sheet, centre, 30 + ripple * 36, n, mix(DEEP, colour, 0.62))
    signal = [(x, 800 + _pain(x) * sin(x * 0.0449)) for x in range(-20, 2421, 4)]
    sheet.line(signal, 18, DEEP)
    sheet.line(signal, 8, PAPER)


def _ripple(sheet: Sheet, centre: Point, radius: float, unrest: int, colour: Colour) -> None:
    wobble, waves = radius * 0.045 * unrest**1.4, 5 + 4 * unrest
    line = [at(centre, turn, radius + wobble * sin(radians(turn) * waves + radius)) for turn in range(0, 361, 2)]
    sheet.line(line, 4, colour)


def _pain(x: float) -> float:
    return 8 + 60 * exp(-(((x - 1200) / 200) ** 2)) + 170 * exp(-(((x - 1840) / 190) ** 2))


def street_plan(sheet: Sheet) -> None:
    for column, row in product(range(-5, 6), range(-4, 5)):
        _block(sheet, column, row)
    _park(sheet)
    river = evenly(smooth(plot("-60,1180 420,1250 860,1160 1300,1290 1760,1240 2460,1420")), 7)
    sheet.limb(river, [150, 130, 140, 130, 150, 160, 170], PAPER)
    sheet.limb(river, [116, 96, 106, 96, 116, 126, 136], mix(PAPER, LIGHT, 0.7))
    for column in (-2, 1, 4):
        sheet.line([_warp(column, row / 4) for row in range(-18, 18)], 42, PAPER)
    street = [_warp(column / 4, 0) for column in range(-24, 25)]
    sheet.line(street, 56, PAPER)
    sheet.line(street, 9, GREEN)
    _pin(sheet, _warp(-0.12, 0))


def _park(sheet: Sheet) -> None:
    """Four blocks without houses: grass, a pond and trees."""
    border = plot("0,0 0.5,-0.01 1,0 1,0.5 1,1 0.5,1 0,1 0,0.5")
    around = smooth([_warp(-1.92 + 1.86 * a, -1.9 + 1.8 * b) for a, b in border], closed=True)
    sheet.area(around, mix(PAPER, GREEN, 0.24))
    with sheet.clip(around):
        for n in range(9):
            sheet.loop(oval(_warp(-1.25, -1.15), 70 + n * 46, 44 + n * 34, -12), 3, mix(PAPER, GREEN, 0.42))
        sheet.area(oval(_warp(-1.25, -1.15), 70, 44, -12), mix(PAPER, LIGHT, 0.7))
        for _ in range(34):
            place = _warp(sheet.dice.uniform(-1.9, -0.1), sheet.dice.uniform(-1.9, -0.2))
            sheet.disc(place, sheet.dice.uniform(9, 17), mix(PAPER, GREEN, 0.62))


def _warp(column: float, row: float) -> Point:
    x, y = column * 290.0, row * 230.0
    return 1240 + x * 0.97 + y * 0.2 + 34 * sin(y / 420), 800 + y * 0.96 - x * 0.13 + 40 * sin(x / 520 + 0.6)


def _block(sheet: Sheet, column: int, row: int) -> None:
    plots = sheet.dice.choice((2, 3, 3, 4))
    for n in range(plots):
        for half in (0, 1):
            left, right = 0.09 + 0.82 * n / plots, 0.09 + 0.82 * (n + 1) / plots - 0.02
            top, bottom = 0.11 + half * 0.4, 0.11 + half * 0.4 + sheet.dice.uniform(0.26, 0.38)
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            sheet.area([_warp(column + a, row + b) for a, b in corners], mix(PAPER, SAND, sheet.dice.uniform(0.6, 1)))


def _pin(sheet: Sheet, tip: Point) -> None:
    head = (tip[0], tip[1] - 150)
    sheet.area([*(at(head, angle, 92) for angle in range(60, 301, 4)), tip], MARK)
    sheet.disc(head, 36, PAPER)
