"""Who may see and decide about comments."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import View

MODERATE = "blog.moderate_comment"
ADD_RULE = "blog.add_blockrule"
CHANGE_RULE = "blog.change_blockrule"


def may_moderate(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(MODERATE))


class ModeratorView(View):
    """Base of every page and every button about comments."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_moderate(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)
