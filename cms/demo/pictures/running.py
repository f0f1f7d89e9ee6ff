from __future__ import annotations

from math import exp

from .curves import Point, at, box, plot, shifted, smooth, strands
from .figure import RUN, WALK, Body, Tone, body, draw_body, reach, shoe, strip
from .ink import Sheet
from .palette import DEEP, GREEN, INK, LIGHT, MARK, PAPER, SAND, mix
from .relief import relief

ON_GREEN = Tone(near=PAPER, far=mix(GREEN, PAPER, 0.55), top=LIGHT, shorts=mix(LIGHT, GREEN, 0.3), shoe=PAPER)
ON_PAPER = Tone(near=INK, far=mix(PAPER, INK, 0.55), top=GREEN, shorts=mix(GREEN, INK, 0.45), shoe=INK)


def home(sheet: Sheet) -> None:
    relief(sheet, mix(GREEN, LIGHT, 0.26), levels=22)
    sheet.disc((1200, 800), 470, mix(GREEN, LIGHT, 0.2))
    bodies = strip(9, 60, 2340, 1250, 800, cycles=1.12, start=0.28)
    for runner in sorted(bodies, key=lambda runner: -abs(runner.hip[0] - 1200)):
        draw_body(sheet, runner, ON_GREEN.faded(GREEN, 0.26 + 0.74 * exp(-(((runner.hip[0] - 1200) / 400) ** 2))))
    _hips(sheet, bodies)
    sheet.floor(1254)


def _hips(sheet: Sheet, bodies: list[Body]) -> None:
    sheet.line(smooth([runner.hip for runner in bodies]), 3, MARK)
    for runner in bodies:
        sheet.disc(runner.hip, 9, MARK)


def phone(sheet: Sheet) -> None:
    frame, screen = box(470, 350, 1930, 1130, 80), box(520, 400, 1880, 1080, 44)
    bodies = strip(13, 60, 2340, 1010, 500, cycles=1.5, start=0.14)
    for runner in bodies:
        draw_body(sheet, runner, ON_PAPER.faded(PAPER, 0.16))
    sheet.line([(0, 1012), (2400, 1012)], 5, mix(PAPER, INK, 0.3))
    for foot in (840, 1200, 1560):
        sheet.limb([(1200, 1120), (foot, 1640)], [34, 22], mix(PAPER, INK, 0.75))
    sheet.area(box(1130, 1110, 1270, 1180, 20), INK)
    sheet.area(frame, INK)
    sheet.area(screen, mix(DEEP, GREEN, 0.5))
    with sheet.clip(screen):
        _filmed(sheet, bodies)
    sheet.disc((495, 740), 9, LIGHT)


def _filmed(sheet: Sheet, bodies: list[Body]) -> None:
    for x in range(520, 1900, 85):
        sheet.line([(x, 380), (x, 1100)], 2, mix(DEEP, GREEN, 0.85))
    sheet.line([(500, 1012), (1900, 1012)], 5, LIGHT)
    for runner in sorted(bodies, key=lambda runner: -abs(runner.hip[0] - 1200)):
        strength = 1.0 if abs(runner.hip[0] - 1200) < 90 else 0.3
        draw_body(sheet, runner, ON_GREEN.faded(mix(DEEP, GREEN, 0.5), strength))
    _joints(sheet, bodies[6], 5)
    sheet.disc((1810, 460), 20, MARK)


def _joints(sheet: Sheet, runner: Body, width: float) -> None:
    joints = [runner.shoulder, runner.hip, runner.legs[0].knee, runner.legs[0].ankle]
    sheet.line(joints, width, MARK)
    for joint in joints:
        sheet.disc(joint, width * 2.6, MARK)


def video_poster(sheet: Sheet) -> None:
    relief(sheet, mix(DEEP, LIGHT, 0.1))
    bodies = [body(RUN, 0.33 + step * 0.085, 1200 + step * 265, 1350, 1060) for step in range(-4, 5)]
    for runner in sorted(bodies, key=lambda runner: -abs(runner.hip[0] - 1200)):
        strength = exp(-(((runner.hip[0] - 1200) / 560) ** 2))
        draw_body(sheet, runner, ON_GREEN.faded(DEEP, 1 if runner is bodies[4] else 0.42 * strength))
    _joints(sheet, bodies[4], 7)
    sheet.floor(1355)
    for n in range(61):
        sheet.line([(180 + n * 34, 1500), (180 + n * 34, 1520 + 24 * (n % 5 == 0))], 3, mix(DEEP, PAPER, 0.4))


