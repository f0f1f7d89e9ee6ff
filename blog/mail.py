from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import ngettext

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
    words = {"number": number, "site": site.name}
    subject = ngettext("%(number)d comment waits on %(site)s", "%(number)d comments wait on %(site)s", number)
    body = ngettext(
        "%(number)d comment waits for somebody to read it.",
        "%(number)d comments wait for somebody to read it.",
        number,
    )
    return EmailMessage(
        subject=subject % words,
        body=f"{body % words}\n\n{settings.SITE_URL}/admin/\n",
        to=[site.email],
    )
