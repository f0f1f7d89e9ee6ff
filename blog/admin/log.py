"""What the admin's history says about comments: who did what, and nothing of what was written or by whom."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.log_actions import LogFormatter

from blog.admin.access import may_moderate
from blog.models import ReaderComment

WORDS = {value: str(label).lower() for value, label in ReaderComment.Status.choices}


class DecideComment(LogFormatter):
    label = "Decide about a comment"

    def format_message(self, log_entry: Any) -> str:
        before, after = (WORDS.get(log_entry.data.get(name), "?") for name in ("from", "to"))
        return f"Comment: {before} → {after}"


def register_actions(actions: Any) -> None:
    actions.register_action("blog.decide_comment")(DecideComment)
    actions.register_action("blog.answer_comment", "Answer a comment", "Comment answered by the clinic")
    actions.register_action("blog.erase_comment", "Erase a comment", "Comment erased")


class CommentURLFinder(ModelAdminURLFinder):
    """From the history to the comment, in the queue."""

    def construct_edit_url(self, instance: ReaderComment) -> str:
        return f"{reverse('blog_comments')}?comment={instance.pk}"

    def get_edit_url(self, instance: ReaderComment) -> str | None:
        return self.construct_edit_url(instance) if may_moderate(self.user) else None
