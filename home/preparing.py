"""
When the sizes of pictures are made.

Whoever publishes a picture notes in the same transaction that sizes of it are missing. The one file that a page needs
to show it at all is made right after the commit; the worker makes the others, so that no editor waits for them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.images import get_image_model

from home import changes, renditions
from home.pending import MAX_ATTEMPTS, PendingRenditions
from home.renditions import Use

log = logging.getLogger(__name__)

TURN_SECONDS = 2.0
ROWS_A_TURN = 50
LEASE = timedelta(seconds=30)
# The worker lets whoever publishes make the first file: two that do the same at once keep the editor waiting.
HEAD_START = timedelta(seconds=5)
RETRY = timedelta(seconds=20)
TAGS = ("posts", "site")  # of all that shows pictures
INTERRUPTED = "The work on it was interrupted."


class Role(NamedTuple):
    """A use by id: what is noted in one transaction and done after it."""

    picture_id: int
    preset: str


def roles_of(uses: Iterable[Use]) -> dict[Role, Use]:
    return {Role(use.picture.pk, use.preset): use for use in uses if use.picture is not None}


def note(uses: Iterable[Use], *, delay: timedelta = timedelta(0)) -> list[Role]:
    """Note which of these have sizes missing; those that were noted already are among them."""
    by_role = roles_of(uses)
    renditions.prefetch(use.picture for use in by_role.values())
    incomplete = [role for role, use in by_role.items() if renditions.missing(use)]
    note_roles(incomplete, delay=delay)
    return incomplete


def note_roles(roles: Iterable[Role], *, delay: timedelta) -> None:
    begin = timezone.now() + delay
    rows = [PendingRenditions(picture_id=each.picture_id, preset=each.preset, next_attempt_at=begin) for each in roles]
    PendingRenditions.objects.bulk_create(rows, ignore_conflicts=True)


def make_first(roles: Iterable[Role]) -> int:
    """
    Make the one file that shows each of these pictures at all; how many were made.

    A picture that can't be read is left to the worker, which tells the editors.
    """
    return sum(_make_first(role) for role in roles)


def _make_first(role: Role) -> bool:
    picture, size = _picture(role), renditions.first(role.preset)
    if picture is None or size not in renditions.missing(Use(picture, role.preset)):
        return False
    try:
        return renditions.make_one(picture, size)
    except Exception:
        log.warning("pictures: %s of picture %s can't be made", role.preset, role.picture_id, exc_info=True)
        return False


def _picture(role: Role) -> Any:
    """As it is now: whoever noted the role may have read it before a change."""
    return get_image_model()._default_manager.filter(pk=role.picture_id).first()


def publish_first(roles: Iterable[Role]) -> None:
    if make_first(roles):
        changes.record(*TAGS)


def prepare(*, seconds: float = TURN_SECONDS) -> None:
    """Make sizes that are missing, oldest first, for about this long: whoever calls this has other things to do."""
    stop_at = time.monotonic() + seconds
    complete = [row for row in _claimed(stop_at) if _work(row, stop_at)]
    if complete:
        _finish(complete)


def _finish(rows: Iterable[PendingRenditions]) -> None:
    with transaction.atomic():
        if sum(_held(row).delete()[0] for row in rows):
            changes.record(*TAGS)


def _claimed(stop_at: float) -> Iterator[PendingRenditions]:
    """Each taken with one UPDATE when its turn comes: of several workers one gets it."""
    for row in PendingRenditions.objects.due().select_related("picture")[:ROWS_A_TURN]:
        if time.monotonic() >= stop_at:
            return
        until = timezone.now() + LEASE
        if _held(row).update(attempts=F("attempts") + 1, next_attempt_at=until, reason=INTERRUPTED):
            row.attempts, row.next_attempt_at = row.attempts + 1, until
            yield row


def _held(row: PendingRenditions) -> Any:
    """The row unless another process wrote into it: it took it over, or the picture was changed."""
    return PendingRenditions.objects.filter(pk=row.pk, next_attempt_at=row.next_attempt_at)


def _work(row: PendingRenditions, stop_at: float) -> bool:
    """Make a row's files, one at least; whether that was all."""
    try:
        for number, size in enumerate(renditions.missing(row.use)):
            if number and time.monotonic() >= stop_at:
                _held(row).try_again()
                return False
            renditions.make_one(row.picture, size)
    except Exception:
        _postpone(row)
        return False
    return True


def _postpone(row: PendingRenditions) -> None:
    log.warning("pictures: %s can't be made (attempt %s)", row, row.attempts, exc_info=True)
    wait = RETRY if row.attempts < MAX_ATTEMPTS else timedelta(0)
    _held(row).update(reason=_reason(row.picture), next_attempt_at=timezone.now() + wait)


def _reason(picture: Any) -> str:
    is_there = picture.file.storage.exists(picture.file.name)
    return "It could not be prepared: its file may be damaged." if is_there else "Its file is missing."


def look_again(picture: Any) -> None:
    """After a picture was saved: what its focal point no longer fits goes, and what failed is tried again."""
    picture.pending_renditions.all().try_again()
    for rendition in picture.renditions.all():
        if rendition.focal_point_key != rendition.filter.get_cache_key(picture):
            rendition.delete()


class Progress(NamedTuple):
    ready: int
    wanted: int
    is_moving: bool
    failed: list[PendingRenditions]


def progress(uses: Iterable[Use]) -> Progress:
    """How many of the files that these need are there, whether more will come, and which can't be made."""
    by_role = roles_of(uses)
    renditions.prefetch(use.picture for use in by_role.values())
    wanted = sum(len(renditions.wanted(role.preset)) for role in by_role)
    missing = sum(len(renditions.missing(use)) for use in by_role.values())
    rows = PendingRenditions.objects.filter(picture__in={role.picture_id for role in by_role})
    return Progress(wanted - missing, wanted, rows.waiting().exists(), list(rows.failed().select_related("picture")))
