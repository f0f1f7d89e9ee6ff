from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.log_actions import LogFormatter
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from blog.models import Author, BlogPage, ReaderComment, Topic
from blog.services import decide

DECISIONS = {"approve": ReaderComment.Status.APPROVED, "reject": ReaderComment.Status.REJECTED}
PANEL_SIZE = 5


class AuthorViewSet(SnippetViewSet):
    model = Author
    icon = "user"
    menu_label = "Authors"
    list_display = ["name", "role"]


class TopicViewSet(SnippetViewSet):
    model = Topic
    icon = "tag"
    menu_label = "Topics"
    sort_order_field = "sort_order"


class CommentPolicy(ModelPermissionPolicy):
    """Comments are read and decided about in the admin; nobody writes or rewrites one there."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action in {"add", "change", "delete"}:
            return False
        return bool(user.is_active and user.has_perm("blog.moderate_comment"))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class CommentViewSet(SnippetViewSet):
    model = ReaderComment
    icon = "comment"
    menu_label = "Comments"
    list_display = ["author_name", "body", "post", "status", "created_at"]
    list_filter = ["status", "is_staff", "post"]
    ordering = ["-created_at"]
    inspect_view_enabled = True
    inspect_view_fields = ["author_name", "email", "body", "post", "parent", "status", "created_at", "decided_at"]
    copy_view_enabled = False


class BlogGroup(SnippetViewSetGroup):
    menu_label = "Blog"
    menu_icon = "doc-full"
    menu_order = 150
    items = [CommentViewSet, AuthorViewSet, TopicViewSet]


register_permission_policy(ReaderComment, CommentPolicy(ReaderComment))
register_snippet(BlogGroup)


@hooks.register("register_admin_urls")
def decision_urls() -> list[Any]:
    return [path("comments/<uuid:comment_id>/<str:decision>/", decide_view, name="blog_decide_comment")]


def decide_view(request: HttpRequest, comment_id: Any, decision: str) -> HttpResponse:
    if not request.user.has_perm("blog.moderate_comment"):
        raise PermissionDenied
    if request.method != "POST" or decision not in DECISIONS:
        return HttpResponseNotAllowed(["POST"])
    comment = get_object_or_404(ReaderComment, pk=comment_id)
    decided = decide(comment_id=comment.pk, status=DECISIONS[decision], user=request.user)
    messages.success(request, f"The comment by {decided.author_name} is {decided.get_status_display().lower()}.")
    return redirect(reverse("wagtailadmin_home"))


class WaitingComments(Component):
    """The home page's answer to: which comments wait for me?"""

    order = 100
    template_name = "blog/admin/waiting_comments.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        waiting = ReaderComment.objects.waiting().select_related("post")
        # A component is rendered by itself: without this its forms would go out with an empty token.
        token = get_token(parent_context["request"])
        return {"comments": waiting[:PANEL_SIZE], "count": waiting.count(), "csrf_token": token}


class PostsToReview(Component):
    """Posts whose advice is due for another look."""

    order = 300
    template_name = "blog/admin/posts_to_review.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        due = BlogPage.objects.live().filter(review_due__lte=timezone.localdate()).order_by("review_due")
        return {"posts": due[:PANEL_SIZE], "count": due.count()}


@hooks.register("construct_homepage_panels")
def add_home_panels(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm("blog.moderate_comment"):
        panels.append(WaitingComments())
    panels.append(PostsToReview())


@hooks.register("register_log_actions")
def comment_log_actions(actions: Any) -> None:
    @actions.register_action("blog.decide_comment")
    class DecideComment(LogFormatter):
        label = "Decide about a comment"

        def format_message(self, log_entry: Any) -> str:
            return f"Comment: {log_entry.data.get('from')} → {log_entry.data.get('to')}"
