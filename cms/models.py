from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone


class DataRequest(models.Model):
    """
    Somebody asks for a copy of what is held about them, or that it is erased.

    It waits for the word of whoever reads the mail of that address, and goes after a day either way.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", "A copy"
        ERASE = "erase", "Erase everything"

    LIFETIME = timedelta(days=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    email = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"Data request {self.id.hex[:8]}"
