from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.audit import report
from consent.audit.compare import Level
from consent.audit.register import AuditError

NO_PLAYWRIGHT = "Playwright is missing. Install what the audit needs: pip install -r requirements-dev.txt"
FOUND, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    help = (
        "Walk the site in a real browser in every state of consent. Ends with 1 if anything is stored or loaded that "
        "the register does not allow in that state, with 2 if the audit could not be made."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="The site to audit, by default %(default)s.")
        parser.add_argument("--states", default="", help="Only these states, separated by commas.")
        parser.add_argument("--pages", default="", help="Only these paths, separated by commas, not the whole sitemap.")
        parser.add_argument("--max-pages", type=int, default=0, help="At most this many pages; 0 for all.")
        parser.add_argument("--junit", type=Path, help="Write JUnit XML into this file.")
        parser.add_argument("--html", type=Path, help="Write the report for people into this file.")
        parser.add_argument("--browser", default="", help="The Chromium to use, by default the first on PATH.")
        parser.add_argument("--offline", action="store_true", help="Write requests to other hosts down, send none.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            audit = self._audit(options)
        except AuditError as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error
        self._tell(audit, options["junit"], options["html"])
        errors = [finding for finding in audit.findings if finding.level is Level.ERROR]
        if errors:
            raise CommandError("The site does something that its register does not allow.", returncode=FOUND)
        self.stdout.write("\nThe site does nothing that its register does not allow.")

    def _audit(self, options: dict[str, Any]) -> report.Audit:
        try:
            from consent.audit.run import run
        except ModuleNotFoundError as error:
            raise AuditError(NO_PLAYWRIGHT) from error
        return run(
            options["url"],
            states=options["states"],
            only=options["pages"],
            limit=options["max_pages"],
            executable=options["browser"],
            is_offline=options["offline"],
            say=self._say,
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _tell(self, audit: report.Audit, junit: Path | None, html: Path | None) -> None:
        self.stdout.write("")
        for line in report.lines(audit):
            self.stdout.write(line)
        if junit:
            junit.write_text(report.junit(audit))
        if html:
            html.write_text(report.html(audit))
