"""What editors see of sizes that are being prepared: on the first page, and under the body of the page they edit."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View
from wagtail.admin import messages
from wagtail.admin.panels import Panel
from wagtail.admin.ui.components import Component
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from home import preparing
from home.pending import PendingRenditions

PANEL_SIZE = 5
LINE = "home/admin/page_pictures_line.html"


def may_change_pictures(user: Any) -> bool:
    return policy_registry.get_by_type(get_image_model()).user_has_permission(user, "change")


class PreparedPictures(Component):
    """Shown only when there is something to say: sizes that are being made, or could not be."""

    order = 90
    template_name = "home/admin/prepared_pictures.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = PendingRenditions.objects.select_related("picture").order_by("picture", "pk")
        waiting, failed = rows.waiting(), rows.failed()
        return {
            "waiting": waiting.order_by().values("picture").distinct().count(),
            "failed": failed[:PANEL_SIZE],
            "count": failed.count(),
            # A component is rendered by itself: without this its form would go out with an empty token.
            "csrf_token": get_token(parent_context["request"]),
        }


class PicturesPanel(Panel):
    """How far the pictures of the published page are."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "home/admin/page_pictures.html"

        class Media:
            js = [Script("home/pictures.js", type="module")]

        def is_shown(self) -> bool:
            return self.instance.pk is not None and self.instance.live

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), **_line(self.instance.pk)}


def _line(page_id: int) -> dict[str, Any]:
    page = get_object_or_404(Page.objects.live(), pk=page_id).specific
    return {"page": page, "progress": preparing.progress(page.pictures()), "line": LINE}


class ProgressView(View):
    """The panel’s line as it is by now."""

    def get(self, request: HttpRequest, page_id: int) -> HttpResponse:
        context = _line(page_id)
        if not context["page"].permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        return render(request, LINE, context)


class TryAgainView(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        if not may_change_pictures(request.user):
            raise PermissionDenied
        policy = policy_registry.get_by_type(get_image_model())
        theirs = policy.instances_user_has_permission_for(request.user, "change")
        number = PendingRenditions.objects.failed().filter(picture__in=theirs).try_again()
        messages.success(request, f"Sizes that are tried again within a minute: {number}.")
        return redirect("wagtailadmin_home")
