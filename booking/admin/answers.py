"""A request and what can be answered to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.log_actions import registry

from booking import reception
from booking.admin import wishes
from booking.admin.access import ReceptionView
from booking.admin.desk import requests
from booking.admin.forms import NoteForm, TimeForm
from booking.admin.free import free_times
from booking.admin.steps import Step, not_offered
from booking.models import AppointmentRequest, Location

NO_ADDRESS = "No mail goes: there is no e-mail address."
NO_MAIL = "No mail goes."


def history(record: Any) -> Any:
    return registry.get_logs_for_instance(record).select_related("user").order_by("-timestamp")


class RequestView(ReceptionView):
    template_name = "booking/admin/request.html"
    header_icon = "mail"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    @cached_property
    def record(self) -> AppointmentRequest:
        return get_object_or_404(requests().select_related("consent"), pk=self.kwargs["pk"])

    def show(self, form: forms.Form | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
        self.__dict__.pop("record", None)  # a step that was taken back has left its traces on the one in memory
        form = form if isinstance(form, TimeForm) else TimeForm(initial=self.wished())
        return self.page(
            status=status,
            record=self.record,
            form=form,
            problem=problem,
            wishes=wishes.in_words(self.record),
            note_form=NoteForm(initial={"note": self.record.staff_note}),
            free=self.free(form),
            given=self.record.appointments.select_related("service", "practitioner", "location"),
            history=history(self.record),
        )

    def wished(self) -> dict[str, Any]:
        """What the form starts with: what was asked for, and the only location if there is one."""
        locations = list(Location.objects.filter(is_active=True)[:2])
        days = [wish["date"] for wish in self.record.preferences]
        return {
            "service": self.record.service_id,
            "practitioner": self.record.practitioner_id,
            "location": locations[0].pk if len(locations) == 1 else None,
            "day": days[0] if days else None,
        }

    def free(self, form: forms.Form) -> Any:
        typed = TimeForm(form.initial if not form.is_bound else form.data)
        typed.is_valid()
        return free_times(
            typed.cleaned_data.get("service"), typed.cleaned_data.get("practitioner"), self.record.preferences
        )

    def get_page_title(self) -> str:
        return f"Request {self.record.reference}"


class RequestStep(Step, RequestView):
    """Where nothing else is said, one is back at what waits."""

    show = RequestView.show

    def address(self) -> str:
        return reverse("reception")

    def back_address(self) -> str:
        return reverse("reception_request", args=[self.record.pk])

    def about(self) -> set[str]:
        return {*super().about(), str(self.record.pk)}


class GiveTime(RequestStep):
    form_class = TimeForm
    is_proposal = False

    def act(self) -> object:
        self.__dict__.pop("record", None)
        times = {name: self.cleaned[name] for name in ("service", "practitioner", "location", "start")}
        return reception.give_time(
            request=self.record,
            user=self.request.user,
            is_proposal=self.is_proposal,
            identity=self.identity,
            **times,
        )

    def why_no_mail(self) -> str:
        return NO_ADDRESS

    def cautions(self) -> list[str]:
        return not_offered(self.cleaned)


class Confirm(GiveTime):
    label = "Confirm this time"
    what_happens = "The appointment is made and the time is taken."
    done = "The appointment is made."


class Propose(GiveTime):
    label = "Propose this time"
    what_happens = "The time is kept until it is accepted or the clinic’s hours for it have passed."
    done = "The time is proposed."
    is_proposal = True


class Decline(RequestStep):
    label = "Decline"
    what_happens = "The request is answered: no time was found."
    done = "The request is declined."

    def act(self) -> object:
        return reception.decline(request=self.record, user=self.request.user)

    def why_no_mail(self) -> str:
        return "No mail goes: it went when this was declined before." if self.record.email else NO_ADDRESS


class Contacted(RequestStep):
    done = "Noted: somebody has rung or written."
    is_checked = False

    def act(self) -> object:
        return reception.mark_contacted(request=self.record, user=self.request.user)


class RecordStep(RequestStep):
    """What stays on the page of the record."""

    is_checked = False

    def address(self) -> str:
        return self.back_address()


class EraseRequest(RecordStep):
    label = "Erase"
    what_happens = (
        "The consent was taken back: name, address, phone, message and note are erased, here and in the appointments "
        "that came of it, whose times are free again. This cannot be undone."
    )
    done = "Everything is erased but the fact that there was a request."
    is_checked = True

    def act(self) -> object:
        return reception.erase(record=self.record, user=self.request.user)

    def why_no_mail(self) -> str:
        return NO_MAIL


class HoldRequest(RecordStep):
    done = "It is kept, whatever the schedule says."
    is_held = True

    def act(self) -> object:
        return reception.set_hold(record=self.record, is_held=self.is_held, user=self.request.user)


class ReleaseRequest(HoldRequest):
    done = "It goes by the schedule again."
    is_held = False


class AssignRequest(RecordStep):
    done = "The request is yours."

    def act(self) -> object:
        return reception.assign(request=self.record, user=self.request.user)


class NoteOnRequest(RecordStep):
    form_class = NoteForm
    done = "The note is kept."

    def act(self) -> object:
        return reception.note(record=self.record, text=self.cleaned["note"], user=self.request.user)
