from __future__ import annotations

from django.urls import path, re_path

from consent import api

urlpatterns = [
    path("consent/", api.RegisterView.as_view()),
    path("consent/choice/", api.ChoiceView.as_view()),
    path("consent/once/", api.OnceView.as_view()),
    re_path(r"^consent/receipts/(?P<receipt_id>[\w-]{22})/$", api.ReceiptView.as_view()),
]
