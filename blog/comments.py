from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from home import changes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CommentQuerySet(models.QuerySet["ReaderComment"]):
    def approved(self) -> CommentQuerySet:
        """What a visitor may read: approved, and not below something that is not."""
        return self.filter(is_shown=True, status=ReaderComment.Status.APPROVED)

    def shown(self) -> CommentQuerySet:
        """What a thread shows: the approved ones, and the empty places that approved answers still stand under."""
        return self.filter(is_shown=True)

    def waiting(self) -> CommentQuerySet:
        """What a moderator still has to decide, oldest first."""
        return self.filter(status=ReaderComment.Status.PENDING).order_by("created_at", "pk")


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
        REMOVED = "removed", "Removed"
        ERASED = "erased", "Erased"

    # Whose answers stay readable: what was approved once, and of which only an empty place may be left.
    HOLDS_A_THREAD = (Status.APPROVED, Status.REMOVED, Status.ERASED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("blog.BlogPage", on_delete=models.CASCADE, related_name="comments")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="thread")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answers")
    thread_key = models.CharField(
        max_length=44,
        blank=True,
        default="",
        editable=False,
        help_text="Sorts a post’s comments by thread, and within a thread by time.",
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    is_shown = models.BooleanField(default=False, editable=False)
    revision = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised by every change of the text: what is approved is what was read."
    )

    author_name = models.CharField("name", max_length=60)
    body = models.TextField("comment", max_length=3000, validators=[MaxLengthValidator(3000)])
    is_staff = models.BooleanField("by the clinic", default=False)

    email = models.EmailField("e-mail", blank=True, help_text="Never shown.")
    email_digest = models.CharField(max_length=32, blank=True, editable=False)
    email_confirmed_at = models.DateTimeField("address confirmed", null=True, blank=True)
    notify_replies = models.BooleanField("mail about answers", default=False)

    network = models.CharField(max_length=32, blank=True, editable=False)
    text_digest = models.CharField(max_length=32, blank=True, editable=False)
    signals = models.JSONField(default=list, blank=True, editable=False)
    import_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)

    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
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
            # With a condition: SQLite reads `is_shown` as a term of its own, which a column of an index can’t answer.
            models.Index(fields=["post", "thread_key"], condition=Q(is_shown=True), name="blog_comments_by_thread"),
            models.Index(fields=["post", "status"], condition=Q(is_shown=True), name="blog_comments_counted"),
            models.Index(fields=["status", "created_at"], name="blog_comments_waiting"),
            models.Index(fields=["email_digest"], name="blog_comments_by_address"),
            models.Index(fields=["network"], name="blog_comments_by_network"),
            models.Index(fields=["text_digest"], name="blog_comments_by_text"),
        ]

    def __str__(self) -> str:
        # Wagtail copies this into its log, which an erasure does not reach.
        return f"Comment {self.id.hex[:8]}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        lock_thread(self.root_id or self.pk)
        if not self.thread_key:
            self.thread_key = self.root.thread_key + self._own_key() if self.root else self._own_key()
        super().save(*args, **kwargs)
        if refresh_thread(self.root_id or self.pk) or self.status in self.HOLDS_A_THREAD:
            self._record_change()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        lock_thread(self.root_id or self.pk)
        deleted = super().delete(*args, **kwargs)
        if self.root_id:
            refresh_thread(self.root_id)
        self._record_change()
        return deleted

    def _record_change(self) -> None:
        changes.record(f"comments-{self.post_id}", "comments")

    def _own_key(self) -> str:
        """22 hexadecimal digits that sort by time; two comments of one microsecond by their ids."""
        microseconds = int((self.created_at - _EPOCH).total_seconds() * 1_000_000)
        return f"{microseconds:014x}{self.pk.hex[:8]}"

    @property
    def is_removed(self) -> bool:
        """Whether only its place is left, for the answers under it."""
        return self.status in {self.Status.REMOVED, self.Status.ERASED}

    @property
    def wants_mail(self) -> bool:
        return bool(self.notify_replies and self.email and self.email_confirmed_at)


def lock_thread(root_id: uuid.UUID) -> None:
    """
    Wait until nobody else changes this thread. What is shown of one comment depends on another: whoever changes one
    takes the comment that starts the thread first, and so all of them in one order.
    """
    list(ReaderComment.objects.select_for_update().filter(pk=root_id).values_list("pk"))


def refresh_thread(root_id: uuid.UUID) -> bool:
    """
    Write down what of a thread is shown, and say whether that is something else now.

    Called by every save; after a bulk write, call it for each thread.
    """
    approved = ReaderComment.Status.APPROVED
    comments, thread = ReaderComment.objects.filter(pk=root_id), ReaderComment.objects.filter(root_id=root_id)
    holds = comments.filter(status__in=ReaderComment.HOLDS_A_THREAD).exists()
    answers = thread.filter(status=approved).exclude(is_shown=holds).update(is_shown=holds)
    answers += thread.exclude(status=approved).filter(is_shown=True).update(is_shown=False)
    has_answers = Exists(ReaderComment.objects.filter(root_id=OuterRef("pk"), status=approved))
    shown = Q(status=approved) | (Q(status__in=ReaderComment.HOLDS_A_THREAD) & has_answers)
    is_shown = comments.filter(shown).exists()
    return bool(answers + comments.exclude(is_shown=is_shown).update(is_shown=is_shown))
