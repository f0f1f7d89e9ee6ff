"""What waits: the page that reception opens on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages

from booking.admin import wishes
from booking.admin.access import ReceptionView
from booking.hours import at
from booking.models import Appointment, AppointmentRequest
from booking.requests import RequestQuerySet

PAGE_SIZE = 50
Status = AppointmentRequest.Status
TABS = (("waiting", "Waiting"), ("suspected", "Suspected spam"), ("answered", "Answered"))


def requests() -> RequestQuerySet:
    return AppointmentRequest.objects.select_related("service", "practitioner", "assigned_to")


def appointments() -> QuerySet[Appointment]:
    return Appointment.objects.select_related("service", "practitioner", "location")


def contacted() -> RequestQuerySet:
    """Rung or written to, and without a time so far."""
    standing = Appointment.objects.standing().filter(request=OuterRef("pk"))
    return requests().filter(~Exists(standing), status=Status.CONTACTED).order_by("created_at")


def proposed() -> QuerySet[Appointment]:
    return appointments().filter(status=Appointment.Status.PROPOSED).order_by("updated_at")


def today() -> QuerySet[Appointment]:
    day = timezone.localdate()
    start, end = at(day, time.min), at(day + timedelta(days=1), time.min)
    shown = [Appointment.Status.BOOKED, Appointment.Status.PROPOSED, Appointment.Status.NO_SHOW]
    return appointments().filter(status__in=shown, starts_at__gte=start, starts_at__lt=end).order_by("starts_at")


@dataclass(frozen=True)
class Part:
    """A list of the desk, as far as it is shown."""

    name: str
    page: Page[Any]
    rows: list[Any]


class DeskView(ReceptionView):
    template_name = "booking/admin/desk.html"
    page_title = "Reception"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("tab")
        lists = {"suspected": self.suspected, "answered": self.answered}
        tab = tab if tab in lists else "waiting"
        return self.page(tab=tab, tabs=TABS, section="desk", **lists.get(tab, self.waiting)())

    def waiting(self) -> dict[str, Any]:
        return {
            "new": self.asked(requests().waiting(), "new"),
            "contacted": self.asked(contacted(), "contacted"),
            "proposed": self.part(proposed(), "proposed"),
            "today": self.part(today(), "today"),
        }

    def suspected(self) -> dict[str, Any]:
        return {"listed": self.asked(requests().filter(status=Status.SUSPECTED).order_by("-created_at"), "p")}

    def answered(self) -> dict[str, Any]:
        answered = requests().filter(status__in=[Status.CONFIRMED, Status.DECLINED, Status.ERASED])
        return {"listed": self.asked(answered.order_by("-updated_at"), "p")}

    def part(self, rows: Any, name: str) -> Part:
        """One page of a list; each list of the desk is turned by a parameter of its own."""
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get(name))
        return Part(name, page, list(page))

    def asked(self, rows: RequestQuerySet, name: str) -> Part:
        part = self.part(rows, name)
        return replace(part, rows=[(request, wishes.in_words(request)) for request in part.rows])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


class FindView(ReceptionView):
    """From a reference, as somebody says it on the phone, to what it stands for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        reference = "".join(request.GET.get("reference", "").upper().split())
        appointment = Appointment.objects.filter(reference=reference).first()
        if appointment:
            return redirect("reception_appointment", appointment.pk)
        found = AppointmentRequest.objects.filter(reference=reference).first()
        if found:
            return redirect("reception_request", found.pk)
        messages.error(request, "Nothing has this reference.")
        return redirect("reception")
