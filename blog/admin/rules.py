"""Block rules in the admin."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.functional import cached_property
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.snippets.views.snippets import CreateView, IndexView, SnippetViewSet

from blog.admin.access import may_moderate
from blog.admin.caught import DAYS, count_by_signal
from blog.admin.reasons import shown_value
from blog.models import BlockRule, ReaderComment

Kind = BlockRule.Kind
BY_HAND = [(kind.value, kind.label) for kind in Kind if kind != Kind.NETWORK]


class BlockRuleForm(WagtailAdminModelForm):
    """A network is blocked from one of its comments, and never read or typed by anybody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.kind == Kind.NETWORK:
            del self.fields["kind"], self.fields["value"]
        else:
            self.fields["kind"].choices = BY_HAND


class AddRuleView(CreateView):
    """
    Filled in from a comment: with `?kind=address&comment=<id>`, so that no link shows an address, or with
    `?kind=host&value=<host>`.
    """

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        if asked.get("kind") == Kind.ADDRESS:
            return {"kind": Kind.ADDRESS, "value": self._address(asked.get("comment", ""))}
        return {name: asked[name] for name in ("kind", "value") if name in asked}

    def _address(self, comment_id: str) -> str:
        if not may_moderate(self.request.user):
            return ""
        try:
            found = ReaderComment.objects.filter(pk=uuid.UUID(comment_id)).first()
        except ValueError:
            return ""
        return found.email if found else ""


class RulesView(IndexView):
    @cached_property
    def columns(self) -> list[Column]:
        caught = count_by_signal()
        title = self._get_title_column_class(TitleColumn)
        return [
            title("value", label="Value", accessor=shown_value, get_url=self.get_edit_url),
            Column("kind", label="Kind", accessor="get_kind_display", sort_key="kind"),
            Column("action", label="Action", accessor="get_action_display", sort_key="action"),
            Column("note", label="Note"),
            DateColumn("expires_at", label="Until", sort_key="expires_at"),
            Column("caught", label=f"Caught in {DAYS} days", accessor=lambda rule: caught[f"rule:{rule.pk}"]),
        ]


class BlockRuleViewSet(SnippetViewSet):
    model = BlockRule
    icon = "lock"
    menu_label = "Block rules"
    index_view_class = RulesView
    add_view_class = AddRuleView
    copy_view_enabled = False
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("kind", "value", "action", "note", "expires_at")],
        base_form_class=BlockRuleForm,
    )
