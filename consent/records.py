"""What is kept for proof: the words that were shown, the choices that were made, and what the browser blocked."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models


def canonical(document: Any) -> bytes:
    """The bytes a hash is of: JSON with sorted keys, no spaces, UTF-8, as RFC 8785 has it."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Revision(models.Model):
    """Everything a visitor was shown when choosing, as it was: never changed, and kept while a receipt needs it."""

    number = models.PositiveIntegerField(primary_key=True)
    document = models.JSONField()
    hash = models.CharField(max_length=71)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "number"

    def __str__(self) -> str:
        return f"Revision {self.number}"


class Receipt(models.Model):
    """
    One choice of one visitor, bound to what was shown. It knows no address, page, browser or account.

    `record` is the canonical JSON of the other columns as they were written, and `digest` its hash: a row that was
    altered later no longer agrees with one of them.
    """

    class Action(models.TextChoices):
        ACCEPT_ALL = "accept_all", "Accepted all"
        REJECT_ALL = "reject_all", "Rejected all"
        CUSTOM = "custom", "Chose by purpose"
        WITHDRAW = "withdraw", "Withdrew"
        ONCE = "once", "Allowed one frame once"

    class Surface(models.TextChoices):
        BAR = "bar", "Banner"
        SETTINGS = "settings", "Settings page"
        CARD = "card", "Card of a video or map"

    id = models.CharField(max_length=22, primary_key=True)
    decided_at = models.DateTimeField(db_index=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="receipts")
    action = models.CharField(max_length=16, choices=Action.choices)
    choices = models.JSONField()
    surface = models.CharField(max_length=16, choices=Surface.choices)
    gpc = models.BooleanField(default=False)
    record = models.TextField(editable=False)
    digest = models.CharField(max_length=71, editable=False)

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return f"Receipt {self.id[:6]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once: a receipt that could be saved again would prove nothing."""
        self.record = self.expected_record()
        self.digest = digest(self.record.encode())
        super().save(*args, **{**kwargs, "force_insert": True})

    def expected_record(self) -> str:
        """The canonical JSON of the columns as they are now."""
        columns = {
            "id": self.id,
            "decided_at": int(self.decided_at.timestamp()),
            "revision": self.revision_id,
            "revision_hash": self.revision.hash,
            "action": str(self.action),
            "choices": self.choices,
            "surface": str(self.surface),
            "gpc": self.gpc,
        }
        return canonical(columns).decode()


class Seal(models.Model):
    """A day's receipts under one hash that also covers the seal before: none can be added, cut or changed unseen."""

    day = models.DateField(primary_key=True)
    count = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=71, blank=True)
    hash = models.CharField(max_length=71)
    is_pruned = models.BooleanField(default=False)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"Seal of {self.day}"


class BlockedLoad(models.Model):
    """What a page tried to load and the browser blocked: a count a day, so that reports can't fill the disk."""

    day = models.DateField()
    directive = models.CharField(max_length=40)
    host = models.CharField(max_length=120)
    path = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "directive", "host", "path"], name="consent_one_count_a_load")
        ]

    def __str__(self) -> str:
        return f"{self.directive} {self.host}"
