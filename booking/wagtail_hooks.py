"""What booking adds to the admin, each thing in a file of its own under `booking/admin/`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from booking.admin import log, urls
from booking.admin.access import may_handle
from booking.admin.feeds import CHANGE
from booking.admin.finders import AppointmentFinder, RequestFinder
from booking.admin.panels import ReceptionMenuItem, WaitingRequests, WaitingSummary
from booking.admin.policies import AppendOnlyPolicy, DeskOnlyPolicy
from booking.admin.viewsets import BookingGroup
from booking.models import Appointment, AppointmentRequest, ConsentText, Practitioner

register_permission_policy(AppointmentRequest, DeskOnlyPolicy(AppointmentRequest))
register_permission_policy(Appointment, DeskOnlyPolicy(Appointment))
register_permission_policy(ConsentText, AppendOnlyPolicy(ConsentText))
register_admin_url_finder(AppointmentRequest, RequestFinder)
register_admin_url_finder(Appointment, AppointmentFinder)
register_snippet(BookingGroup)


@hooks.register("register_admin_urls")
def reception_urls() -> list[Any]:
    return urls.urlpatterns


@hooks.register("register_admin_menu_item")
def reception_menu_item() -> MenuItem:
    return ReceptionMenuItem("Reception", reverse("reception"), name="reception", icon_name="date", order=90)


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if may_handle(request.user):
        panels.append(WaitingRequests())


@hooks.register("construct_homepage_summary_items")
def add_summary(request: HttpRequest, items: list[SummaryItem]) -> None:
    items.append(WaitingSummary(request))


@hooks.register("register_snippet_listing_buttons")
def feed_button(snippet: Any, user: Any, next_url: str | None = None) -> list[Button]:
    if not isinstance(snippet, Practitioner) or not user.has_perm(CHANGE):
        return []
    return [Button("Calendar feed", url=reverse("booking_feed_of", args=[snippet.pk]), icon_name="date", priority=50)]


@hooks.register("register_permissions")
def booking_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(
        content_type__app_label="booking", codename__in=["handle_request", "export_request"]
    )


@hooks.register("register_log_actions")
def booking_log_actions(actions: Any) -> None:
    log.register(actions)
