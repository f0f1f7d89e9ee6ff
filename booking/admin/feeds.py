"""A practitioner's calendar feed in the admin: made, shown once, taken back."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from booking.models import Practitioner

CHANGE = "booking.change_practitioner"


@transaction.atomic
def make_feed(*, practitioner: Practitioner, user: Any) -> str:
    """A new address, which nobody can look up later; an older one stops working."""
    practitioner.feed_key = secrets.token_hex(16)
    practitioner.save(update_fields=["feed_key"])
    log(instance=practitioner, action="booking.make_feed", user=user)
    return f"{settings.SITE_URL}{reverse('booking_feed', args=[practitioner.feed_secret])}"


@transaction.atomic
def take_feed_back(*, practitioner: Practitioner, user: Any) -> None:
    practitioner.feed_key = ""
    practitioner.save(update_fields=["feed_key"])
    log(instance=practitioner, action="booking.take_feed_back", user=user)


class FeedView(WagtailAdminTemplateMixin, View):
    template_name = "booking/admin/feed.html"
    page_title = "Calendar feed"
    header_icon = "calendar-alt"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (request.user.is_active and request.user.has_perm(CHANGE)):
            raise PermissionDenied
        self.practitioner = get_object_or_404(Practitioner, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The address stands in this one answer and nowhere else."""
        if "take_back" in request.POST:
            take_feed_back(practitioner=self.practitioner, user=request.user)
            messages.success(request, "The feed is taken back: its address leads nowhere now.")
            return redirect("booking_feed_of", self.practitioner.pk)
        return self.page(made=make_feed(practitioner=self.practitioner, user=request.user))

    def page(self, **context: Any) -> HttpResponse:
        context["practitioner"] = self.practitioner
        response: HttpResponse = self.render_to_response(self.get_context_data(**context))
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("wagtailsnippets_booking_practitioner:list"), "label": "Practitioners"}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.page_title}]
