"""The report “Refused forms”: what the guard turned away, for whoever makes forms harder or easier to send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from guard.models import Refusal

SEE, CHANGE_PROTECTION = "guard.view_refusal", "guard.change_formprotection"
DAYS = 30
WORDS = {
    "comments_closed": "The post takes no more comments",
    "consent_outdated": "The text that is agreed to had changed",
    "idempotency_mismatch": "A repeated form was not the same form",
    "in_progress": "The same form was being answered already",
    "invalid": "A field was wrong or missing",
    "invalid_proof": "The browser’s calculation was wrong",
    "invalid_ticket": "The form was made up, or belongs to another page",
    "locked": "The comment was read already",
    "not_found": "There is no such page or comment",
    "parse_error": "It could not be read",
    "permission_denied": "It came from another site",
    "stale_wording": "The wording had changed",
    "throttled": "Too many in a short time",
    "ticket_expired": "The form was open for too long",
    "ticket_spent": "The form was sent already",
    "too_large": "It was too large",
    "too_quick": "It was sent within a moment of being opened",
    "unsupported_media_type": "It was no form at all",
}


def in_words(refusals: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    return [{**row, "words": WORDS.get(str(row["reason"]), row["reason"])} for row in refusals]


def refused_forms(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    since = timezone.localdate() - timedelta(days=DAYS)
    recent = Refusal.objects.filter(day__gt=since)
    totals = recent.order_by().values("reason").annotate(count=Sum("count")).order_by("-count", "reason")
    context = {
        "header_title": "Refused forms",
        "header_icon": "lock",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": "", "label": "Refused forms"},
        ],
        "days": DAYS,
        "totals": in_words(totals),
        "refusals": in_words(recent.values("day", "form", "reason", "count")),
        "may_change": request.user.has_perm(CHANGE_PROTECTION),
    }
    return render(request, "guard/admin/refused_forms.html", context)


@hooks.register("register_admin_urls")
def refused_forms_url() -> list[Any]:
    return [path("reports/refused-forms/", refused_forms, name="guard_refused_forms")]


class RefusedFormsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE)


@hooks.register("register_reports_menu_item")
def refused_forms_menu_item() -> MenuItem:
    return RefusedFormsMenuItem("Refused forms", reverse("guard_refused_forms"), icon_name="lock", order=896)


@hooks.register("register_permissions")
def refusal_permission() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="guard", codename="view_refusal")
