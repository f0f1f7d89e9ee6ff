"""What reception fills in."""

from __future__ import annotations

from datetime import datetime
from datetime import time as clock_time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from booking.hours import at
from booking.models import Location, Practitioner, Service
from booking.offer import GRANULE_MINUTES
from booking.phones import readable_phone
from home.site_settings import SiteSettings

one_line = RegexValidator(r"[\x00-\x1f\x7f]", "This must be one line.", inverse_match=True)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"step": GRANULE_MINUTES * 60}, format="%H:%M")


def in_steps(moment: clock_time) -> None:
    if moment.minute % GRANULE_MINUTES or moment.second:
        raise ValidationError(f"Whole steps of {GRANULE_MINUTES} minutes are needed.")


class MomentForm(forms.Form):
    """A day and a time on the clinic's clock; `start` is the moment they name."""

    day = forms.DateField(widget=DayInput)
    time = forms.TimeField(widget=ClockInput, validators=[in_steps])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("day") and cleaned.get("time"):
            cleaned["start"] = self.moment(at(cleaned["day"], cleaned["time"]), cleaned["time"])
        return cleaned

    def moment(self, start: datetime, typed: clock_time) -> datetime:
        if timezone.localtime(start).time() != typed:
            self.add_error("time", "The clocks go forward on that day: this time does not exist.")
        return start


class FutureForm(MomentForm):
    def moment(self, start: datetime, typed: clock_time) -> datetime:
        if start < timezone.now():
            self.add_error("time", "This is in the past.")
        return super().moment(start, typed)


class MoveForm(FutureForm):
    pass


class TimeForm(FutureForm):
    """Whom, where and when: a time that reception gives."""

    service = forms.ModelChoiceField(Service.objects.all())
    practitioner = forms.ModelChoiceField(Practitioner.objects.filter(is_active=True), empty_label="Anybody")
    location = forms.ModelChoiceField(Location.objects.filter(is_active=True))

    field_order = ["service", "practitioner", "location", "day", "time"]


class PhoneForm(TimeForm):
    name = forms.CharField(max_length=100, validators=[one_line])
    phone = forms.CharField(max_length=32, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.EmailField(label="E-mail", required=False, help_text="Without one no mail is sent.")
    note = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    field_order = [*TimeForm.field_order, "name", "phone", "email", "note"]

    def clean_phone(self) -> str:
        try:
            return readable_phone(self.cleaned_data["phone"], region=SiteSettings.current().country)
        except ValueError as error:
            raise ValidationError("This is no phone number that can be read.") from error


class WhyForm(MomentForm):
    service = forms.ModelChoiceField(Service.objects.all())
    practitioner = forms.ModelChoiceField(Practitioner.objects.all())

    field_order = ["service", "practitioner", "day", "time"]


class NoteForm(forms.Form):
    note = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))


class ExportForm(forms.Form):
    what = forms.ChoiceField(
        choices=[("requests", "Requests, by the day they were written"), ("appointments", "Appointments, by their day")]
    )
    first = forms.DateField(label="From", widget=DayInput)
    last = forms.DateField(label="To", widget=DayInput)
    kind = forms.ChoiceField(label="File", choices=[("csv", "CSV"), ("xlsx", "XLSX")])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["first"] > cleaned["last"]:
            self.add_error("last", "This must not be earlier than the first day.")
        return cleaned
