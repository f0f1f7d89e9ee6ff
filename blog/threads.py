"""A post's comments in the order of their threads, page by page, however many there are."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from django.db.models import QuerySet

from blog.models import ReaderComment
from blog.querysets import with_comments

CURSOR = re.compile(r"[0-9a-f]{22}(?:[0-9a-f]{22})?")


class ThreadPage(NamedTuple):
    comments: list[ReaderComment]
    total: int
    next: str | None
    previous: str | None


def thread_page(post_id: int, *, cursor: str, limit: int) -> ThreadPage:
    """
    The comments of a public post from `cursor` on, by thread and time; `total` is that of all approved ones.

    A cursor is the `thread_key` of the comment that a page begins with, so it stays right whatever is approved later.
    """
    shown = _shown(post_id)
    rows = list(shown.filter(thread_key__gte=cursor)[: limit + 1])
    following = rows[limit].thread_key if len(rows) > limit else None
    return ThreadPage(rows[:limit], _count(post_id, rows, cursor, following), following, _before(shown, cursor, limit))


def _shown(post_id: int) -> QuerySet[ReaderComment]:
    comments = ReaderComment.objects.shown().filter(post_id=post_id, post__in=with_comments().values("pk"))
    return comments.select_related("parent").order_by("thread_key")


def _count(post_id: int, rows: list[ReaderComment], cursor: str, following: str | None) -> int:
    if not cursor and not following:
        return sum(not comment.is_removed for comment in rows)
    return ReaderComment.objects.approved().filter(post_id=post_id).count()


def _before(shown: QuerySet[ReaderComment], cursor: str, limit: int) -> str | None:
    """Where the page before this one begins: empty for the first page, None if there is none."""
    if not cursor:
        return None
    earlier = shown.filter(thread_key__lt=cursor).order_by("-thread_key")
    keys = list(earlier.values_list("thread_key", flat=True)[: limit + 1])
    if not keys:
        return None
    return keys[limit - 1] if len(keys) > limit else ""


def cursor_for(comment: ReaderComment, *, limit: int) -> str:
    """A cursor whose page has this comment on it: from its thread's beginning, if it is near enough to that."""
    if comment.root_id is None:
        return comment.thread_key
    root_key = comment.thread_key[:22]
    earlier = ReaderComment.objects.shown().filter(
        post_id=comment.post_id, thread_key__gte=root_key, thread_key__lt=comment.thread_key
    )
    return root_key if earlier[:limit].count() < limit else comment.thread_key


def newest(*, post_id: int | None = None) -> QuerySet[ReaderComment]:
    """Approved comments of public posts, the newest first."""
    comments = ReaderComment.objects.approved().filter(post__in=with_comments().values("pk"))
    comments = comments.filter(post_id=post_id) if post_id else comments
    return comments.select_related("post", "parent").order_by("-created_at", "-pk")


def one(comment_id: uuid.UUID) -> ReaderComment | None:
    """An approved comment of a public post."""
    return newest().filter(pk=comment_id).first()
