from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils import timezone

from blog.importers.plain_text import is_blank

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER_BY = timedelta(days=1)
# What fits into a 64-bit integer.
MAX_DIGITS = 18
MOST_FREQUENT = 20


class UnusableFile(Exception):
    """A file that nothing is taken from; the text says why, in one sentence."""


@dataclass(frozen=True)
class Found:
    """A comment as another system gives it away, its name and text plain already; `skipped` says why it is left."""

    number: str
    address: str
    name: str
    text: str
    status: str
    written: datetime | None
    parent: str = ""
    email: str = ""
    skipped: str = ""


@dataclass
class Summary:
    read: int = 0
    stored: int = 0
    already_there: int = 0
    without_post: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        yield _row("Read", self.read)
        yield _row("Stored", self.stored)
        yield _row("Already there", self.already_there)
        yield _row("Without a post", self.without_post.total())
        yield from (_row(f"  {address}", number) for address, number in self.without_post.most_common(MOST_FREQUENT))
        yield _row("Refused", self.refused.total())
        yield from (_row(f"  {reason}", number) for reason, number in self.refused.most_common())


def _row(label: str, number: int) -> str:
    return f"{label:<40} {number:>8}"


def moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """A date and time as exports write it; in `zone` where it names none; None where it is neither."""
    try:
        value = datetime.fromisoformat(text.strip())
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def as_number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def refusal(found: Found) -> str:
    """Why a comment is not taken; empty if it is."""
    if found.skipped:
        return found.skipped
    if not found.status:
        return "in a state that is not known here"
    if found.written is None or not EARLIEST <= found.written <= timezone.now() + CLOCKS_DIFFER_BY:
        return "without a possible date"
    return "without a text" if is_blank(found.text) else ""
