from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

from django import template
from django.template import Engine
from django.template.exceptions import TemplateDoesNotExist
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
BLOCK_TYPE = re.compile(r"[a-z_]+")
WEB_ADDRESS = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]])")
# A script element ends at the first "</script", whatever the JSON means by it.
SCRIPT_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def render_block(context: template.Context, block: dict[str, Any]) -> SafeString:
    """The block by the template of its type; nothing for a type this frontend does not know."""
    if not BLOCK_TYPE.fullmatch(block["type"]):
        return SafeString("")
    try:
        found = Engine.get_default().get_template(f"site/blocks/{block['type']}.html")
    except TemplateDoesNotExist:
        return SafeString("")
    with context.push(block=block, value=block["value"]):
        return found.render(context)


@register.filter
def has_block(body: list[dict[str, Any]], types: str) -> bool:
    return any(block["type"] in types.split() for block in body or [])


@register.filter
def parse_iso(value: str | None) -> datetime | date | None:
    if not value:
        return None
    return parse_date(value) if len(value) == len("2026-10-01") else parse_datetime(value)


@register.filter
def json_ld(value: dict[str, Any]) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(SCRIPT_ESCAPES))  # noqa: S308


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as escaped paragraphs: blank lines divide, web addresses become links."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return format_html_join("", "<p>{}</p>", ((_lines(block),) for block in blocks))


def _lines(block: str) -> SafeString:
    lines = (_linked(line) for line in block.split("\n"))
    return mark_safe("<br>".join(lines))  # noqa: S308


def _linked(line: str) -> SafeString:
    return format_html_join("", "{}", ((_piece(part),) for part in WEB_ADDRESS.split(line)))


def _piece(part: str) -> SafeString:
    if not WEB_ADDRESS.fullmatch(part):
        return conditional_escape(part)
    return format_html('<a href="{0}" rel="nofollow ugc noopener">{0}</a>', part)


@register.filter
def weekday_range(days: list[str]) -> str:
    """``["monday", "tuesday"]`` as "Monday to Tuesday"; days with gaps are listed."""
    places = sorted(WEEKDAYS.index(day) for day in days)
    names = [WEEKDAYS[place].capitalize() for place in places]
    if len(names) < 2:
        return "".join(names)
    if places[-1] - places[0] == len(places) - 1:
        return f"{names[0]} to {names[-1]}"
    return f"{', '.join(names[:-1])} and {names[-1]}"


@register.filter
def price(service: dict[str, Any]) -> str:
    """``{"price": "62.00", "currency": "GBP"}`` as "£62"; no price is no text."""
    if not service.get("price"):
        return ""
    amount = service["price"].removesuffix(".00")
    sign = CURRENCY_SIGNS.get(service["currency"])
    return f"{sign}{amount}" if sign else f"{amount} {service['currency']}"


@register.filter
def item(mapping: dict[str, Any] | None, key: str) -> Any:
    return (mapping or {}).get(key, "")


@register.filter
def by_id(entries: list[dict[str, Any]], wanted: str) -> dict[str, Any] | None:
    return next((entry for entry in entries if str(entry["id"]) == str(wanted)), None)


@register.filter
def within(path: str, section: str) -> bool:
    return section != "/" and path.startswith(section)
