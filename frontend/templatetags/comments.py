"""How a comment's writer is shown, and what is said about their address."""

from __future__ import annotations

from typing import Any

import regex
from django import template

register = template.Library()

TONES = 8
LETTER = regex.compile(r"(?=[\p{L}\p{N}])\X")
PRIVACY_PATHS = ("/privacy/", "/privacy-", "/datenschutz")


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word, each with its marks: "Ada M. Marsh" as "AM"."""
    letters = [found[0] for word in name.split() if (found := LETTER.search(word))]
    return "".join([*letters[:1], *letters[1:][-1:]])


@register.filter
def tone(comment_id: Any) -> int:
    """Which of the stylesheet's tones the picture of this comment has."""
    return int(str(comment_id)[:2], 16) % TONES


@register.filter
def privacy_page(site: dict[str, Any]) -> str:
    """The address of the clinic's own privacy notice, if one of its menus leads there."""
    entries = [*site["menu"], *site["footer"]["menu"]]
    addresses = (entry["url"] for entry in entries if entry["url"].startswith(PRIVACY_PATHS))
    return next((address for address in addresses if not address.startswith("/privacy-choices/")), "")