def ten_per_cent(sheet: Sheet) -> None:
    for n in range(1, 10):
        sheet.line([(0, 1376 - n * 144), (2400, 1376 - n * 144)], 2, SAND)
    tops = [(255 + week * 172, 1372 - 36 * _runs(week)) for week in range(12)]
    for week, (x, _) in enumerate(tops):
        for run in range(_runs(week)):
            sheet.area(_run(x, run), mix(LIGHT, GREEN, 0.1 + week * 0.08))
    for run in range(_runs(8), _runs(8) + 7):
        sheet.loop(_run(tops[8][0], run), 4, MARK)
    for week, (x, y) in enumerate(tops):
        if week != 8:
            draw_body(sheet, body(RUN, 0.1 + week * 0.14, x, y, 340), ON_PAPER.faded(PAPER, 0.5 + week * 0.045))
    sheet.floor(1380)


def _runs(week: int) -> int:
    """A tenth more each week, and every fourth week a lighter one."""
    return round(8 * 1.1**week * (0.76 if week % 4 == 3 else 1))


def _run(x: float, number: int) -> list[Point]:
    return box(x - 60, 1372 - number * 36 - 28, x + 60, 1372 - number * 36, 6)


def calf_return(sheet: Sheet) -> None:
    ridge = smooth(plot("-100,1330 300,1270 700,1120 1200,920 1640,830 2000,810 2500,830"), steps=40)
    sheet.area([*ridge, (2500, 1700), (-100, 1700)], GREEN)
    _torn_fibres(sheet)
    sheet.line(ridge, 6, INK)
    gaits = ((WALK, 0.0, 420), (WALK, 0.14, 800), (RUN, 0.02, 1180), (RUN, 0.33, 1580), (RUN, 0.12, 1960))
    for n, (gait, phase, x) in enumerate(gaits):
        air = min(_height(ridge, a) - b for leg in body(gait, phase, x, 0, 540).legs for a, b in shoe(leg, 540))
        draw_body(sheet, body(gait, phase, x, air, 540), ON_PAPER.faded(PAPER, 0.4 + 0.15 * n))


def _height(ridge: list[Point], x: float) -> float:
    return min(ridge, key=lambda point: abs(point[0] - x))[1]


def _torn_fibres(sheet: Sheet) -> None:
    spine = plot("-100,1560 500,1500 1200,1350 1800,1290 2500,1310")
    for n, fibre in enumerate(strands(spine, [360, 420, 760, 840, 860], 24)):
        half = 92 * (1 - min(1, abs(n - 15) / 6) ** 2) ** 0.5 + sheet.dice.uniform(-14, 14)
        ends = [[p for p in fibre if p[0] < 800 - half], [p for p in fibre if p[0] > 800 + half]]
        torn = abs(n - 15) < 6
        for part in ends if torn else [fibre]:
            sheet.line(part, 4, mix(GREEN, LIGHT, 0.55))
        for frayed in (ends[0][-1], ends[1][0]) if torn else ():
            sheet.disc(frayed, 8, MARK)


def pram(sheet: Sheet) -> None:
    relief(sheet, mix(PAPER, SAND, 0.75))
    runner = body(RUN, 0.36, 930, 1240, 960)
    handle = (runner.shoulder[0] + 265, runner.shoulder[1] + 165)
    arms = reach(runner.shoulder, handle, 960), reach(runner.shoulder, (handle[0] + 14, handle[1] + 6), 960)
    sheet.limb([runner.head, at(runner.head, -70, 90), at(runner.head, -48, 150)], [70, 52, 12], INK)
    draw_body(sheet, runner._replace(arms=arms), ON_PAPER)
    _pushchair(sheet, handle, 1240)
    sheet.floor(1244)
    for week in range(12):
        centre = (606.0 + week * 108, 1370)
        sheet.ring(centre, 26, 5, GREEN)
        sheet.disc(centre, 2 * (week + 1), GREEN)


def _pushchair(sheet: Sheet, handle: Point, ground: float) -> None:
    x = handle[0]
    rear, front, hub = (x + 300, ground - 132), (x + 760, ground - 104), (x + 400, ground - 440)
    _wheel(sheet, rear, 124)
    _wheel(sheet, front, 96)
    sheet.blob(shifted(plot("210,-500 300,-290 560,-250 680,-330 560,-400 420,-440"), (x, ground)), GREEN)
    sheet.area([hub, *(at(hub, angle, 235) for angle in range(262, 130, -6))], mix(GREEN, LIGHT, 0.45))
    for angle in (240, 210, 175):
        sheet.line([hub, at(hub, angle, 235)], 4, GREEN)
    sheet.line([handle, (x + 180, ground - 480), rear, front, (x + 560, ground - 260)], 15, INK)
    for axle in (rear, front):
        sheet.disc(axle, 16, MARK)


def _wheel(sheet: Sheet, axle: Point, radius: float) -> None:
    sheet.ring(axle, radius, 15, INK)
    for spoke in range(0, 360, 30):
        sheet.line([axle, at(axle, spoke, radius)], 2, mix(PAPER, INK, 0.6))
