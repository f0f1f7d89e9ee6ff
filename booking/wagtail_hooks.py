from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.admin.ui.components import Component
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from booking.models import AppointmentRequest, ConsentText, Practitioner, Service

PANEL_SIZE = 5
# Wagtail's list of things to reorder builds an address with the number 999999, which is no UUID.
PK_PATH_CONVERTER = "str"


class AnswerOnlyPolicy(ModelPermissionPolicy):
    """Requests come from the site: in the admin they are read and answered, not made or deleted by hand."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in {"add", "delete"} and bool(super().user_has_permission(user, action))


class AppendOnlyPolicy(ModelPermissionPolicy):
    """A new version may be added; what somebody agreed to stays as it was."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in {"change", "delete"} and bool(super().user_has_permission(user, action))


class WishesPanel(Panel):
    """The preferred half-days in words: their field holds JSON, which nobody at reception reads."""

    class BoundPanel(Panel.BoundPanel):
        def render_html(self, parent_context: Any = None) -> SafeString:
            return format_html("<p>{}</p>", self.instance.wishes)


class RequestViewSet(SnippetViewSet):
    model = AppointmentRequest
    icon = "mail"
    menu_label = "Requests"
    list_display = ["reference", "name", "service", "wishes", "status", "created_at"]
    list_filter = ["status", "service", "practitioner"]
    ordering = ["-created_at"]
    copy_view_enabled = False
    inspect_view_enabled = True
    panels = [
        MultiFieldPanel([FieldPanel("status"), FieldPanel("assigned_to"), FieldPanel("staff_note")], heading="Answer"),
        MultiFieldPanel(
            [
                FieldPanel("reference", read_only=True),
                FieldPanel("name", read_only=True),
                FieldPanel("email", read_only=True),
                FieldPanel("phone", read_only=True),
                FieldPanel("service", read_only=True),
                FieldPanel("practitioner", read_only=True),
                WishesPanel(heading="Wishes"),
                FieldPanel("message", read_only=True),
                FieldPanel("consent", read_only=True),
            ],
            heading="What was asked for",
        ),
    ]


class ServiceViewSet(SnippetViewSet):
    model = Service
    icon = "list-ul"
    menu_label = "Services"
    list_display = ["name", "duration_minutes", "price", "is_offered"]
    sort_order_field = "sort_order"
    pk_path_converter = PK_PATH_CONVERTER


class PractitionerViewSet(SnippetViewSet):
    model = Practitioner
    icon = "group"
    menu_label = "Practitioners"
    list_display = ["name", "role", "is_active"]
    sort_order_field = "sort_order"
    pk_path_converter = PK_PATH_CONVERTER


class ConsentTextViewSet(SnippetViewSet):
    model = ConsentText
    icon = "form"
    menu_label = "Consent texts"
    list_display = ["version", "text", "created_at"]
    copy_view_enabled = False


class BookingGroup(SnippetViewSetGroup):
    menu_label = "Appointments"
    menu_icon = "date"
    menu_order = 160
    items = [RequestViewSet, ServiceViewSet, PractitionerViewSet, ConsentTextViewSet]


register_permission_policy(AppointmentRequest, AnswerOnlyPolicy(AppointmentRequest))
register_permission_policy(ConsentText, AppendOnlyPolicy(ConsentText))
register_snippet(BookingGroup)


class WaitingRequests(Component):
    """The home page's answer to: who waits for an appointment?"""

    order = 90
    template_name = "booking/admin/waiting_requests.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        waiting = AppointmentRequest.objects.waiting().select_related("service")
        return {"requests": waiting[:PANEL_SIZE], "count": waiting.count()}


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm("booking.view_appointmentrequest"):
        panels.append(WaitingRequests())
