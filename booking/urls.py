from __future__ import annotations

from django.urls import path

from booking import api

urlpatterns = [
    path("booking/options/", api.OptionsView.as_view()),
    path("booking/requests/", api.RequestView.as_view()),
    path("forms/booking/ticket/", api.BookingTicketView.as_view()),
]
