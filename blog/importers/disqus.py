"""Comments from a Disqus export (Community → Export), unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from blog.importers.elements import closed
from blog.importers.plain_text import one_line, paragraphs
from blog.importers.records import Found, moment
from blog.models import ReaderComment

_NS = "{http://disqus.com}"
_ID = "{http://disqus.com/disqus-internals}id"
_THREAD, _POST = f"{_NS}thread", f"{_NS}post"


def comments_in(path: Path) -> Iterator[Found]:
    addresses: dict[str, str] = {}
    for element in closed(path, root=f"{_NS}disqus", whole=[_THREAD, _POST]):
        if element.tag == _THREAD:
            addresses[element.get(_ID, "")] = _text(element, "link")
        elif element.tag == _POST:
            yield _found(element, addresses.get(_reference(element, "thread"), ""))


def _text(element: Element, path: str) -> str:
    return element.findtext("/".join(f"{_NS}{name}" for name in path.split("/"))) or ""


def _reference(element: Element, name: str) -> str:
    referred = element.find(f"{_NS}{name}")
    return "" if referred is None else referred.get(_ID, "")


def _is(element: Element, name: str) -> bool:
    return _text(element, name).strip().lower() == "true"


def _found(element: Element, address: str) -> Found:
    return Found(
        number=element.get(_ID, ""),
        parent=_reference(element, "parent"),
        address=address,
        name=one_line(_text(element, "author/name")),
        text=paragraphs(_text(element, "message")),
        email=_text(element, "author/email"),
        status=_status(element),
        written=moment(_text(element, "createdAt")),
        skipped="deleted" if _is(element, "isDeleted") else "",
    )


def _status(element: Element) -> str:
    """An export says nothing of approval, except where it says that there was none."""
    if _is(element, "isSpam"):
        return ReaderComment.Status.SPAM
    is_held = _text(element, "isApproved").strip().lower() == "false"
    return ReaderComment.Status.PENDING if is_held else ReaderComment.Status.APPROVED
