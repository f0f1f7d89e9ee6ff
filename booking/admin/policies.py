"""What the admin lets nobody do by hand."""

from __future__ import annotations

from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy

from booking.admin.access import may_handle


class DeskOnlyPolicy(ModelPermissionPolicy):
    """Requests and appointments change at the desk alone, where each has its rule, its mail and its log entry."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and may_handle(user)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class AppendOnlyPolicy(ModelPermissionPolicy):
    """A new version may be added; what somebody agreed to stays as it was."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in {"change", "delete"} and bool(super().user_has_permission(user, action))
