"""The writes that have rules: a visitor leaves a comment, a moderator decides about it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from wagtail.log_actions import log

from blog.models import BlogPage, ReaderComment
from outbox.services import queue


def leave_comment(
    *,
    post: BlogPage,
    author_name: str,
    body: str,
    email: str = "",
    parent: uuid.UUID | None = None,
    is_suspect: bool = False,
) -> ReaderComment:
    """A visitor's comment, held until a moderator decides; one with a filled honeypot waits under spam."""
    answered = _parent(post, parent)
    comment = ReaderComment(
        post=post,
        root=answered and (answered.root or answered),
        parent=answered,
        author_name=author_name,
        email=email,
        body=body,
        status=ReaderComment.Status.SPAM if is_suspect else ReaderComment.Status.PENDING,
    )
    comment.full_clean()
    comment.save(force_insert=True)
    if not is_suspect:
        _announce(comment)
    return comment


def _parent(post: BlogPage, parent: uuid.UUID | None) -> ReaderComment | None:
    """The comment that is answered. Unknown, of another post, not approved: one refusal that tells nothing apart."""
    if parent is None:
        return None
    try:
        return ReaderComment.objects.approved().select_related("root").get(pk=parent, post=post)
    except ReaderComment.DoesNotExist as error:
        raise ValidationError({"parent": [_("This comment can’t be answered.")]}) from error


def _announce(comment: ReaderComment) -> None:
    """Tell the clinic what waits, once for everything that is written within a quarter of an hour."""
    written = comment.created_at
    quarter_begins = written.replace(minute=written.minute // 15 * 15, second=0, microsecond=0)
    queue(
        kind="blog.comments_waiting",
        context={},
        dedupe_key=f"blog.comments_waiting:{quarter_begins:%Y%m%d%H%M}",
        not_before=quarter_begins + timedelta(minutes=15),
    )


def decide(*, comment_id: uuid.UUID, status: str, user: Any) -> ReaderComment:
    """Approve or turn down a comment, and keep who did it and when."""
    with transaction.atomic():
        comment = ReaderComment.objects.select_for_update().get(pk=comment_id)
        before, comment.status = comment.status, status
        comment.decided_at, comment.decided_by = timezone.now(), user
        comment.save(update_fields=["status", "decided_at", "decided_by"])
        log(instance=comment, action="blog.decide_comment", user=user, data={"from": before, "to": status})
    return comment
