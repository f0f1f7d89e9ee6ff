from __future__ import annotations

from django.urls import path, re_path

from frontend import machine, privacy, views

POST = r"(?P<path>(?:[\w-]+/)+)"

urlpatterns = [
    path("search/", views.search),
    path("book/", views.book),
    path("book/received/", views.book_received),
    path("privacy-choices/", privacy.privacy_choices),
    path("privacy-choices/bar.css", privacy.bar_css),
    path("privacy-choices/receipt/", privacy.receipt),
    path("privacy-choices/receipt.json", privacy.receipt_file),
    path("preview/", views.preview),
    path("feed/", machine.feed),
    path("sitemap.xml", machine.sitemap),
    path("robots.txt", machine.robots),
    path(".well-known/gpc.json", machine.gpc),
    path(".well-known/security.txt", machine.security_txt),
    path("theme.css", machine.theme_css),
    re_path(rf"^{POST}comment/$", views.comment),
    re_path(rf"^{POST}comment/received/$", views.comment_received),
    # Wagtail finds a page's address by this name.
    re_path(r"^(?P<path>(?:[\w-]+/)*)$", views.page, name="wagtail_serve"),
]
