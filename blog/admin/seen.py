"""What a moderator had before their eyes when they decided: no other comment may be decided about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from blog.models import ReaderComment
from blog.moderation import DecisionRefused, decide


class NotSeen(ValueError):
    """The form does not say what was seen."""


@dataclass(frozen=True)
class Seen:
    comment_id: uuid.UUID
    revision: int
    status: str

    @classmethod
    def of(cls, comment_id: uuid.UUID | str, revision: str, status: str) -> Seen:
        if status not in ReaderComment.Status.values:
            raise NotSeen
        try:
            return cls(uuid.UUID(str(comment_id)), int(revision), status)
        except ValueError as error:
            raise NotSeen from error


@transaction.atomic
def decide_as_seen(*, seen: Seen, action: str, user: Any) -> ReaderComment:
    """A decision, unless the comment was changed, or somebody else has decided, since it was looked at."""
    found = ReaderComment.objects.select_for_update().filter(pk=seen.comment_id).first()
    if found and found.status != seen.status:
        raise DecisionRefused(f"This comment is {found.get_status_display().lower()} already.")
    return decide(comment_id=seen.comment_id, action=action, user=user, revision=seen.revision)
