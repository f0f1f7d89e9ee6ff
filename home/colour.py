from __future__ import annotations

import re

from django.core.exceptions import ValidationError

PAPER_LIGHT = "#FBF8F2"
PAPER_DARK = "#101715"
ENOUGH = 4.5  # WCAG 2.2, success criterion 1.4.3
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def validate_accent_on_light(value: str) -> None:
    _validate(value, PAPER_LIGHT, "light")


def validate_accent_on_dark(value: str) -> None:
    _validate(value, PAPER_DARK, "dark")


def _validate(value: str, paper: str, scheme: str) -> None:
    if not _HEX.fullmatch(value):
        raise ValidationError("Give the colour as # and six hexadecimal digits, for example #0A5A4E.")
    ratio = contrast(value, paper)
    if ratio < ENOUGH:
        raise ValidationError(
            f"On the {scheme} background this colour has a contrast of {ratio:.1f}, and text needs {ENOUGH} or more."
        )
