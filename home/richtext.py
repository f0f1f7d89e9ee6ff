from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import nh3
from wagtail.rich_text.rewriters import LinkRewriter

from home.querysets import public_paths

FEATURES = ["bold", "italic", "link", "ol", "ul"]
_TAGS = {"a", "b", "br", "em", "i", "li", "ol", "p", "strong", "ul"}


class PublicLinks:
    """The pages that some rich texts link to, as far as they are public: read with one query, or none."""

    def __init__(self, sources: Iterable[str]) -> None:
        found: set[int] = set()

        def collect(attrs: dict[str, Any]) -> str:
            if str(attrs.get("id", "")).isdigit():
                found.add(int(attrs["id"]))
            return "<a>"

        gather = LinkRewriter({"page": collect})
        for source in sources:
            gather(source)
        self._paths = public_paths(found)

    def html(self, source: str) -> str:
        """Display HTML of a stored rich text: links lead to public pages, elsewhere or nowhere."""
        rewritten = LinkRewriter({"page": self._anchor})(source)
        return nh3.clean(
            rewritten,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener",
        )

    def _anchor(self, attrs: dict[str, Any]) -> str:
        path = self._paths.get(int(attrs["id"])) if str(attrs.get("id", "")).isdigit() else None
        return f'<a href="{escape(path)}">' if path else "<a>"
