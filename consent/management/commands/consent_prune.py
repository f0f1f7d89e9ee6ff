from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from consent import seals


class Command(BaseCommand):
    help = "Delete receipts older than three years. Their days' seals and all revisions stay. The worker does this too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{seals.prune()} receipts deleted.")
