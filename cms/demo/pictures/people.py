from __future__ import annotations

from .curves import Path, oval, plot, smooth
from .ink import Sheet
from .palette import GREEN, INK, LIGHT, MARK, PAPER, SAND, Colour, mix

FACE = plot("600,250 700,275 762,370 768,490 738,600 672,694 600,722 528,694 462,600 432,490 438,370 500,275")


def _mirrored(right: Path) -> Path:
    """A shape from its right half, which starts and ends on the middle line."""
    return [*right, *((1200 - x, y) for x, y in reversed(right[1:-1]))]


def _halo(sheet: Sheet, colour: Colour) -> None:
    sheet.disc((600, 560), 440, colour)
    for n in range(1, 12):
        sheet.ring((600, 560), 440 + n * 44, 3, mix(colour, sheet.ground, n / 14))


def _neck(sheet: Sheet, skin: Colour, width: float, collar: float) -> None:
    half = width / 2
    side = [(600 + half, 600), (600 + half, 740), (616 + half, collar - 40), (624 + half, collar + 70)]
    nape = _mirrored([(600, 560), *side, (600, collar + 200)])
    sheet.blob(nape, skin)
    with sheet.clip(smooth(nape, closed=True)):
        sheet.blob(
            plot("430,480 770,480 768,640 690,760 600,792 520,770 440,640"),
            mix(skin, INK, 0.16),
        )


def _shoulders(sheet: Sheet, width: float, collar: float, dip: float, cloth: Colour) -> None:
    """Shoulders with a neckline `dip` below the collar."""
    neckline = [(600, collar + dip), (668, collar + dip * 0.7), (708, collar), (760, collar + 14)]
    arm = [(600 + width * 0.72, collar + 72), (600 + width, collar + 210), (600 + width * 1.08, 1360), (600, 1420)]
    sheet.blob(_mirrored([*neckline, *arm]), cloth)


def _head(sheet: Sheet, skin: Colour) -> None:
    for x, colour in ((426, skin), (774, mix(skin, INK, 0.12))):
        sheet.area(oval((x, 500), 30, 54), colour)
    face = smooth(FACE, closed=True)
    sheet.area(face, skin)
    with sheet.clip(face):
        sheet.blob(plot("640,200 652,400 640,560 590,760 900,760 900,200"), mix(skin, INK, 0.08))


def maren(sheet: Sheet) -> None:
    hair, skin = (178, 170, 158), (230, 190, 162)
    _halo(sheet, mix(GREEN, LIGHT, 0.24))
    sheet.blob(
        _mirrored(plot("600,192 760,225 846,360 862,560 848,730 760,762 600,740")),
        mix(hair, INK, 0.22),
    )
    _neck(sheet, skin, 170, 900)
    _shoulders(sheet, 400, 880, 150, mix(INK, GREEN, 0.35))
    for way in (-1, 1):
        lapel = plot("92,812 150,862 176,940 96,1032 0,1040 44,970 84,890")
        sheet.blob([(600 + way * x, y) for x, y in lapel], PAPER)
    _head(sheet, skin)
    sheet.blob(
        plot("690,190 800,250 858,400 866,600 846,740 792,748 776,640 768,480 716,380 636,290"),
        hair,
    )
    sheet.blob(
        plot("700,196 560,186 420,240 346,390 336,600 352,740 408,748 428,620 438,500 520,420 630,350 700,280"),
        mix(hair, PAPER, 0.16),
    )


def idris(sheet: Sheet) -> None:
    hair, skin = (34, 28, 26), (132, 86, 62)
    _halo(sheet, SAND)
    _neck(sheet, skin, 226, 880)
    _shoulders(sheet, 490, 850, 78, GREEN)
    sheet.limb(plot("490,838 538,902 600,928 662,902 710,838"), [26, 30, 32, 30, 26], mix(GREEN, INK, 0.4))
    _head(sheet, skin)
    sheet.blob(_mirrored(plot("600,584 660,588 724,562 764,470 770,600 712,720 600,772")), hair)
    sheet.blob(_mirrored(plot("600,205 720,232 782,320 776,430 744,350 600,312")), hair)
    for x in (520, 680):
        sheet.ring((x, 462), 56, 10, INK)
    sheet.limb([(574, 452), (600, 442), (626, 452)], [10, 10, 10], INK)


def tove(sheet: Sheet) -> None:
    hair, skin = (198, 134, 68), (240, 206, 182)
    _halo(sheet, mix(LIGHT, PAPER, 0.45))
    sheet.disc((650, 176), 98, mix(hair, INK, 0.16))
    _neck(sheet, skin, 150, 900)
    _shoulders(sheet, 350, 900, 60, MARK)
    sheet.blob(_mirrored(plot("600,838 664,826 702,790 722,860 724,940 600,980")), mix(MARK, INK, 0.22))
    _head(sheet, skin)
    sheet.blob(_mirrored(plot("600,188 720,222 784,340 776,470 746,390 690,330 600,306")), hair)
    sheet.line([(600, 840), (600, 1210)], 8, PAPER)
    for way in (-1, 1):
        sheet.limb([(600 + way * 170, 905), (600 + way * 262, 1060), (600 + way * 280, 1260)], [16, 16, 16], PAPER)
