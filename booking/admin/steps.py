"""
Something that reception does to a record: first its mail is shown, then it is done.

The form is posted; the answer is a page with the mail that would go. Posted again with `confirmed` it goes, posted
with `back` the form is there again as it was typed, posted with `look` free times are looked up. Only the second of
these writes anything.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from wagtail.admin import messages

from booking.admin.access import ReceptionView
from booking.admin.free import chosen
from booking.admin.mails import mails_of
from booking.models import new_reference
from booking.reasons import why_not
from booking.reception import Identity, NotPossible
from booking.slots import Diary

CONTROLS = ("csrfmiddlewaretoken", "confirmed", "back", "look", "slot", "shown")
_SALT = "booking.reception.shown"


def new_identity() -> Identity:
    return Identity(uuid.uuid4(), new_reference())


def sealed(identity: Identity) -> str:
    return signing.dumps([identity.id.hex, identity.reference], salt=_SALT)


def unsealed(value: str) -> Identity | None:
    try:
        key, reference = signing.loads(value, salt=_SALT)
    except signing.BadSignature:
        return None
    return Identity(uuid.UUID(key), reference)


def not_offered(cleaned: dict[str, Any]) -> list[str]:
    """Why visitors are not offered this time: reception may give it, and should know."""
    service, practitioner, location, start = (cleaned[key] for key in ("service", "practitioner", "location", "start"))
    diary = Diary(service, [practitioner], cleaned["day"], cleaned["day"])
    here = {slot.location_id for slot in diary.free(cleaned["day"]) if slot.start == start}
    if location.pk in here:
        return []
    return [f"{practitioner} is not at “{location}” then."] if here else why_not(service, practitioner, start)


class Step(ReceptionView):
    """`act` does it, `show` is the page with the form, `address` where one is afterwards."""

    label = ""
    what_happens = ""
    done = ""
    form_class: type[forms.Form] | None = None
    check_template_name = "booking/admin/check.html"
    is_checked = True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return redirect(self.back_address())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.identity = unsealed(request.POST.get("shown", "")) or new_identity()
        form = self.form_class(self.typed()) if self.form_class else None
        if {"back", "look"} & set(request.POST):
            return self.show(self.form_class(initial=self.typed().dict()) if self.form_class else None)
        if form is not None and not form.is_valid():
            return self.show(form, status=400)
        self.cleaned: dict[str, Any] = form.cleaned_data if form is not None else {}
        try:
            return self.carry_out() if "confirmed" in request.POST or not self.is_checked else self.check()
        except NotPossible as error:
            return self.show(form, problem=str(error), status=409)

    def typed(self) -> QueryDict:
        """What was filled in, with what a chosen free time fills in."""
        typed = self.request.POST.copy()
        for name, value in chosen(typed.get("slot", "")).items():
            typed[name] = value
        for name in CONTROLS:
            typed.pop(name, None)
        return typed

    def check(self) -> HttpResponse:
        mails = mails_of(self.act, self.about())
        self.template_name = self.check_template_name
        return self.page(
            mails=mails,
            label=self.label,
            what_happens=self.what_happens,
            why_no_mail=self.why_no_mail(),
            fields=[(name, value) for name, value in self.typed().items() if self.form_class],
            shown=sealed(self.identity),
            cautions=self.cautions(),
        )

    def carry_out(self) -> HttpResponse:
        self.act()
        messages.success(self.request, self.done)
        return redirect(self.address())

    def act(self) -> object:
        raise NotImplementedError

    def show(self, form: forms.Form | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
        raise NotImplementedError

    def address(self) -> str:
        raise NotImplementedError

    def back_address(self) -> str:
        return self.address()

    def about(self) -> set[str]:
        """The ids of the records whose mail this may be."""
        return {str(self.identity.id)}

    def why_no_mail(self) -> str:
        return ""

    def cautions(self) -> list[str]:
        return []
