"""What the first page of the admin says about the blog."""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from django.utils import timezone
from wagtail.admin.ui.components import Component

from blog.models import BlogPage, ReaderComment

PANEL_SIZE = 5


class WaitingComments(Component):
    """The home page's answer to: which comments wait for me?"""

    order = 100
    template_name = "blog/admin/waiting_comments.html"

    class Media:
        css = {"all": ["blog/moderation.css"]}

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
