from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent import seals
from consent.models import Receipt, Seal

SHOWN = 50


class Command(BaseCommand):
    help = "Check every receipt against its revision and every day's seal. Ends with 1 if anything was altered."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(islice(seals.faults(), SHOWN))
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError("The record was altered.", returncode=1)
        self.stdout.write(
            f"{Receipt.objects.count()} receipts and {Seal.objects.count()} seals are as they were recorded."
        )
