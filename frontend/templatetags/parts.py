"""
Parts of a page that are made from what they are given and from nothing else: the same values, the same HTML.

So a part is rendered once for the same values, whatever page it stands on. What changed comes with other values. What
one visitor typed, and what depends on any address that is asked for, is included instead and remembered nowhere.
"""

from __future__ import annotations

import pickle
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Engine, Library
from django.template.exceptions import TemplateDoesNotExist
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()

PARTS_KEPT = 1000  # of some 4 KB each, with the values that it was made from
BLOCK_TYPE = re.compile(r"[a-z_]+")
BLOCK_TYPES_WITH_REGISTER = {"cookie_table", "map", "video"}


@register.simple_tag
def part(name: str, **values: Any) -> SafeString:
    """``site/parts/<name>.html``, which sees these values alone."""
    return _part(f"site/parts/{name}.html", values)


@register.simple_tag(takes_context=True)
def render_block(context: Context, block: dict[str, Any]) -> SafeString:
    """The block by the template of its type; nothing for a type this frontend does not know."""
    if not BLOCK_TYPE.fullmatch(block["type"]):
        return SafeString("")
    values = {"block": block, "value": block["value"]}
    if block["type"] in BLOCK_TYPES_WITH_REGISTER:
        values["register"] = context["register"]
    if block["type"] == "exercise":
        values["has_headings"] = any(other["type"] == "heading" for other in context["page"]["body"])
    try:
        return _part(f"site/blocks/{block['type']}.html", values)
    except TemplateDoesNotExist:
        return SafeString("")


def _part(template: str, values: dict[str, Any]) -> SafeString:
    make = _kept if settings.PAGE_CACHE_MB else _made
    # Of two equal texts the one that is marked as safe is pickled differently: neither is ever taken for the other.
    return make(template, get_language(), pickle.dumps(values))


def _made(template: str, language: str, values: bytes) -> SafeString:
    context = Context(pickle.loads(values))  # noqa: S301 - pickled right above
    return Engine.get_default().get_template(template).render(context)


_kept = lru_cache(PARTS_KEPT)(_made)
