"""Where the log's lines lead to."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from booking.admin.access import may_handle


class _DeskFinder:
    page = ""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, instance: Any) -> str | None:
        return reverse(self.page, args=[instance.pk]) if self.user is None or may_handle(self.user) else None


class RequestFinder(_DeskFinder):
    page = "reception_request"


class AppointmentFinder(_DeskFinder):
    page = "reception_appointment"
