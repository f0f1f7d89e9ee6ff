from __future__ import annotations

from django.urls import path, re_path

from frontend import (
    appointment,
    booking,
    comment_feeds,
    machine,
    mail_links,
    privacy,
    sharing,
    views,
    your_data,
)

POST = r"(?P<path>(?:[\w-]+/)+)"

urlpatterns = [
    path("search/", views.search),
    path("book/", booking.book),
    path("book/received/", booking.received),
    path("book/manage/", appointment.manage),
    path("your-data/", your_data.your_data),
    path("your-data/received/", your_data.received),
    path("your-data/confirm/", mail_links.confirm_your_data),
    path("comments/confirm/", mail_links.confirm_comment),
    path("comments/unsubscribe/", mail_links.unsubscribe),
    path("privacy-choices/", privacy.privacy_choices),
    path("privacy-choices/bar.css", privacy.bar_css),
    path("privacy-choices/receipt/", privacy.receipt),
    path("privacy-choices/receipt.json", privacy.receipt_file),
    path("preview/", views.preview),
    path("feed/", machine.feed),
    path("feed/comments/", comment_feeds.everywhere),
    path("sitemap.xml", machine.sitemap),
    path("robots.txt", machine.robots),
    path(".well-known/gpc.json", machine.gpc),
    path(".well-known/security.txt", machine.security_txt),
    path("speculation-rules.json", machine.speculation_rules),
    path("theme.css", machine.theme_css),
    re_path(rf"^{POST}comment/$", views.comment),
    re_path(rf"^{POST}feed/$", comment_feeds.of_post),
    re_path(rf"^{POST}comment/received/$", views.comment_received),
    re_path(rf"^{POST}share/mastodon/$", sharing.mastodon),
    # Wagtail finds a page's address by this name.
    re_path(r"^(?P<path>(?:[\w-]+/)*)$", views.page, name="wagtail_serve"),
]
