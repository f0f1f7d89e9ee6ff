from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class CommentQuerySet(models.QuerySet["ReaderComment"]):
    def approved(self) -> CommentQuerySet:
        """What a visitor may read: approved, and not below something that is not."""
        shown = ReaderComment.Status.APPROVED
        return self.filter(Q(root=None) | Q(root__status=shown), status=shown)

    def waiting(self) -> CommentQuerySet:
        """What a moderator still has to decide, oldest first."""
        return self.filter(status=ReaderComment.Status.PENDING).order_by("created_at")


class ReaderComment(models.Model):
    """
    A visitor's comment on a post. (`wagtail.models.Comment` is something else: an editor's note on a draft.)

    Two levels: `root` is the comment that starts the thread, `parent` the one that is answered.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        SPAM = "spam", "Spam"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("blog.BlogPage", on_delete=models.CASCADE, related_name="comments")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="thread")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answers")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    author_name = models.CharField("name", max_length=60)
    email = models.EmailField("e-mail", blank=True, help_text="Never shown.")
    body = models.TextField("comment", max_length=3000)
    is_staff = models.BooleanField("by the clinic", default=False)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = "comment"
        ordering = ["created_at"]
        permissions = [("moderate_comment", "Can decide about comments")]
        indexes = [
            models.Index(fields=["post", "status", "created_at"], name="blog_comments_of_a_post"),
            models.Index(fields=["status", "created_at"], name="blog_comments_waiting"),
        ]

    def __str__(self) -> str:
        # Wagtail copies this into its log, which an erasure does not reach.
        return f"Comment {self.id.hex[:8]}"
