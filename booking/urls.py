from __future__ import annotations

from django.urls import path

from booking import api, manage_api

urlpatterns = [
    path("booking/options/", api.OptionsView.as_view()),
    path("booking/slots/", api.SlotsView.as_view()),
    path("booking/appointments/", api.AppointmentView.as_view()),
    path("booking/requests/", api.RequestView.as_view()),
    path("booking/manage/", manage_api.ShowView.as_view()),
    path("booking/manage/accept/", manage_api.AcceptView.as_view()),
    path("booking/manage/calendar/", manage_api.CalendarView.as_view()),
    path("booking/manage/cancel/", manage_api.CancelView.as_view()),
    path("booking/manage/erase/", manage_api.EraseView.as_view()),
    path("booking/manage/move/", manage_api.MoveView.as_view()),
    path("forms/booking/ticket/", api.BookingTicketView.as_view()),
]
