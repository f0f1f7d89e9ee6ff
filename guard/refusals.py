"""
How often a form was refused, and why: what an editor looks at before making a form harder or easier to send.

A flood of refused forms must not become a flood of writes: the first refusal is written at once, those that follow
within a second together with the next one, or when the process ends.
"""

from __future__ import annotations

import atexit
import logging
import time
from collections import Counter
from threading import Lock

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from guard.models import Refusal

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
_lock = Lock()
_pending: Counter[tuple[str, str]] = Counter()
_written_at = 0.0


def count(*, form: str, reason: str) -> None:
    """One refused form; `reason` is the code of the answer."""
    global _written_at
    with _lock:
        _pending[form, reason] += 1
        if time.monotonic() - _written_at < EVERY_SECONDS:
            return
        _written_at = time.monotonic()
    write()


@atexit.register
def write() -> None:
    """Write what is counted so far; what can't be written now is counted with the next."""
    with _lock:
        counted = Counter(_pending)
        _pending.clear()
    try:
        with transaction.atomic():
            for (form, reason), number in counted.items():
                _add(form, reason, number)
    except DatabaseError as error:
        log.warning("guard: refusals are not written (%s)", type(error).__name__)
        with _lock:
            _pending.update(counted)


def _add(form: str, reason: str, number: int) -> None:
    row, _ = Refusal.objects.get_or_create(day=timezone.localdate(), form=form, reason=reason)
    Refusal.objects.filter(pk=row.pk).update(count=F("count") + number)
