from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from blog.comments import CommentQuerySet
from blog.models import ReaderComment
from blog.moderation import wipe

SPAM_KEPT_FOR = timedelta(days=30)
TURNED_DOWN_KEPT_FOR = timedelta(days=90)
TRACES_KEPT_FOR = timedelta(days=30)
BATCH = 500


def prune() -> int:
    """
    Wipe spam and comments that were turned down or removed long enough ago, and forget where comments came from and
    addresses that nobody confirmed; the number of comments that were touched.
    """
    return sum(_wipe(due) for due in _due()) + _forget_traces()


def _due() -> tuple[CommentQuerySet, ...]:
    now = timezone.now()
    status, comments = ReaderComment.Status, ReaderComment.objects
    spam = comments.filter(status=status.SPAM, created_at__lt=now - SPAM_KEPT_FOR)
    turned_down = comments.filter(status__in=[status.REJECTED, status.REMOVED])
    return (
        spam.exclude(decided_at__gte=now - SPAM_KEPT_FOR),
        turned_down.filter(decided_at__lt=now - TURNED_DOWN_KEPT_FOR),
        # What nobody has read in all that time is not going to appear any more; what was imported was old when it came.
        comments.filter(status=status.PENDING, created_at__lt=now - TURNED_DOWN_KEPT_FOR, import_key=None),
    )


@transaction.atomic
def _wipe(due: CommentQuerySet) -> int:
    chosen = list(due[:BATCH])
    for comment in chosen:
        wipe(comment)
    return len(chosen)


def _forget_traces() -> int:
    old = ReaderComment.objects.filter(created_at__lt=timezone.now() - TRACES_KEPT_FOR)
    networks = old.exclude(network="").update(network="")
    unconfirmed = old.exclude(email="").filter(email_confirmed_at=None)
    return networks + unconfirmed.exclude(status=ReaderComment.Status.PENDING).update(email="", notify_replies=False)
