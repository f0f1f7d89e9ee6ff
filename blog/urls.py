from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from blog import api, comment_api


class RowIdConverter(IntConverter):
    """An integer that fits a database id: a longer one is unknown here, and must not reach the database."""

    regex = "[0-9]{1,18}"


register_converter(RowIdConverter, "row")

urlpatterns = [
    path("posts/", api.PostListView.as_view()),
    path("posts/<row:post_id>/", api.PostView.as_view()),
    path("posts/<row:post_id>/comments/", comment_api.ThreadView.as_view()),
    path("comments/", comment_api.NewestCommentsView.as_view()),
    path("comments/confirm/", comment_api.ConfirmView.as_view()),
    path("comments/unsubscribe/", comment_api.UnsubscribeView.as_view()),
    path("comments/<uuid:comment_id>/", comment_api.CommentView.as_view()),
    path("forms/comment/ticket/", comment_api.CommentTicketView.as_view()),
]
