from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from blog import api


class RowIdConverter(IntConverter):
    """An integer that fits a database id: a longer one is unknown here, and must not reach the database."""

    regex = "[0-9]{1,18}"


register_converter(RowIdConverter, "row")

urlpatterns = [
    path("posts/", api.PostListView.as_view()),
    path("posts/<row:post_id>/", api.PostView.as_view()),
    path("posts/<row:post_id>/comments/", api.CommentListView.as_view()),
    path("comments/<uuid:comment_id>/", api.CommentView.as_view()),
    path("forms/comment/ticket/", api.CommentTicketView.as_view()),
]
