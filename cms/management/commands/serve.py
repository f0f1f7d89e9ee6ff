from __future__ import annotations

import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from wagtail.models import Locale, Site

WORKERS = "2"
GRANIAN = [
    "--interface=wsgi",
    f"--workers={WORKERS}",
    "--blocking-threads=64",  # a client that sends its body slowly holds one
    "--no-ws",
    "--http=1",
    "--respawn-failed-workers",  # without it one dead worker ends the server
    "--workers-kill-timeout=10",
    "--http1-header-read-timeout=10000",
    "--http1-buffer-size=32768",
    "--no-access-log",
    "--log-level=error",
]


class Command(BaseCommand):
    help = "Everything the site needs: migrations, the demo on an empty database, the web server and the worker."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.API_URL:
            self._prepare()
        self._announce()
        Supervisor(self._commands()).run()

    def _prepare(self) -> None:
        self.stdout.write("Bringing the database up to date")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("seed_demo", stdout=self.stdout)
        _address_site()
        _name_language()

    def _announce(self) -> None:
        self.stdout.write(f"\nThe site:  {settings.SITE_URL}/")
        if not settings.API_URL:
            self.stdout.write(f"The admin: {settings.SITE_URL}/admin/")
            self.stdout.write(f"The API:   {settings.SITE_URL}/api/v1/docs/")
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()

    def _commands(self) -> list[list[str]]:
        listen = [f"--host={settings.HOST}", f"--port={settings.PORT}"]
        web = [sys.executable, "-m", "granian", *GRANIAN, *listen, "cms.wsgi:application"]
        worker = [sys.executable, sys.argv[0], "worker"]
        return [web] if settings.API_URL else [web, worker]


def _address_site() -> None:
    """Wagtail builds absolute links from its own record of the site's address: SITE_URL is the truth."""
    url = urlsplit(settings.SITE_URL)
    hostname, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port) != (hostname, port):
        site.hostname, site.port = hostname, port
        site.save()


def _name_language() -> None:
    """Wagtail makes pages in the locale of the site's language: the pages that are there have to be in it too."""
    pages = Locale.all_objects.filter(pk=Site.objects.get(is_default_site=True).root_page.locale_id)
    if not Locale.all_objects.filter(language_code=settings.LANGUAGE_CODE).exists():
        pages.update(language_code=settings.LANGUAGE_CODE)


class Supervisor:
    """Runs commands side by side, starts one that ends again, and ends them all when it is told to stop."""

    RESTART_SECONDS = 1.0

    def __init__(self, commands: list[list[str]]) -> None:
        self.commands = commands
        self.processes: list[subprocess.Popen[bytes]] = []
        self.is_stopping = False

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self.processes = [self._start(command) for command in self.commands]
        while not self.is_stopping:
            time.sleep(self.RESTART_SECONDS)
            self._restart_ended()
        for process in self.processes:
            process.wait()

    def _restart_ended(self) -> None:
        for place, process in enumerate(self.processes):
            if process.poll() is not None and not self.is_stopping:
                self.processes[place] = self._start(self.commands[place])

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        # A session of its own: a Ctrl-C reaches this process alone, which then stops the others in order.
        return subprocess.Popen(command, start_new_session=True)  # noqa: S603

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True
        for process in self.processes:
            process.terminate()
