from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.snippets.models import register_snippet

from blog.admin import log
from blog.admin.access import may_moderate
from blog.admin.bulk import BulkView
from blog.admin.caught import CaughtView
from blog.admin.decisions import BlockNetworkView, DecideView, EraseView, ReplyView
from blog.admin.export import ExportView
from blog.admin.menu import CommentsMenuItem, ModeratorMenuItem
from blog.admin.panels import PostsToReview, WaitingComments
from blog.admin.queue import QueueView
from blog.admin.viewsets import BlogGroup
from blog.models import ReaderComment

register_snippet(BlogGroup)
register_admin_url_finder(ReaderComment, log.CommentURLFinder)
hooks.register("register_log_actions", log.register_actions)


@hooks.register("register_admin_urls")
def comment_urls() -> list[Any]:
    return [
        path("comments/", QueueView.as_view(), name="blog_comments"),
        path("comments/bulk/", BulkView.as_view(), name="blog_comments_bulk"),
        path("comments/export/", ExportView.as_view(), name="blog_comments_export"),
        path("comments/<uuid:comment_id>/reply/", ReplyView.as_view(), name="blog_reply_comment"),
        path("comments/<uuid:comment_id>/erase/", EraseView.as_view(), name="blog_erase_comment"),
        path("comments/<uuid:comment_id>/block-network/", BlockNetworkView.as_view(), name="blog_block_network"),
        path("comments/<uuid:comment_id>/<str:action>/", DecideView.as_view(), name="blog_decide_comment"),
        path("reports/comment-signals/", CaughtView.as_view(), name="blog_caught"),
    ]


@hooks.register("register_admin_menu_item")
def comments_menu_item() -> MenuItem:
    return CommentsMenuItem("Comments", reverse("blog_comments"), icon_name="comment", order=145)


@hooks.register("register_reports_menu_item")
def caught_menu_item() -> MenuItem:
    return ModeratorMenuItem("What the rules caught", reverse("blog_caught"), icon_name="clipboard-list", order=895)


@hooks.register("register_permissions")
def moderation_permission() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="blog", codename="moderate_comment")


@hooks.register("construct_homepage_panels")
def add_home_panels(request: HttpRequest, panels: list[Component]) -> None:
    if may_moderate(request.user):
        panels.append(WaitingComments())
    if PagePermissionPolicy().user_has_permission(request.user, "change"):
        panels.append(PostsToReview())
