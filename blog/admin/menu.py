from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from blog.admin.access import may_moderate
from blog.models import ReaderComment


class ModeratorMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)


class CommentsMenuItem(ModeratorMenuItem):
    """Says how many wait, without being opened."""

    def render_component(self, request: HttpRequest) -> Any:
        waiting = ReaderComment.objects.waiting().count()
        label = f"{self.label} ({waiting})" if waiting else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, attrs=self.attrs)
