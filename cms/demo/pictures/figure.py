from __future__ import annotations

from collections.abc import Sequence
from math import acos, atan2, cos, degrees, hypot, pi, sin
from typing import NamedTuple

from .curves import Point, at, lerp, oval, smooth
from .ink import Sheet
from .palette import Colour, mix

Track = Sequence[tuple[float, float]]


class Gait(NamedTuple):
    """Joint angles over one stride, from one foot's contact (0) to its next (1); flexion is positive."""

    thigh: Track
    knee: Track
    ankle: Track
    contact: float
    lift: float
    lean: float
    swing: float
    elbow: float


# Typical sagittal angles of the gait laboratory, rounded: easy running and comfortable walking.
RUN = Gait(
    thigh=(
        (0, 30),
        (0.15, 15),
        (0.3, -12),
        (0.38, -21),
        (0.46, -15),
        (0.6, 16),
        (0.75, 42),
        (0.85, 47),
        (0.93, 40),
        (1, 30),
    ),
    knee=(
        (0, 16),
        (0.15, 42),
        (0.3, 26),
        (0.38, 17),
        (0.48, 50),
        (0.6, 92),
        (0.68, 106),
        (0.78, 92),
        (0.9, 40),
        (0.97, 14),
        (1, 16),
    ),
    ankle=((0, 4), (0.18, 22), (0.3, 4), (0.38, -22), (0.5, -12), (0.7, 2), (1, 4)),
    contact=0.36,
    lift=0.035,
    lean=8,
    swing=38,
    elbow=92,
)
WALK = Gait(
    thigh=((0, 26), (0.12, 20), (0.3, 2), (0.5, -16), (0.6, -8), (0.75, 20), (0.87, 29), (1, 26)),
    knee=((0, 4), (0.15, 18), (0.38, 5), (0.5, 14), (0.62, 42), (0.72, 62), (0.86, 28), (0.96, 3), (1, 4)),
    ankle=((0, 0), (0.07, -5), (0.42, 11), (0.52, 2), (0.62, -18), (0.76, -1), (1, 0)),
    contact=0.5,
    lift=0,
    lean=2,
    swing=20,
    elbow=24,
)

SHOE = (
    *((-0.036, -0.016), (-0.047, 0.012), (-0.045, 0.038), (0.0, 0.04), (0.055, 0.042), (0.1, 0.041)),
    *((0.121, 0.032), (0.116, 0.02), (0.075, 0.004), (0.035, -0.012), (0.014, -0.024), (-0.02, -0.026)),
)


class Leg(NamedTuple):
    hip: Point
    knee: Point
    ankle: Point
    foot: float


class Arm(NamedTuple):
    shoulder: Point
    elbow: Point
    hand: Point


class Body(NamedTuple):
    size: float
    lean: float
    hip: Point
    shoulder: Point
    head: Point
    legs: tuple[Leg, Leg]
    arms: tuple[Arm, Arm]


class Tone(NamedTuple):
    near: Colour
    far: Colour
    top: Colour
    shorts: Colour
    shoe: Colour

    def faded(self, ground: Colour, strength: float) -> Tone:
        return Tone(*(mix(ground, colour, strength) for colour in self))


def _angle(track: Track, phase: float) -> float:
    phase %= 1
    after = next(i for i, (place, _) in enumerate(track) if place >= phase) or 1
    (start, low), (end, high) = track[after - 1], track[after]
    return low + (high - low) * (phase - start) / (end - start)


def _leg(gait: Gait, hip: Point, phase: float, size: float) -> Leg:
    thigh = _angle(gait.thigh, phase)
    shank = thigh - _angle(gait.knee, phase)
    knee = at(hip, thigh, 0.245 * size)
    return Leg(hip, knee, at(knee, shank, 0.246 * size), shank + 90 + _angle(gait.ankle, phase))


def _arm(gait: Gait, shoulder: Point, phase: float, size: float) -> Arm:
    # An arm swings against the leg of its own side.
    forward = -cos(2 * pi * (phase - 0.85))
    upper = gait.swing * forward - gait.elbow / 6
    elbow = at(shoulder, upper, 0.165 * size)
    return Arm(shoulder, elbow, at(elbow, upper + gait.elbow + 12 * forward, 0.15 * size))


def shoe(leg: Leg, size: float) -> list[Point]:
    knots = [at(at(leg.ankle, leg.foot, along * size), leg.foot - 90, down * size) for along, down in SHOE]
    return smooth(knots, closed=True, steps=6)


