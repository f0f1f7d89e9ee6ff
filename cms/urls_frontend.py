"""The routes of a machine that only shows pages and reads everything from the API of another one."""

from __future__ import annotations

from django.urls import include, path

from cms import health

urlpatterns = [
    path("healthz", health.healthz),
    path("", include("frontend.urls")),
]

handler400 = "cms.errors.bad_request"
handler404 = "cms.errors.not_found"
handler500 = "cms.errors.server_error"
