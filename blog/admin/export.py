"""A list of comments as a spreadsheet."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from blog.admin.access import ModeratorView
from blog.admin.reasons import reasons_of, rules_named_in
from blog.admin.selection import Selection
from blog.models import ReaderComment

MOST = 10_000
# Excel's format has no place for them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def without_formula(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    is_formula = text[:1] in {"\t", "\r", "\n"} or text.lstrip()[:1] in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    return f"'{text}" if text and is_formula else text


def without_controls(text: str) -> str:
    return _CONTROLS.sub("", text)


class ExportView(SpreadsheetExportMixin, ModeratorView):
    """`?export=csv` or `xlsx`, and the same filter as the list."""

    http_method_names = ["get"]
    export_filename = "comments"
    list_export = ["written", "status", "name", "comment", "post", "e-mail", "address", "looked odd", "decided", "by"]
    custom_value_preprocess = {
        **SpreadsheetExportMixin.custom_value_preprocess,
        str: {"csv": without_formula, "xlsx": without_controls},
    }

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_export:
            raise Http404
        comments = Selection.of(request.GET).comments().select_related("post", "decided_by")[:MOST]
        self.rules = rules_named_in(comments)
        return self.as_spreadsheet(comments, request.GET["export"])

    def to_row_dict(self, item: ReaderComment) -> dict[str, Any]:
        return {
            "written": timezone.localtime(item.created_at),
            "status": str(item.get_status_display()),
            "name": item.author_name,
            "comment": item.body,
            "post": item.post.title,
            "e-mail": item.email,
            "address": "confirmed" if item.email_confirmed_at else "",
            "looked odd": "; ".join(reason.text for reason in reasons_of(item, self.rules)),
            "decided": timezone.localtime(item.decided_at) if item.decided_at else "",
            "by": str(item.decided_by or ""),
        }

    def get_heading(self, queryset: Any, field: str) -> str:
        return field.capitalize()
