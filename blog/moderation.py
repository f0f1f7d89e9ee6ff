"""What the clinic does with comments: decide, answer, erase."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from blog.comments import lock_thread
from blog.models import ReaderComment
from home.site_settings import SiteSettings
from outbox.services import queue

Status = ReaderComment.Status


@dataclass(frozen=True)
class Action:
    """A decision: what it is called, from which states it may be taken, and what it leads to."""

    label: str
    sources: frozenset[str]
    target: str


ACTIONS = {
    "approve": Action(
        "Approve", frozenset({Status.PENDING, Status.SPAM, Status.REJECTED, Status.REMOVED}), Status.APPROVED
    ),
    "reject": Action("Reject", frozenset({Status.PENDING, Status.SPAM}), Status.REJECTED),
    "spam": Action("Spam", frozenset({Status.PENDING, Status.REJECTED, Status.APPROVED}), Status.SPAM),
    "remove": Action("Remove", frozenset({Status.APPROVED}), Status.REMOVED),
}


class DecisionRefused(Exception):
    """The comment is not what the moderator saw; the text says what happened to it."""


@transaction.atomic
def decide(*, comment_id: uuid.UUID, action: str, user: Any, revision: int | None = None) -> ReaderComment:
    """
    Take one of ACTIONS, and keep who did it and when.

    `revision` is that of the text which was read. DecisionRefused if the text is another one by now, or if the comment
    is in a state that this can't follow on.
    """
    comment = _locked(comment_id, revision)
    if comment.status not in ACTIONS[action].sources:
        raise DecisionRefused(f"This comment is {comment.get_status_display().lower()} already.")
    before, comment.status = comment.status, ACTIONS[action].target
    comment.decided_at, comment.decided_by = timezone.now(), user
    if comment.status == Status.APPROVED:
        publish(comment)
    else:
        comment.save()
    log(instance=comment, action="blog.decide_comment", user=user, data={"from": before, "to": comment.status})
    return comment


def _locked(comment_id: uuid.UUID, revision: int | None) -> ReaderComment:
    comment = locked(comment_id)
    if comment is None:
        raise DecisionRefused("This comment was taken back by its writer.")
    if revision is not None and revision != comment.revision:
        raise DecisionRefused("The writer has changed this comment since you read it. Please read it again.")
    return comment


def locked(comment_id: uuid.UUID) -> ReaderComment | None:
    """The comment, with its thread kept from changing until the transaction ends."""
    known = ReaderComment.objects.filter(pk=comment_id).values_list("root_id", flat=True).first()
    lock_thread(known or comment_id)
    return ReaderComment.objects.select_for_update().filter(pk=comment_id).first()


def publish(comment: ReaderComment) -> None:
    """Show a comment, forget an address that is not needed for it any more, and mail whoever waits for an answer."""
    comment.status = Status.APPROVED
    comment.published_at = comment.published_at or timezone.now()
    if not comment.notify_replies and not comment.email_confirmed_at:
        comment.email = ""
    comment.save()
    _notify(comment)


def _notify(answer: ReaderComment) -> None:
    asked = answer.parent
    if asked and asked.wants_mail and asked.email_digest != answer.email_digest:
        key = f"blog.reply:{answer.pk}"
        queue(kind="blog.reply", context={"comment": str(answer.pk)}, dedupe_key=key)


def may_appear_unread(comment: ReaderComment) -> bool:
    """
    Whether a comment is shown before anybody at the clinic has read it: where the settings say so, nothing about it is
    odd, and an earlier one from the same confirmed address was approved.
    """
    is_asked_for = SiteSettings.current().comments_moderation == SiteSettings.Moderation.KNOWN
    if not is_asked_for or comment.status != Status.PENDING or comment.signals or not comment.email_confirmed_at:
        return False
    known = ReaderComment.objects.filter(email_digest=comment.email_digest, status=Status.APPROVED)
    return known.exclude(email_confirmed_at=None).exclude(decided_by=None).exclude(pk=comment.pk).exists()


@transaction.atomic
def reply_as_clinic(*, parent: ReaderComment, body: str, user: Any) -> ReaderComment:
    """An answer under the clinic's badge, shown at once."""
    answer = ReaderComment(
        post=parent.post,
        root=parent.root or parent,
        parent=parent,
        author_name=(user.get_full_name() or SiteSettings.current().name)[:60],
        body=body,
        is_staff=True,
        decided_at=timezone.now(),
        decided_by=user,
    )
    answer.full_clean()
    publish(answer)
    log(instance=answer, action="blog.answer_comment", user=user)
    return answer


@transaction.atomic
def erase(*, comment_id: uuid.UUID, user: Any) -> None:
    """Delete everything a person wrote in this comment, for good."""
    comment = _locked(comment_id, None)
    log(instance=comment, action="blog.erase_comment", user=user)
    wipe(comment)


def wipe(comment: ReaderComment) -> None:
    """The row goes; where others have answered what was once shown, it stays as an empty place."""
    was_shown = comment.status in ReaderComment.HOLDS_A_THREAD
    if not was_shown or not ReaderComment.objects.filter(root=comment).exists():
        comment.delete()
        return
    comment.status = Status.ERASED
    comment.author_name = comment.body = comment.email = ""
    comment.email_digest = comment.network = comment.text_digest = ""
    comment.notify_replies, comment.email_confirmed_at, comment.signals = False, None, []
    comment.save()
