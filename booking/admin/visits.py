"""An appointment and what can be done with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property

from booking import reception
from booking.admin.access import ReceptionView
from booking.admin.answers import NO_ADDRESS, NO_MAIL, history
from booking.admin.desk import appointments
from booking.admin.forms import MoveForm, NoteForm
from booking.admin.free import free_times
from booking.admin.steps import Step, not_offered
from booking.models import Appointment


class AppointmentView(ReceptionView):
    template_name = "booking/admin/appointment.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    @cached_property
    def record(self) -> Appointment:
        return get_object_or_404(appointments().select_related("request", "consent", "made_by"), pk=self.kwargs["pk"])

    def show(self, form: forms.Form | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
        self.__dict__.pop("record", None)  # a step that was taken back has left its traces on the one in memory
        record = self.record
        return self.page(
            status=status,
            record=record,
            form=form if isinstance(form, MoveForm) else MoveForm(),
            problem=problem,
            note_form=NoteForm(initial={"note": record.staff_note}),
            free=free_times(record.service, record.practitioner, location=record.location)
            if record.is_standing
            else [],
            history=history(record),
        )

    def get_page_title(self) -> str:
        return f"Appointment {self.record.reference}"


class AppointmentStep(Step, AppointmentView):
    show = AppointmentView.show

    def address(self) -> str:
        return reverse("reception_appointment", args=[self.record.pk])

    def about(self) -> set[str]:
        return {*super().about(), str(self.record.pk)}

    def why_no_mail(self) -> str:
        return NO_MAIL if self.record.email else NO_ADDRESS


class Move(AppointmentStep):
    label = "Move"
    what_happens = "The appointment gets this time; the old one is free again."
    done = "The appointment has another time."
    form_class = MoveForm

    def act(self) -> object:
        return reception.reschedule(appointment=self.record, start=self.cleaned["start"], user=self.request.user)

    def cautions(self) -> list[str]:
        kept = {name: getattr(self.record, name) for name in ("service", "practitioner", "location")}
        return not_offered({**self.cleaned, **kept})


class Cancel(AppointmentStep):
    label = "Cancel the appointment"
    what_happens = "The appointment is cancelled and its time is free again."
    done = "The appointment is cancelled."

    def act(self) -> object:
        return reception.cancel_for(appointment=self.record, user=self.request.user)


class Accept(AppointmentStep):
    label = "Accepted on the phone"
    what_happens = "The proposed time becomes the appointment."
    done = "The appointment is made."

    def act(self) -> object:
        return reception.accept_for(appointment=self.record, user=self.request.user)


class NoShow(AppointmentStep):
    label = "Did not come"
    what_happens = "It is noted that nobody came."
    done = "Noted: nobody came."

    def act(self) -> object:
        return reception.mark_no_show(appointment=self.record, user=self.request.user)

    def why_no_mail(self) -> str:
        return NO_MAIL


class EraseAppointment(AppointmentStep):
    label = "Erase"
    what_happens = (
        "The consent was taken back: name, address, phone, message and note are erased, and the time is free again. "
        "This cannot be undone."
    )
    done = "Everything is erased but the fact that there was an appointment."

    def act(self) -> object:
        return reception.erase(record=self.record, user=self.request.user)

    def why_no_mail(self) -> str:
        return NO_MAIL


class HoldAppointment(AppointmentStep):
    done = "It is kept, whatever the schedule says."
    is_checked = False
    is_held = True

    def act(self) -> object:
        return reception.set_hold(record=self.record, is_held=self.is_held, user=self.request.user)


class ReleaseAppointment(HoldAppointment):
    done = "It goes by the schedule again."
    is_held = False


class NoteOnAppointment(AppointmentStep):
    form_class = NoteForm
    done = "The note is kept."
    is_checked = False

    def act(self) -> object:
        return reception.note(record=self.record, text=self.cleaned["note"], user=self.request.user)
