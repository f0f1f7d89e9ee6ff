from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from consent import seals


class Command(BaseCommand):
    help = "Seal the receipts of every whole day that is not sealed yet. The worker does this by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{seals.seal_days()} days sealed.")
