"""What else came from whoever sent a comment: a fixed number of queries for a whole page of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from blog.models import ReaderComment

Status = ReaderComment.Status
EXCERPTS = 5
TRACES = ("email_digest", "network")


@dataclass(frozen=True)
class Sender:
    """Other comments with the same address or network: how many of each status, and the newest."""

    counts: list[tuple[str, int]]
    newest: list[ReaderComment]

    @property
    def total(self) -> int:
        return sum(number for _, number in self.counts)


class Senders:
    def __init__(self, comments: Sequence[ReaderComment]) -> None:
        self._values = {name: {getattr(comment, name) for comment in comments} - {""} for name in TRACES}
        self._counted = {names: self._count(*names) for names in (TRACES[:1], TRACES[1:], TRACES)}
        self._newest = {name: self._newest_by(name) for name in TRACES}

    def of(self, comment: ReaderComment) -> Sender:
        counts = [(str(status.label), self._number(comment, status)) for status in Status if status != Status.ERASED]
        return Sender([(label, number) for label, number in counts if number], self._newest_of(comment))

    def _count(self, *names: str) -> Counter[tuple[str, ...]]:
        """How many comments there are, by these traces and status."""
        found = ReaderComment.objects.filter(**{f"{name}__in": self._values[name] for name in names})
        rows = found.values_list(*names, "status").annotate(number=Count("pk")).order_by()
        return Counter({tuple(row[:-1]): row[-1] for row in rows})

    def _number(self, comment: ReaderComment, status: str) -> int:
        """Those of the address, and those of the network, but those of both only once; and not the comment itself."""
        address, network = (
            self._counted[(name,)][getattr(comment, name), status] if getattr(comment, name) else 0 for name in TRACES
        )
        both = self._counted[TRACES][comment.email_digest, comment.network, status] if address and network else 0
        is_own = bool(comment.email_digest or comment.network) and comment.status == status
        return address + network - both - is_own

    def _newest_by(self, name: str) -> dict[str, list[ReaderComment]]:
        # One more than is shown: the comment itself may be among them.
        place = Window(RowNumber(), partition_by=F(name), order_by=[F("created_at").desc(), F("pk")])
        found = ReaderComment.objects.filter(**{f"{name}__in": self._values[name]}).exclude(status=Status.ERASED)
        newest: dict[str, list[ReaderComment]] = {}
        for comment in found.annotate(place=place).filter(place__lte=EXCERPTS + 1):
            newest.setdefault(getattr(comment, name), []).append(comment)
        return newest

    def _newest_of(self, comment: ReaderComment) -> list[ReaderComment]:
        found: dict[uuid.UUID, Any] = {}
        for name in TRACES:
            found |= {other.pk: other for other in self._newest[name].get(getattr(comment, name), [])}
        found.pop(comment.pk, None)
        return sorted(found.values(), key=lambda other: other.created_at, reverse=True)[:EXCERPTS]
