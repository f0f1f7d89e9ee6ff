from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import path
from wagtail import hooks
from wagtail.admin.ui.components import Component

from home.admin.pictures import PreparedPictures, ProgressView, TryAgainView, may_change_pictures
from home.pending import PendingRenditions


@hooks.register("construct_homepage_panels")
def add_home_panel(request: HttpRequest, panels: list[Component]) -> None:
    if may_change_pictures(request.user) and PendingRenditions.objects.exists():
        panels.append(PreparedPictures())


@hooks.register("register_admin_urls")
def picture_urls() -> list[Any]:
    return [
        path("pictures/try-again/", TryAgainView.as_view(), name="home_try_pictures_again"),
        path("pictures/progress/<int:page_id>/", ProgressView.as_view(), name="home_picture_progress"),
    ]
