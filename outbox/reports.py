"""The page Mail under Reports: what is in trouble, and the buttons that send it again."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.base import BaseOperationView
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.views.reports.base import ReportView

from outbox import kinds
from outbox.models import Message
from outbox.services import send_again, send_dead_again

PERMISSION = "outbox.resend_message"
ALL = ("all", "All")


class MailFilterSet(WagtailFilterSet):
    """Whoever chooses nothing sees what is in trouble."""

    status = django_filters.ChoiceFilter(
        label="Status",
        choices=[*Message.Status.choices, ALL],
        empty_label="In trouble",
        method="filter_status",
        widget=forms.RadioSelect,
    )
    kind = django_filters.ChoiceFilter(label="Kind", choices=kinds.choices, empty_label="All", widget=forms.RadioSelect)

    class Meta:
        model = Message
        fields = ["status", "kind"]

    def filter_status(self, mails: QuerySet[Message], name: str, status: str) -> QuerySet[Message]:
        return mails if status == ALL[0] else mails.filter(status=status)

    def filter_queryset(self, queryset: Any) -> Any:
        mails = super().filter_queryset(queryset)
        return mails if self.form.cleaned_data["status"] else mails.in_trouble()


def _status(mail: Any) -> str:
    return "Late" if mail.is_late else mail.get_status_display()


def _next_attempt(mail: Message) -> str:
    is_waiting = mail.status == Message.Status.QUEUED
    return date_format(timezone.localtime(mail.next_attempt_at), "j M, H:i") if is_waiting else ""


class SendAgainColumn(Column):
    """A button for every mail that is in trouble."""

    cell_template_name = "outbox/admin/send_again_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        # A cell is rendered by itself: without this its form would go out with an empty token.
        return {**context, "kind": kinds.label(instance.kind), "csrf_token": get_token(parent_context["request"])}


class MailView(ReportView):
    model = Message
    permission_required = "resend"
    page_title = "Mail"
    header_icon = "mail"
    template_name = "outbox/admin/mail.html"
    results_template_name = "outbox/admin/mail_results.html"
    index_url_name = "outbox_mail"
    index_results_url_name = "outbox_mail_results"
    filterset_class = MailFilterSet
    default_ordering = "-created_at"
    columns = [
        Column("kind", label="Kind", accessor=lambda mail: kinds.label(mail.kind)),
        StatusTagColumn("status", label="Status", accessor=_status, primary=lambda mail: mail.is_in_trouble),
        Column("attempts", label="Attempts"),
        DateColumn("created_at", label="Queued", sort_key="created_at"),
        Column("next_attempt_at", label="Next attempt", accessor=_next_attempt),
        Column("last_error", label="Last error"),
        SendAgainColumn("again", label="Send again"),
    ]

    def get_base_queryset(self) -> Any:
        return Message.objects.with_trouble()

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "dead": Message.objects.dead().count()}

    @property
    def no_results_message(self) -> str:
        return "No such mail." if self.is_filtering else "No mail is in trouble."


class SendAgainView(PermissionCheckedMixin, BaseOperationView):
    model = Message
    permission_required = "resend"

    def perform_operation(self) -> None:
        if send_again(message=self.object, user=self.request.user):
            messages.success(self.request, "The mail goes out again within a few seconds.")
        else:
            messages.warning(self.request, "There is nothing to send again: the mail went, or is just being sent.")

    def get_success_url(self) -> str:
        return reverse("outbox_mail")


class SendDeadAgainView(PermissionCheckedMixin, View):
    model = Message
    permission_required = "resend"

    def post(self, request: HttpRequest) -> HttpResponse:
        number = send_dead_again(user=request.user)
        messages.success(request, f"Mails that go out again within a few minutes: {number}.")
        return redirect("outbox_mail")
