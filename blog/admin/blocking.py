"""Block rules in the admin: made from a comment or by hand, and what each of them has caught."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from blog.models import BlockRule, ReaderComment

NETWORK_BLOCKED_FOR = timedelta(days=30)


@transaction.atomic
def block_network(*, comment: ReaderComment, user: Any) -> BlockRule:
    """Put what comes from a comment's network under spam for a while; from now on again if it was so before."""
    rule, is_new = BlockRule.objects.update_or_create(
        kind=BlockRule.Kind.NETWORK,
        value=comment.network,
        defaults={"action": BlockRule.Action.SPAM, "expires_at": timezone.now() + NETWORK_BLOCKED_FOR},
        create_defaults={
            "action": BlockRule.Action.SPAM,
            "expires_at": timezone.now() + NETWORK_BLOCKED_FOR,
            "note": f"Made from comment {comment.pk.hex[:8]}.",
        },
    )
    log(instance=rule, action="wagtail.create" if is_new else "wagtail.edit", user=user)
    return rule
