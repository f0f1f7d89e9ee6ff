"""What waits, seen from elsewhere in the admin: the menu, the home page, its summary."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.sidebar import LinkMenuItem

from booking.admin.access import may_handle
from booking.models import AppointmentRequest

PANEL_SIZE = 5


class ReceptionMenuItem(MenuItem):
    """Its label counts what waits."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_handle(request.user)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        count = AppointmentRequest.objects.waiting().count()
        label = f"{self.label} ({count})" if count else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


class WaitingRequests(Component):
    """The home page's answer to: who waits for an appointment?"""

    order = 90
    template_name = "booking/admin/waiting_requests.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        waiting = AppointmentRequest.objects.waiting().select_related("service")
        return {"requests": waiting[:PANEL_SIZE], "count": waiting.count()}


class WaitingSummary(SummaryItem):
    order = 400
    template_name = "booking/admin/summary.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"count": AppointmentRequest.objects.waiting().count()}

    def is_shown(self) -> bool:
        return may_handle(self.request.user)
