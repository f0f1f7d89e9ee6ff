from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from outbox.models import Message
from outbox.reports import PERMISSION, MailView, SendAgainView, SendDeadAgainView


class MailInTrouble(Component):
    """Shown only when there is something to say: mail that could not be sent, or that waits for too long."""

    order = 80
    template_name = "outbox/admin/mail_in_trouble.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"dead": Message.objects.dead().count(), "late": Message.objects.late().count()}


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm(PERMISSION) and Message.objects.in_trouble().exists():
        panels.append(MailInTrouble())


@hooks.register("register_admin_urls")
def mail_urls() -> list[Any]:
    return [
        path("reports/mail/", MailView.as_view(), name="outbox_mail"),
        path("reports/mail/results/", MailView.as_view(results_only=True), name="outbox_mail_results"),
        path("reports/mail/send-again/", SendDeadAgainView.as_view(), name="outbox_send_dead_again"),
        path("reports/mail/<uuid:pk>/send-again/", SendAgainView.as_view(), name="outbox_send_again"),
    ]


class MailMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)


@hooks.register("register_reports_menu_item")
def mail_menu_item() -> MenuItem:
    return MailMenuItem("Mail", reverse("outbox_mail"), icon_name="mail", order=890)


@hooks.register("register_permissions")
def mail_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="outbox", codename="resend_message")


@hooks.register("register_log_actions")
def mail_log_actions(actions: Any) -> None:
    actions.register_action("outbox.resend", "Send mail again", "Mail sent again")
