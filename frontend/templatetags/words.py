"""
Django's tags for words, as built-ins of our templates. A translation of fixed words is looked up once a process.

Django's own look-up walks through the catalogue of every app, each time: a page has some seventy of them.
"""

from __future__ import annotations

from typing import Any

from django.template import Context, Library, Node
from django.template.base import FilterExpression, Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class FixedWords(Node):
    def __init__(self, words: Node) -> None:
        self.words = words
        self.by_language: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self.by_language:
            self.by_language[language] = self.words.render(context)
        return self.by_language[language]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_translate(parser, token)
    parts = [node.filter_expression, *filter(None, [node.message_context])]
    return FixedWords(node) if node.asvar is None and all(map(_is_fixed, parts)) else node


def _is_fixed(expression: FilterExpression) -> bool:
    """Whether it is a text in quotation marks with no filter. (The tag makes a variable of such a text.)"""
    is_text = isinstance(expression.var, str) or expression.var.literal is not None
    return is_text and not expression.filters
