from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from blog.models import ReaderComment
from home.site_settings import SiteSettings
from outbox import kinds


def register() -> None:
    kinds.register("blog.comments_waiting", comments_waiting)


def comments_waiting(context: dict[str, Any]) -> EmailMessage | None:
    """To the clinic: how many comments wait, and where. No text and no link that decides anything by itself."""
    site = SiteSettings.current()
    number = ReaderComment.objects.waiting().count()
    if not number or not site.email:
        return None
    waiting = "1 comment waits" if number == 1 else f"{number} comments wait"
    return EmailMessage(
        subject=f"{waiting} on {site.name}",
        body=f"{waiting} for somebody to read it.\n\n{settings.SITE_URL}/admin/\n",
        to=[site.email],
    )
