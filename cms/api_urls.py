from __future__ import annotations

from django.urls import include, path

from cms import api, api_docs, changes_api, rights_api

urlpatterns = [
    path("", include("home.urls")),
    path("", include("blog.urls")),
    path("", include("booking.urls")),
    path("", include("consent.urls")),
    path("pages/", api.PageListView.as_view()),
    path("pages/by-path/", api.PageByPathView.as_view()),
    path("changes/", changes_api.ChangesView.as_view()),
    path("preview/", api.PreviewView.as_view()),
    path("forms/privacy/ticket/", rights_api.DataRequestTicketView.as_view()),
    path("privacy/requests/", rights_api.DataRequestView.as_view()),
    path("privacy/confirm/", rights_api.DataConfirmView.as_view()),
    path("schema/", api_docs.SchemaView.as_view(), name="schema"),
    path("docs/", api_docs.DocsView.as_view(url_name="schema"), name="docs"),
]
