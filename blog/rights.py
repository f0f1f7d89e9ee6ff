"""What a person may ask for: a copy of everything that was sent under their address, and that it is erased."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from blog.comments import CommentQuerySet
from blog.models import ReaderComment
from blog.moderation import locked, wipe
from blog.rules import address_digest


def exported(address: str) -> list[dict[str, Any]]:
    """Everything that was sent under an address, as its writer may have it (GDPR, Article 15)."""
    found = _of(address).select_related("post").order_by("created_at")
    return [
        {
            "post": comment.post.title,
            "name": comment.author_name,
            "e-mail": comment.email,
            "comment": comment.body,
            "status": comment.get_status_display(),
            "written": comment.created_at.isoformat(),
            "changed": comment.edited_at and comment.edited_at.isoformat(),
            "address confirmed": comment.email_confirmed_at and comment.email_confirmed_at.isoformat(),
            "mail about answers": comment.notify_replies,
        }
        for comment in found
    ]


@transaction.atomic
def erase_all(address: str) -> int:
    """Erase everything that was sent under an address; the number of comments (GDPR, Article 17)."""
    found = [locked(comment_id) for comment_id in _of(address).order_by("thread_key").values_list("pk", flat=True)]
    for comment in filter(None, found):
        wipe(comment)
    return len(found)


def _of(address: str) -> CommentQuerySet:
    return ReaderComment.objects.filter(email_digest=address_digest(address)).exclude(email_digest="")
