"""
Where comments wait until their file was read to its end: a temporary SQLite file that goes when it is closed.

Whatever order they came in, they leave it thread by thread, each after the one that it answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Self

_TABLE = """
CREATE TABLE comment (
    number INTEGER PRIMARY KEY, post INTEGER NOT NULL, parent INTEGER, is_kept INTEGER NOT NULL, written TEXT NOT NULL,
    status TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, email TEXT NOT NULL, digest TEXT NOT NULL,
    thread INTEGER, level INTEGER
);
CREATE INDEX by_parent ON comment (parent);
CREATE INDEX by_level ON comment (level, written);
"""
_BEGINNINGS = """
UPDATE comment SET level = 0, thread = CASE WHEN is_kept THEN number END
WHERE NOT EXISTS (SELECT 1 FROM comment AS above WHERE above.number = comment.parent AND above.post = comment.post)
"""
# An answer to one that is not kept stays in the thread, if that has a beginning; otherwise it is one.
_ANSWERS = """
UPDATE comment SET
    level = above.level + 1,
    thread = coalesce(above.thread, CASE WHEN comment.is_kept THEN comment.number END),
    parent = CASE WHEN above.is_kept THEN above.number END
FROM comment AS above
WHERE above.level = ? AND comment.parent = above.number AND comment.level IS NULL
"""
# Comments that answer each other in a circle: the oldest begins.
_OPENED = """
UPDATE comment SET level = 0, parent = NULL, thread = CASE WHEN is_kept THEN number END
WHERE number = (SELECT number FROM comment WHERE level IS NULL ORDER BY written, number LIMIT 1)
"""
_KEPT = """
SELECT number, post, parent, written, status, name, body, email, digest, thread
FROM comment WHERE is_kept ORDER BY thread, level, written, number
"""


class Entry(NamedTuple):
    """A comment that can be stored. `parent` and `thread` are numbers in the other system."""

    number: int
    post: int
    parent: int | None
    written: str
    status: str = ""
    name: str = ""
    body: str = ""
    email: str = ""
    digest: str = ""
    thread: int = 0

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.written)


class Spool:
    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA journal_mode = OFF; {_TABLE}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._database.close()

    def add(self, entry: Entry, *, is_kept: bool) -> bool:
        """Whether its number is a new one. What is not kept only says where answers to it belong."""
        row = (*entry[:3], is_kept, *entry[3:9])
        added = self._database.execute(f"INSERT OR IGNORE INTO comment VALUES ({'?, ' * 10}NULL, NULL)", row)  # noqa: S608
        return added.rowcount == 1

    def arrange(self) -> None:
        """Find the thread of each comment, and how deep in it it stands."""
        self._database.execute(_BEGINNINGS)
        self._descend()
        while self._database.execute(_OPENED).rowcount:
            self._descend()

    def _descend(self) -> None:
        level = 0
        while self._database.execute(_ANSWERS, [level]).rowcount:
            level += 1

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM comment WHERE is_kept").fetchone()[0])

    def batches(self, size: int) -> Iterator[list[Entry]]:
        rows = self._database.execute(_KEPT)
        while batch := rows.fetchmany(size):
            yield [Entry(*row) for row in batch]
