"""An appointment for somebody on the phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from booking import reception
from booking.admin.answers import NO_ADDRESS
from booking.admin.forms import PhoneForm
from booking.admin.free import free_times
from booking.admin.steps import Step, not_offered
from booking.models import Appointment, Location, Service


class PhoneView(Step):
    template_name = "booking/admin/phone.html"
    page_title = "Book by phone"
    label = "Book"
    what_happens = "The appointment is made and the time is taken."
    done = "The appointment is made."
    form_class = PhoneForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, form: forms.Form | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
        form = form or PhoneForm(initial=self.start())
        return self.page(status=status, section="phone", form=form, problem=problem, free=self.free(form))

    def start(self) -> dict[str, Any]:
        """The only location and the only service need no choice; the diary names the day."""
        found: dict[str, Any] = {"day": self.request.GET.get("day", "")}
        for name, rows in (("location", Location.objects.filter(is_active=True)), ("service", Service.objects.all())):
            first = list(rows[:2])
            found[name] = first[0].pk if len(first) == 1 else None
        return found

    def free(self, form: forms.Form) -> Any:
        typed = PhoneForm(form.data if form.is_bound else form.initial)
        typed.is_valid()
        return free_times(typed.cleaned_data.get("service"), typed.cleaned_data.get("practitioner"))

    def carry_out(self) -> HttpResponse:
        """Pressed twice, it is done once."""
        if Appointment.objects.filter(pk=self.identity.id).exists():
            return redirect(self.address())
        return super().carry_out()

    def act(self) -> object:
        appointment = Appointment(
            **self.identity._asdict(),
            service=self.cleaned["service"],
            practitioner=self.cleaned["practitioner"],
            location=self.cleaned["location"],
            starts_at=self.cleaned["start"],
            name=self.cleaned["name"],
            phone=self.cleaned["phone"],
            email=self.cleaned["email"],
            staff_note=self.cleaned["note"],
        )
        return reception.book_by_phone(appointment=appointment, user=self.request.user)

    def address(self) -> str:
        return reverse("reception_appointment", args=[self.identity.id])

    def why_no_mail(self) -> str:
        return NO_ADDRESS

    def cautions(self) -> list[str]:
        return not_offered(self.cleaned)
