"""Plain text from what other systems store: paragraphs and links stay, markup and control characters go."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import regex

# Five times what is ever kept: the parser's time grows with the square of a text that is all broken tags.
MAX_SOURCE = 15_000
# Newer tables than Python's own, to which the emoji of the last years are no characters at all.
_NEVER = regex.compile(r"[[\p{Cc}\p{Cs}\p{Co}\p{Cn}]--[\n\t]]", regex.V1)
_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\v\f\u0085]")
_HIDDEN = {"script", "style"}
# fmt: off
_PARAGRAPHS = {
    "blockquote", "div", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "section", "table",
    "ul",
}
_LINES = {"br", "dd", "dt", "li", "tr"}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "del", "dfn", "em", "figcaption",
    "font", "i", "iframe", "img", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "summary", "sup", "svg", "tbody", "td", "tfoot", "th", "thead", "time", "tt", "u", "var", "video", "wbr",
}
# fmt: on


def paragraphs(html: str) -> str:
    """Text of several paragraphs, from HTML in which a line break may also be a plain one."""
    text = _safe(_Prose.of(html))
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def line(html: str) -> str:
    """One line of text."""
    return " ".join(_safe(_Prose.of(html)).split())


def one_line(text: str) -> str:
    """One line of what is no HTML."""
    return " ".join(_safe(text).split())


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: no text, or spaces and marks of no width."""
    return not _VISIBLE.search(text)


def fitted(text: str, limit: int) -> str:
    """The text, or as much of it as leaves room for "…", cut between two characters as a reader sees them."""
    if len(text) <= limit:
        return text
    ends = (match.end() for match in regex.finditer(r"\X", text[: limit + 1]))
    kept = max((end for end in ends if end < limit), default=0)
    return text[:kept].rstrip() + "…"


def _safe(text: str) -> str:
    return _NEVER.sub("", unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)))


class _Prose(HTMLParser):
    """Collects what a reader of the page would have read; what only looks like a tag is kept as it was written."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._links: list[tuple[int, str]] = []
        self._hidden = ""

    @classmethod
    def of(cls, html: str) -> str:
        prose = cls()
        tagged, end, rest = html[:MAX_SOURCE].rpartition(">")
        # What is not closed is no tag.
        prose.feed(_LINE_ENDS.sub("\n", tagged + end + rest.replace("<", "&lt;")))
        prose.close()
        return "".join(prose._parts)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        is_after_break = bool(self._parts) and self._parts[-1] == "\n"
        self._parts.append(data.removeprefix("\n") if is_after_break else data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _HIDDEN:
            self._hidden = tag
        elif tag == "a":
            self._links.append((len(self._parts), values.get("href") or ""))
        elif tag == "img":
            self._parts.append(_with_address(values.get("alt") or "", values.get("src") or ""))
        else:
            self._break(tag, self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"a", *_HIDDEN}:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        elif tag == "a" and self._links:
            start, address = self._links.pop()
            self._parts[start:] = [_with_address("".join(self._parts[start:]), address)]
        elif tag not in _LINES:
            self._break(tag, f"</{tag}>")

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        # Python's own gives up at `<![>`; to a browser all of these are comments.
        return self.parse_bogus_comment(i)

    def _break(self, tag: str, source: str) -> None:
        if tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag in _LINES:
            self._parts.append("\n")
        elif tag not in _INLINE | _HIDDEN:
            self._parts.append(source)


def _with_address(text: str, address: str) -> str:
    """`text (address)`; the address alone where the text is nothing but its beginning."""
    address = address.strip()
    if not address.lower().startswith(("http://", "https://", "mailto:")):
        return text
    beginning = text.strip().rstrip(".…")
    is_said = address.startswith(beginning) or address.partition(":")[2].lstrip("/").startswith(beginning)
    return address if is_said else f"{text} ({address})"
