from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from blog.models import ReaderComment

KEPT_FOR = timedelta(days=90)


def prune() -> int:
    """Delete comments that were turned down KEPT_FOR ago, and spam of that age; the number of rows that went."""
    turned_down = [ReaderComment.Status.REJECTED, ReaderComment.Status.SPAM]
    old = ReaderComment.objects.filter(status__in=turned_down, created_at__lt=timezone.now() - KEPT_FOR)
    return old.exclude(decided_at__gte=timezone.now() - KEPT_FOR).delete()[0]
