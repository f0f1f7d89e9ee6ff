from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string

from cms.demo import seed

ADMIN = "admin"


class Command(BaseCommand):
    help = "Fill an empty installation with the demo clinic, and make its first administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        if seed.is_needed():
            seed.seed(self.stdout.write)
        self._first_administrator()

    def _first_administrator(self) -> None:
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        chosen = settings.ADMIN_PASSWORD
        password = chosen or get_random_string(16)
        users.create_superuser(username=ADMIN, password=password)
        shown = "the one in ADMIN_PASSWORD" if chosen else password
        self.stdout.write(f"\nAdministrator: {ADMIN}\nPassword (shown once): {shown}\n")
