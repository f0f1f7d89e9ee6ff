"""Comments from Isso's database, a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from blog.importers.plain_text import one_line, paragraphs
from blog.importers.records import Found, UnusableFile
from blog.models import ReaderComment

_STATUS = {1: ReaderComment.Status.APPROVED, 2: ReaderComment.Status.PENDING}
_DELETED = 4
_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('comments', 'threads')"
# What identifies a visitor beyond name and address (remote_addr, website, voters) is not read.
_COMMENTS = """
SELECT comments.id, comments.parent, threads.uri, mode, created, text, author, email
FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.id
"""


def comments_in(path: Path) -> Iterator[Found]:
    if not path.is_file():
        raise UnusableFile(f"{path} can’t be read: there is no such file.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            _check(database, path.name)
            total = database.execute("SELECT count(*) FROM comments").fetchone()[0]
            for row in tqdm(database.execute(_COMMENTS), total=total, desc="Reading", disable=None):
                yield _found(*row)
    except sqlite3.Error as error:
        raise UnusableFile(f"{path.name} is damaged or no database of Isso’s ({error}).") from error


def _check(database: sqlite3.Connection, name: str) -> None:
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # A view under a table's name would be somebody else's query.
    database.execute("PRAGMA trusted_schema = OFF")
    if database.execute(_TABLES).fetchone()[0] != 2:
        raise UnusableFile(f"{name} is a database, but none of Isso’s.")


def _found(number: Any, parent: Any, uri: Any, mode: Any, created: Any, text: Any, author: Any, email: Any) -> Found:
    return Found(
        number=_text(number),
        parent=_text(parent),
        address=_text(uri),
        name=one_line(_text(author)),
        text=paragraphs(_text(text)),
        email=_text(email),
        status=_STATUS.get(mode, ""),
        written=_written(created),
        skipped="deleted" if mode == _DELETED else "",
    )


def _text(value: Any) -> str:
    """A column as text: SQLite keeps in it whatever was put there."""
    return "" if value is None or isinstance(value, bytes) else str(value)


def _written(created: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(created), tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
