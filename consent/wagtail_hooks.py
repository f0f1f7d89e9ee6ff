from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.admin.ui.components import Component
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import DeleteView, SnippetViewSet, SnippetViewSetGroup

from consent import services, statistics
from consent.forms import PurposeForm, ServiceForm
from consent.models import Purpose, Receipt, Service


class FixedPolicy(ModelPermissionPolicy):
    """The purposes are part of the public contract: they are worded, not made or deleted."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in {"add", "delete"} and bool(super().user_has_permission(user, action))


class AskedAgainPanel(HelpPanel):
    """What saving will do to visitors who chose."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"template": "consent/admin/asked_again.html", **kwargs})

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "number": statistics.asked_again_by(self.instance)}


class PurposeViewSet(SnippetViewSet):
    model = Purpose
    icon = "tag"
    menu_label = "Purposes"
    list_display = ["group", "basis", "refused_by_gpc"]
    ordering = ["group__ordering"]
    copy_view_enabled = False
    base_form_class = PurposeForm
    panels = [
        AskedAgainPanel(),
        FieldPanel("name"),
        FieldPanel("description"),
        FieldPanel("asks_again"),
        FieldPanel("basis"),
        FieldPanel("refused_by_gpc"),
    ]

    def get_form_class(self, for_update: bool = False) -> type[PurposeForm]:
        return PurposeForm


class SwitchOffView(DeleteView):
    """Deleting a service takes everything it stores out of the register too."""

    def delete_action(self) -> None:
        services.switch_off(self.object)


class ServiceViewSet(SnippetViewSet):
    model = Service
    icon = "plug"
    menu_label = "Services"
    list_display = ["__str__", "purpose", "account"]
    copy_view_enabled = False
    delete_view_class = SwitchOffView

    def get_form_class(self, for_update: bool = False) -> type[ServiceForm]:
        return ServiceForm


class CookieGroupOfSnippets(SnippetViewSetGroup):
    menu_label = "Cookies"
    menu_icon = "lock"
    menu_order = 170
    items = [PurposeViewSet, ServiceViewSet]


register_permission_policy(Purpose, FixedPolicy(Purpose))
register_snippet(CookieGroupOfSnippets)


def report(request: HttpRequest) -> HttpResponse:
    """Choices by week and purpose, and what the browser blocked."""
    context = {
        "weeks": statistics.weeks(),
        "purposes": statistics.granted_by_purpose(),
        "blocked": statistics.blocked_loads(),
        "actions": Receipt.Action.choices,
    }
    return render(request, "consent/admin/report.html", context)


@hooks.register("register_admin_urls")
def report_url() -> list[Any]:
    return [path("reports/cookie-choices/", report, name="consent_report")]


@hooks.register("register_reports_menu_item")
def report_menu_item() -> MenuItem:
    return MenuItem("Cookie choices", reverse("consent_report"), icon_name="lock", order=900)


class BlockedLoads(Component):
    """Shown only when a page tried to load something that nobody declared."""

    order = 310
    template_name = "consent/admin/blocked_loads.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"blocked": statistics.blocked_loads(limit=5)}


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if statistics.blocked_loads(limit=1):
        panels.append(BlockedLoads())