def body(gait: Gait, phase: float, x: float, ground: float, size: float) -> Body:
    """A figure whose hip is above `x` and whose lower foot stands on, or flies over, the ground."""
    lowest = max(y for foot in (0.0, 0.5) for _, y in shoe(_leg(gait, (0, 0), phase + foot, size), size))
    step = phase * 2 % 1
    flight = max(0.0, (step - gait.contact * 2) / (1 - gait.contact * 2)) if gait.contact < 0.5 else 0
    hip = x, ground - lowest - gait.lift * size * sin(pi * flight)
    shoulder, head = at(hip, 180 - gait.lean, 0.29 * size), at(hip, 180 - gait.lean * 1.25, 0.392 * size)
    return Body(
        size,
        gait.lean,
        hip,
        shoulder,
        head,
        (_leg(gait, hip, phase, size), _leg(gait, hip, phase + 0.5, size)),
        (_arm(gait, shoulder, phase, size), _arm(gait, shoulder, phase + 0.5, size)),
    )


def reach(shoulder: Point, hand: Point, size: float) -> Arm:
    """An arm bent at the elbow, pointing down, so that the hand comes where it should."""
    upper, fore = 0.165 * size, 0.15 * size
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    span = min(hypot(dx, dy), upper + fore - 1)
    bend = degrees(acos((upper**2 + span**2 - fore**2) / (2 * upper * span)))
    return Arm(shoulder, at(shoulder, degrees(atan2(dx, dy)) - bend, upper), hand)


def draw_leg(sheet: Sheet, leg: Leg, size: float, skin: Colour, shorts: Colour, trainer: Colour) -> None:
    sheet.limb([leg.hip, lerp(leg.hip, leg.knee, 0.5), leg.knee], [0.1 * size, 0.086 * size, 0.056 * size], skin)
    calf = lerp(leg.knee, leg.ankle, 0.32)
    belly = at(calf, degrees(atan2(leg.ankle[0] - leg.knee[0], leg.ankle[1] - leg.knee[1])) - 90, 0.009 * size)
    sheet.limb([leg.knee, belly, leg.ankle], [0.056 * size, 0.066 * size, 0.034 * size], skin)
    sheet.area(shoe(leg, size), trainer)
    sheet.limb([leg.hip, lerp(leg.hip, leg.knee, 0.45)], [0.108 * size, 0.1 * size], shorts)


def draw_arm(sheet: Sheet, arm: Arm, size: float, skin: Colour, sleeve: Colour) -> None:
    sheet.limb([arm.shoulder, arm.elbow], [0.056 * size, 0.04 * size], skin)
    sheet.limb([arm.elbow, lerp(arm.elbow, arm.hand, 0.4), arm.hand], [0.04 * size, 0.042 * size, 0.03 * size], skin)
    sheet.limb([arm.shoulder, lerp(arm.shoulder, arm.elbow, 0.45)], [0.066 * size, 0.06 * size], sleeve)


def draw_body(sheet: Sheet, runner: Body, tone: Tone) -> None:
    size, far_top, far_shorts = runner.size, mix(tone.top, tone.far, 0.5), mix(tone.shorts, tone.far, 0.5)
    draw_arm(sheet, runner.arms[1], size, tone.far, far_top)
    draw_leg(sheet, runner.legs[1], size, tone.far, far_shorts, tone.far)
    sheet.limb([lerp(runner.shoulder, runner.head, 0.1), runner.head], [0.072 * size, 0.06 * size], tone.near)
    sheet.area(oval(runner.head, 0.053 * size, 0.068 * size, runner.lean), tone.near)
    draw_leg(sheet, runner.legs[0], size, tone.near, tone.shorts, tone.shoe)
    waist, chest = lerp(runner.hip, runner.shoulder, 0.4), lerp(runner.hip, runner.shoulder, 0.8)
    sheet.limb(
        [lerp(runner.hip, runner.shoulder, 0.18), waist, chest, runner.shoulder],
        [0.1 * size, 0.1 * size, 0.128 * size, 0.082 * size],
        tone.top,
    )
    draw_arm(sheet, runner.arms[0], size, tone.near, mix(tone.top, tone.near, 0.16))


def strip(
    count: int, left: float, right: float, ground: float, size: float, cycles: float = 1, start: float = 0
) -> list[Body]:
    """A stride taken apart, one body every few hundredths of a second."""
    places = [i / (count - 1) for i in range(count)]
    return [body(RUN, start + cycles * p, left + (right - left) * p, ground, size) for p in places]
