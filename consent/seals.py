"""Sealing a day's receipts, and finding out later whether anything was altered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent.models import Receipt, Revision, Seal
from consent.records import canonical, digest

KEPT_FOR = timedelta(days=3 * 365)


def seal_days() -> int:
    """Seal every whole day (UTC) since the last seal; the number of new seals."""
    today = datetime.now(UTC).date()
    last = Seal.objects.order_by("-day").first()
    first_receipt = Receipt.objects.order_by("decided_at").first()
    if last is None and first_receipt is None:
        return 0
    day = last.day + timedelta(days=1) if last else _day_of(first_receipt)
    sealed = 0
    while day < today:
        last = _seal(day, last)
        sealed, day = sealed + 1, day + timedelta(days=1)
    return sealed


def _day_of(receipt: Receipt | None) -> date:
    return receipt.decided_at.astimezone(UTC).date() if receipt else datetime.now(UTC).date()


def _seal(day: date, previous: Seal | None) -> Seal:
    previous_hash = previous.hash if previous else ""
    count, value = _hash_of(day, previous_hash)
    return Seal.objects.create(day=day, count=count, previous_hash=previous_hash, hash=value)


def receipts_of(day: date) -> QuerySet[Receipt]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = Receipt.objects.filter(decided_at__gte=start, decided_at__lt=start + timedelta(days=1))
    return found.select_related("revision").order_by("pk")


def _hash_of(day: date, previous_hash: str) -> tuple[int, str]:
    """`(number of receipts, hash)` of a day: SHA-256 over the previous seal, the day and every receipt's digest."""
    total = hashlib.sha256(f"{previous_hash}\n{day.isoformat()}\n".encode())
    count = 0
    for value in receipts_of(day).values_list("digest", flat=True).iterator():
        total.update(f"{value}\n".encode())
        count += 1
    return count, f"sha256:{total.hexdigest()}"


def faults() -> Iterator[str]:
    """Everything that does not agree with what was recorded, one sentence each; nothing if all is as it was."""
    for revision in Revision.objects.order_by("number").iterator():
        if digest(canonical(revision.document)) != revision.hash:
            yield f"Revision {revision.number}: its document is not the one its hash was made of."
    for receipt in Receipt.objects.select_related("revision").order_by("decided_at", "pk").iterator():
        yield from _faults_of(receipt)
    yield from _seal_faults()


def _faults_of(receipt: Receipt) -> Iterator[str]:
    if digest(receipt.record.encode()) != receipt.digest:
        yield f"Receipt {receipt.pk}: its record is not the one its digest was made of."
    now = receipt.expected_record()
    if now != receipt.record:
        place = next((n for n, (a, b) in enumerate(zip(now, receipt.record, strict=False)) if a != b), len(now))
        around = receipt.record[max(0, place - 20) : place + 20]
        yield f"Receipt {receipt.pk}: its columns differ from its record at byte {place}, near {around!r}."


def _seal_faults() -> Iterator[str]:
    previous: Seal | None = None
    oldest = _oldest_kept()
    for seal in Seal.objects.order_by("day").iterator():
        expected = previous.hash if previous else ""
        if seal.previous_hash != expected or (previous and seal.day != previous.day + timedelta(days=1)):
            yield f"Seal of {seal.day}: it does not follow the seal before it."
        elif not _is_intact(seal, oldest):
            yield f"Seal of {seal.day}: receipts of that day were added, removed or altered."
        previous = seal


def _is_intact(seal: Seal, oldest: date) -> bool:
    """A day's receipts are there as they were sealed, or gone because they were old enough to go."""
    if seal.is_pruned:
        return seal.day < oldest
    return (seal.count, seal.hash) == _hash_of(seal.day, seal.previous_hash)


def _oldest_kept() -> date:
    return (timezone.now() - KEPT_FOR).astimezone(UTC).date()


@transaction.atomic
def prune() -> int:
    """Delete receipts older than KEPT_FOR and mark their days' seals, which stay; the number of receipts that went."""
    until = _oldest_kept()
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    gone = Receipt.objects.filter(decided_at__lt=end).delete()[0]
    Seal.objects.filter(day__lt=until, is_pruned=False).update(is_pruned=True)
    return gone
