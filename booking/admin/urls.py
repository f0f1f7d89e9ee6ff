"""Where reception's pages are, below `/admin/`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from booking.admin import answers, desk, diary, export, feeds, phone, visits, why

ANSWERS: dict[str, Any] = {
    "confirm": answers.Confirm,
    "propose": answers.Propose,
    "decline": answers.Decline,
    "contacted": answers.Contacted,
    "erase": answers.EraseRequest,
    "hold": answers.HoldRequest,
    "release": answers.ReleaseRequest,
    "assign": answers.AssignRequest,
    "note": answers.NoteOnRequest,
}
CHANGES: dict[str, Any] = {
    "move": visits.Move,
    "cancel": visits.Cancel,
    "accept": visits.Accept,
    "no-show": visits.NoShow,
    "erase": visits.EraseAppointment,
    "hold": visits.HoldAppointment,
    "release": visits.ReleaseAppointment,
    "note": visits.NoteOnAppointment,
}


def _steps(base: str, name: str, steps: dict[str, Any]) -> list[Any]:
    return [path(f"{base}{step}/", view.as_view(), name=f"{name}_{step}") for step, view in steps.items()]


urlpatterns = [
    path("reception/", desk.DeskView.as_view(), name="reception"),
    path("reception/find/", desk.FindView.as_view(), name="reception_find"),
    path("reception/diary/", diary.DiaryView.as_view(), name="reception_diary"),
    path("reception/phone/", phone.PhoneView.as_view(), name="reception_phone"),
    path("reception/why/", why.WhyView.as_view(), name="reception_why"),
    path("reception/export/", export.ExportView.as_view(), name="reception_export"),
    path("reception/requests/<uuid:pk>/", answers.RequestView.as_view(), name="reception_request"),
    path("reception/appointments/<uuid:pk>/", visits.AppointmentView.as_view(), name="reception_appointment"),
    *_steps("reception/requests/<uuid:pk>/", "reception_request", ANSWERS),
    *_steps("reception/appointments/<uuid:pk>/", "reception_appointment", CHANGES),
    path("calendar-feeds/<uuid:pk>/", feeds.FeedView.as_view(), name="booking_feed_of"),
]
