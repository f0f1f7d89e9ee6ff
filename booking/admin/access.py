"""Who may open reception, and what all of its pages share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

HANDLE = "booking.handle_request"
EXPORT = "booking.export_request"


def may_handle(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(HANDLE))


class ReceptionView(WagtailAdminTemplateMixin, View):
    """A page of reception: for those who may handle requests, and on the clinic's clock, whatever their own says."""

    permissions: tuple[str, ...] = (HANDLE,)
    header_icon = "date"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (request.user.is_active and request.user.has_perms(self.permissions)):
            raise PermissionDenied
        with timezone.override(None):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, TemplateResponse) else response

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(**context), status=status)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), "zone": settings.TIME_ZONE, "user_may_export": self.may_export}

    @property
    def may_export(self) -> bool:
        return bool(self.request.user.has_perm(EXPORT))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        desk = {"url": reverse("reception"), "label": "Reception"}
        return [*self.breadcrumbs_items, desk, {"url": "", "label": self.get_page_title()}]
