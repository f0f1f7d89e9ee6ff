from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from wagtail.models import Locale, Site

from cms.migrated import is_migrated


class Command(BaseCommand):
    requires_system_checks = []  # `migrate` makes them: they find nothing new in a version that ran before
    help = "What has to be done before the site answers: migrations, and the demo on an empty database."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.API_URL:
            return
        if not is_migrated():
            self.stdout.write("Bringing the database up to date")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        call_command("seed_demo", stdout=self.stdout)
        _address_site()
        _name_language()


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
