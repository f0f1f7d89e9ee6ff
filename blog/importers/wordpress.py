"""Comments from a WordPress export (Tools → Export): WXR, an RSS file with elements of WordPress's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from django.utils import timezone

from blog.importers.elements import closed
from blog.importers.plain_text import line, paragraphs
from blog.importers.records import Found, UnusableFile, moment
from blog.models import ReaderComment

# https://developer.wordpress.org/reference/functions/export_wp/: 1.0 to 1.2 have the same comments.
_NAMESPACES = tuple(f"{{http://wordpress.org/export/{version}/}}" for version in ("1.2", "1.1", "1.0"))
_STATUS = {
    "1": ReaderComment.Status.APPROVED,
    "approve": ReaderComment.Status.APPROVED,
    "0": ReaderComment.Status.PENDING,
    "hold": ReaderComment.Status.PENDING,
    "spam": ReaderComment.Status.SPAM,
}
_TRASH = {"trash", "post-trashed"}


def comments_in(path: Path) -> Iterator[Found]:
    address = post_name = ""
    is_ours = False
    for element in closed(path, root="rss", whole=[f"{namespace}comment" for namespace in _NAMESPACES]):
        match _name(element):
            case "wp:wxr_version":
                is_ours = True
            case "link":
                address = element.text or ""
            case "wp:post_name":
                post_name = element.text or ""
            case "wp:comment":
                yield _found(element, _address(address, post_name))
            case "item":
                address = post_name = ""
    if not is_ours:
        raise UnusableFile(f"{path.name} is an RSS file, but no WordPress export.")


def _name(element: Element) -> str:
    for namespace in _NAMESPACES:
        if element.tag.startswith(namespace):
            return f"wp:{element.tag.removeprefix(namespace)}"
    return element.tag


def _address(link: str, post_name: str) -> str:
    """The post's address; of one that is only a number (`/?p=12`) its name, which the export gives beside it."""
    try:
        has_path = urlsplit(link.strip()).path.strip("/")
    except ValueError:
        has_path = ""
    return link if has_path or not post_name else f"/{post_name}/"


def _found(element: Element, address: str) -> Found:
    fields = {_name(child): child.text or "" for child in element}
    parent = fields.get("wp:comment_parent", "").strip()
    state = fields.get("wp:comment_approved", "").strip()
    return Found(
        number=fields.get("wp:comment_id", ""),
        parent="" if parent == "0" else parent,
        address=address,
        name=line(fields.get("wp:comment_author", "")),
        text=paragraphs(fields.get("wp:comment_content", "")),
        email=fields.get("wp:comment_author_email", ""),
        status=_STATUS.get(state, ""),
        written=_written(fields),
        skipped=_skipped(fields.get("wp:comment_type", "").strip(), state),
    )


def _written(fields: dict[str, str]) -> datetime | None:
    in_utc = moment(fields.get("wp:comment_date_gmt", ""))
    return in_utc or moment(fields.get("wp:comment_date", ""), timezone.get_default_timezone())


def _skipped(kind: str, state: str) -> str:
    if kind not in {"", "comment"}:
        return "a pingback, a trackback or a note"
    return "deleted" if state in _TRASH else ""
