"""What visitors do with comments: leave one, change or take it back, confirm an address, ask for no more mail."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, Throttled, ValidationError

from blog import moderation
from blog.models import BlogPage, ReaderComment
from blog.screening import screen
from guard import limits
from guard.clients import Sender
from guard.errors import Conflict
from guard.limits import Limit
from home.site_settings import SiteSettings
from outbox.services import queue

# Mail to an address that nobody has confirmed: anybody may have typed it.
UNCONFIRMED_MAILS = (Limit(3, timedelta(days=1)),)
GUARD_SIGNALS = ("honeypot", "quick", "no_proof")


@transaction.atomic
def leave_comment(
    *,
    post: BlogPage,
    author_name: str,
    body: str,
    sender: Sender,
    email: str = "",
    parent: uuid.UUID | None = None,
    notify_replies: bool = False,
) -> ReaderComment:
    """A visitor's comment, held until a moderator decides; what looks like spam waits under spam."""
    answered = _parent(post, parent)
    comment = ReaderComment(
        post=post,
        root=answered and (answered.root or answered),
        parent=answered,
        author_name=author_name,
        email=email,
        body=body,
        notify_replies=notify_replies,
        network=sender.network,
    )
    screen(comment, from_guard=sender.signals)
    comment.full_clean()
    comment.save(force_insert=True)
    _tell(comment)
    return comment


def _parent(post: BlogPage, parent: uuid.UUID | None) -> ReaderComment | None:
    """The comment that is answered. Unknown, of another post, not approved: one refusal that tells nothing apart."""
    if parent is None:
        return None
    moderation.locked(parent)  # its writer may be taking it back at this moment
    try:
        return ReaderComment.objects.approved().select_related("root").get(pk=parent, post=post)
    except ReaderComment.DoesNotExist as error:
        raise ValidationError({"parent": [_("This comment can’t be answered.")]}) from error


def _tell(comment: ReaderComment) -> None:
    """Nobody is told of what looks like spam."""
    if comment.status == ReaderComment.Status.PENDING:
        _announce(comment)
        _ask_to_confirm(comment)


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


def _ask_to_confirm(comment: ReaderComment) -> None:
    """One mail that asks whether the address is the writer's, if it is needed for anything, and not too many a day."""
    knows_writers = SiteSettings.current().comments_moderation == SiteSettings.Moderation.KNOWN
    if not comment.email or not (comment.notify_replies or knows_writers):
        return
    try:
        with transaction.atomic():
            limits.count(scope="confirm", subject=comment.email_digest, limits=UNCONFIRMED_MAILS)
    except Throttled:
        return
    key = f"blog.confirm_address:{comment.pk}"
    queue(kind="blog.confirm_address", context={"comment": str(comment.pk)}, dedupe_key=key)


@transaction.atomic
def edit_comment(*, comment: ReaderComment, body: str) -> ReaderComment:
    """Another text, through the same screening; Conflict once somebody has decided about it."""
    comment = _locked(comment)
    if comment.decided_at or comment.published_at:
        raise Conflict(_("This comment was read already and can’t be changed any more."), code="locked")
    comment.body, comment.edited_at = body, timezone.now()
    comment.revision += 1
    screen(comment, from_guard=tuple(name for name in comment.signals if name in GUARD_SIGNALS))
    comment.full_clean()
    comment.save()
    _tell(comment)
    return comment


@transaction.atomic
def withdraw_comment(*, comment: ReaderComment) -> None:
    """The writer takes it back: it goes, and only its place is left where others have answered."""
    moderation.wipe(_locked(comment))


@transaction.atomic
def confirm_address(*, comment: ReaderComment) -> None:
    """The address is the writer's own: answers are mailed to it, and a writer whom the clinic knows may be shown."""
    comment = _locked(comment)
    if comment.email_confirmed_at is None:
        comment.email_confirmed_at = timezone.now()
        comment.save(update_fields=["email_confirmed_at"])
    if moderation.may_appear_unread(comment):
        moderation.publish(comment)


def _locked(comment: ReaderComment) -> ReaderComment:
    found = moderation.locked(comment.pk)
    if found is None:
        raise NotFound
    return found


def stop_mail(*, comment: ReaderComment) -> None:
    ReaderComment.objects.filter(pk=comment.pk).update(notify_replies=False)
