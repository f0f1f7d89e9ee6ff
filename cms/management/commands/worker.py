from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from blog.retention import prune as prune_comments
from booking import jobs as booking_jobs
from cms import cdn, pictures
from cms.rights import prune as prune_data_requests
from consent.seals import prune as prune_receipts
from consent.seals import seal_days
from guard.retention import prune as prune_guard
from home import preparing
from home.changes import prune as prune_changes
from outbox.services import prune as prune_outbox
from outbox.services import send_due

log = logging.getLogger(__name__)
PAUSE_SECONDS = 2
MAILS_A_TURN = 10


def _publish_scheduled() -> None:
    call_command("publish_scheduled", verbosity=0)


def _tidy() -> None:
    seal_days()
    prunes = (prune_guard, prune_outbox, prune_comments, booking_jobs.prune, prune_data_requests, prune_receipts)
    for prune in (*prunes, prune_changes):
        prune()
    call_command("clearsessions")


JOBS: dict[str, tuple[Callable[[], Any], int]] = {
    # A few at a time: a slow mail server must not keep a page from appearing at its hour.
    "mail": (partial(send_due, limit=MAILS_A_TURN), PAUSE_SECONDS),
    "scheduled pages": (_publish_scheduled, PAUSE_SECONDS),
    "missing picture sizes": (pictures.note_missing, 60 * 60),
    "picture sizes": (preparing.prepare, PAUSE_SECONDS),
    "reminders": (booking_jobs.remind, 10 * 60),
    "unanswered proposals": (booking_jobs.release_unanswered, 10 * 60),
    "public holidays": (booking_jobs.import_holidays, 10 * 60),
    "tidy up": (_tidy, 60 * 60),
}


class Command(BaseCommand):
    help = "Send mail, publish and expire pages at their time, make missing picture sizes and delete what is too old."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="Do every job once and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            for name in JOBS:
                _run(name)
            return
        if settings.CDN_PURGE:
            cdn.Purges().follow()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        due = dict.fromkeys(JOBS, 0.0)
        while not stop.wait(PAUSE_SECONDS):
            for name, (_, seconds) in JOBS.items():
                if due[name] <= time.monotonic():
                    close_old_connections()
                    _run(name)
                    due[name] = time.monotonic() + seconds


def _run(name: str) -> None:
    """One job. A failure is logged and tried again at its next time: it must not stop the others."""
    try:
        JOBS[name][0]()
    except Exception:
        log.exception("worker: %s failed", name)
