from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.ui.components import Component

from outbox.models import Message

LATE = timedelta(minutes=10)


class MailInTrouble(Component):
    """Shown only when there is something to say: mail that could not be sent, or that waits for too long."""

    order = 80
    template_name = "outbox/admin/mail_in_trouble.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"dead": _dead().count(), "late": _late().count()}


def _dead() -> Any:
    return Message.objects.filter(status=Message.Status.DEAD)


def _late() -> Any:
    return Message.objects.filter(status=Message.Status.QUEUED, created_at__lt=timezone.now() - LATE)


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.is_superuser and (_dead().exists() or _late().exists()):
        panels.append(MailInTrouble())
