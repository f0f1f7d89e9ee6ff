"""
Signed tokens that stand for one comment and one purpose, each good for its purpose alone. None is stored, but for the
answer that a repeated request gets again (`guard.idempotency`).

A token for an address carries that address's digest: it dies with the address.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core import signing

from blog.models import ReaderComment

EDIT_WINDOW = timedelta(minutes=15)
CONFIRM_WITHIN = timedelta(days=7)
MAX_LENGTH = 300


def edit_token(comment: ReaderComment) -> str:
    return signing.dumps(comment.pk.hex, salt="blog.edit")


def comment_to_edit(token: str, comment_id: uuid.UUID) -> ReaderComment | None:
    """The comment, if the token was made for it and its window is still open."""
    if _load(token, "blog.edit", EDIT_WINDOW) != comment_id.hex:
        return None
    return ReaderComment.objects.filter(pk=comment_id).exclude(status=ReaderComment.Status.ERASED).first()


def confirm_token(comment: ReaderComment) -> str:
    return signing.dumps([comment.pk.hex, comment.email_digest], salt="blog.confirm")


def comment_to_confirm(token: str) -> ReaderComment | None:
    return _by_address(_load(token, "blog.confirm", CONFIRM_WITHIN))


def unsubscribe_token(comment: ReaderComment) -> str:
    return signing.dumps([comment.pk.hex, comment.email_digest], salt="blog.unsubscribe")


def comment_to_unsubscribe(token: str) -> ReaderComment | None:
    """Without a limit in time: an old mail must still let its reader go."""
    return _by_address(_load(token, "blog.unsubscribe", None))


def _by_address(value: object) -> ReaderComment | None:
    if not isinstance(value, list):
        return None
    comment_id, digest = value
    return ReaderComment.objects.filter(pk=comment_id, email_digest=digest).exclude(email="").first()


def _load(token: str, salt: str, max_age: timedelta | None) -> object:
    if len(token) > MAX_LENGTH:
        return None
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None
