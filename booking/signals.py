from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from home.language import in_site_language

FIRST_CONSENT_TEXT = _(
    "I agree that the clinic uses what I write here, which may say something about my health, to answer my request. "
    "I can take this back at any time by e-mail or phone; the request is then deleted."
)


def connect(config: AppConfig) -> None:
    post_migrate.connect(_migrated, sender=config, dispatch_uid="booking.migrated")


def _migrated(sender: Any, **kwargs: Any) -> None:
    """A new site has a text to agree to from the start."""
    from booking.models import ConsentText

    if not ConsentText.objects.exists():
        with in_site_language():
            ConsentText.objects.create(text=gettext(FIRST_CONSENT_TEXT))
