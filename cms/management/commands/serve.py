from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cms import server
from cms.supervisor import Supervisor, run_command


class Command(BaseCommand):
    help = "Everything the site needs: migrations, the demo on an empty database, the web server and the worker."
    requires_system_checks = []  # `prepare` makes them, at the same time as this process loads the rest

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor()
        preparation = supervisor.start("gait: prepare", partial(run_command, "prepare"))
        server.load()
        supervisor.finish(preparation)
        self._announce()
        works = {"gait: web": server.serve}
        if not settings.API_URL:
            works["gait: worker"] = partial(run_command, "worker")
        supervisor.run(works)

    def _announce(self) -> None:
        self.stdout.write(f"\nThe site:  {settings.SITE_URL}/")
        if not settings.API_URL:
            self.stdout.write(f"The admin: {settings.SITE_URL}/admin/")
            self.stdout.write(f"The API:   {settings.SITE_URL}/api/v1/docs/")
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()
