from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from wagtail.admin import urls as wagtail_admin_urls

from cms import errors, health, media

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/", include("cms.api_urls")),
    re_path(r"^api/(?:.*/)?$", errors.unknown_api_path),
    path("media/images/<str:name>", media.rendition),
    path("django-admin/", admin.site.urls),
    path("admin/", include(wagtail_admin_urls)),
    path("", include("booking.feeds")),
    path("", include("consent.gate")),
    path("", include("frontend.urls")),
]

handler400 = "cms.errors.bad_request"
handler404 = "cms.errors.not_found"
handler500 = "cms.errors.server_error"
