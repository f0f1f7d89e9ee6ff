"""Changes that are committed in another order than that of their ids, which PostgreSQL gives when they are written."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from cms.journal import Journal, last_in_database, read_database
from home import changes
from tests.conftest import IN_THREADS, in_threads

pytestmark = [
    IN_THREADS,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite’s transactions write one after another"),
]


def test_change_whose_transaction_ends_later_is_read_later() -> None:
    journal = Journal(read_database, last_in_database)
    journal.poll()
    start = journal.position
    with transaction.atomic():
        changes.record("slow")
        in_threads([lambda: changes.record("quick")])
        in_threads([journal.poll])
        assert not journal.is_current(["quick"], start)
        assert journal.is_current(["slow"], start)
    journal.poll()
    assert not journal.is_current(["slow"], start)


def test_late_change_is_counted_anew() -> None:
    with transaction.atomic():
        changes.record("slow")
        in_threads([lambda: changes.record("quick")])
        (before,) = in_threads([changes.newest_changes])
    assert changes.newest_changes() != before
