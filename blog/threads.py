"""A post's comments in the order of their threads, page by page, however many there are."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from django.db.models import CharField, Exists, IntegerField, OuterRef, QuerySet

from blog.models import BlogPage, ReaderComment
from blog.querysets import commented, with_comments
from home.querysets import PublicStatement
from home.statements import Parameter

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
    rows = _FORWARD.read(post=post_id, cursor=cursor, limit=limit + 1)
    following = rows[limit].thread_key if len(rows) > limit else None
    total = _count(post_id, rows, cursor, following)
    return ThreadPage(rows[:limit], total, following, _before(post_id, cursor, limit))


def _shown(posts: QuerySet[BlogPage]) -> QuerySet[ReaderComment]:
    """Of the one post, if it is among these and shows its comments; with what is read of the one that is answered."""
    post = Parameter("post", IntegerField())
    comments = ReaderComment.objects.shown().filter(
        post_id=post, post__in=commented(posts).filter(id=post).values("pk")
    )
    return comments.select_related("parent").only(*_COMMENT, "parent__author_name", "parent__status")


_COMMENT = ("root", "thread_key", "status", "author_name", "body", "is_staff", "created_at", "edited_at", "parent")
_CURSOR = Parameter("cursor", CharField())
_FORWARD = PublicStatement(lambda posts: _shown(posts).filter(thread_key__gte=_CURSOR).order_by("thread_key"), BlogPage)
_BACKWARD = PublicStatement(
    lambda posts: _shown(posts).filter(thread_key__lt=_CURSOR).order_by("-thread_key"), BlogPage
)


def _count(post_id: int, rows: list[ReaderComment], cursor: str, following: str | None) -> int:
    if not cursor and not following:
        return sum(not comment.is_removed for comment in rows)
    return ReaderComment.objects.approved().filter(post_id=post_id).count()


def _before(post_id: int, cursor: str, limit: int) -> str | None:
    """Where the page before this one begins: empty for the first page, None if there is none."""
    if not cursor:
        return None
    earlier = _BACKWARD.read(post=post_id, cursor=cursor, limit=limit + 1)
    if not earlier:
        return None
    return earlier[limit - 1].thread_key if len(earlier) > limit else ""


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
    comments = ReaderComment.objects.approved().filter(Exists(with_comments().filter(pk=OuterRef("post_id"))))
    comments = comments.filter(post_id=post_id) if post_id else comments
    return comments.select_related("post", "parent").order_by("-created_at", "-pk")


def one(comment_id: uuid.UUID) -> ReaderComment | None:
    """An approved comment of a public post."""
    return newest().filter(pk=comment_id).first()
