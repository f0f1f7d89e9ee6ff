"""
The change journal: what of the public content has changed, by the tags that its answers carry.

A room writes into it in the transaction of the change itself: what is rolled back was never written down, and what is
committed can't be missed. Whoever keeps answers reads it and drops those with the tags that it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal
from django.utils import timezone

from home.statements import Parameter, Statement

KEPT_FOR = timedelta(days=7)
# Sent in the process that made a change, once it is committed.
committed = Signal()


class Change(models.Model):
    tag = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.tag}"


_AFTER: Statement[Any] = Statement(
    lambda: (
        Change.objects.filter(pk__gt=Parameter("after", models.BigIntegerField()))
        .order_by("pk")
        .values("id", "tag", "at")
    )
)
_NEWEST: Statement[Any] = Statement(lambda: Change.objects.order_by("-pk").values("id"))


def record(*tags: str) -> None:
    """Write down that everything with one of these tags is out of date, once this transaction is committed."""
    Change.objects.bulk_create([Change(tag=tag) for tag in dict.fromkeys(tags)])
    transaction.on_commit(partial(committed.send, sender=Change))


def watch(tags_of: Callable[[Any], Iterable[str]], *models: type[models.Model]) -> None:
    """Record the tags of every row of these models that is saved or deleted."""

    def changed(sender: Any, instance: Any, **kwargs: Any) -> None:
        record(*tags_of(instance))

    for model in models:
        for name, signal in (("saved", post_save), ("deleted", post_delete)):
            signal.connect(changed, sender=model, weak=False, dispatch_uid=f"changes.{model._meta.label}.{name}")


def changes_after(number: int, *, limit: int) -> list[Any]:
    """Up to `limit` rows of the journal with larger ids, in their order, each with `id`, `tag` and `at`."""
    return _AFTER.read(after=number, limit=limit)


def newest_changes() -> tuple[int, ...]:
    """The last ids of the journal: others after every change, one whose transaction took its time included."""
    return tuple(row.id for row in _NEWEST.read(limit=50))


def prune() -> int:
    """Forget what everybody has read long ago; how many rows that were."""
    return Change.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]
