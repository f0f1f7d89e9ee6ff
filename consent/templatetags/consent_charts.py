from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from consent.models import Receipt
from consent.statistics import Week

register = template.Library()
BAR, GAP, HEIGHT = 44, 12, 160
COLOURS = {
    Receipt.Action.ACCEPT_ALL: "#0A5A4E",
    Receipt.Action.CUSTOM: "#74D6C2",
    Receipt.Action.REJECT_ALL: "#4E5B56",
    Receipt.Action.WITHDRAW: "#D9472B",
    Receipt.Action.ONCE: "#DCD5C8",
}


@register.filter
def count_of(week: Week, action: str) -> int:
    return week.actions[action]


@register.simple_tag
def weeks_chart(weeks: list[Week]) -> SafeString:
    """Stacked bars, one a week; the table below says the same to who can't see them."""
    highest = max((week.total for week in weeks), default=0) or 1
    bars = format_html_join("", "{}", ((_bar(week, place * (BAR + GAP), highest),) for place, week in enumerate(weeks)))
    width = len(weeks) * (BAR + GAP)
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">{}</svg>',
        width,
        HEIGHT,
        width,
        HEIGHT,
        bars,
    )


def _bar(week: Week, left: int, highest: int) -> SafeString:
    parts, top = [], float(HEIGHT)
    for action, colour in COLOURS.items():
        height = week.actions[action] / highest * HEIGHT
        top -= height
        parts.append((left, round(top, 1), BAR, round(height, 1), colour))
    return format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', parts)
