"""Why is this time not offered? The rule that keeps it back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from booking import slots
from booking.admin.access import ReceptionView
from booking.admin.forms import WhyForm
from booking.reasons import why_not

NOT_BEGUN_THEN = "Times begin every quarter of an hour, counted from the beginning of the opening hours."
COMES_LATER = f"It is offered, but of each half-day visitors see the first {slots.SHOWN_A_PART} free times only."


class WhyView(ReceptionView):
    template_name = "booking/admin/why.html"
    page_title = "Why is this time not offered?"
    header_icon = "help"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = WhyForm(request.GET) if "time" in request.GET else WhyForm(initial=request.GET.dict())
        is_asked = form.is_bound and form.is_valid()
        answer = self.answer(form.cleaned_data) if is_asked else {}
        return self.page(section="why", form=form, is_asked=is_asked, **answer)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        reasons = why_not(asked["service"], asked["practitioner"], asked["start"])
        return {"asked": asked, "reasons": reasons or self.unseen(asked)}

    def unseen(self, asked: dict[str, Any]) -> list[str]:
        """What no rule says: a time between two that are offered, or behind those that visitors are shown."""
        service, practitioner, day = asked["service"], asked["practitioner"], asked["day"]
        free = slots.Diary(service, [practitioner], day, day).free(day)
        if all(slot.start != asked["start"] for slot in free):
            return [NOT_BEGUN_THEN]
        shown = slots.offered(service, practitioner.pk, day, day).get(day, [])
        return [] if any(slot.start == asked["start"] for slot in shown) else [COMES_LATER]
