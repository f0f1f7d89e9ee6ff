"""
What looks odd about a comment: codes for the moderator, and where it waits.

`honeypot`, `quick` and `no_proof` come from the guard; `many_links`, `duplicate`, `lookalike` and `rule:<id>` are found
here. Nothing is ever turned away for them: what looks like spam waits under spam.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from blog.models import Author, BlockRule, ReaderComment
from blog.rules import address_digest, hosts_in, normalised, rules_against
from home.site_settings import SiteSettings

MAX_LINKS = 2
REMEMBERED_FOR = timedelta(days=7)
# Letters of other scripts that pass for Latin ones: https://www.unicode.org/reports/tr39/
_ALIKE = str.maketrans("аеіорсухѕԁһӏνοαευτρκι01", "aeiopcyxsdhlvoaeutpkiol")


def screen(comment: ReaderComment, *, from_guard: tuple[str, ...]) -> None:
    """Fill in the signals, the digests and the status of a comment that is not decided about yet."""
    comment.email_digest = address_digest(comment.email)
    comment.text_digest = _text_digest(comment.body)
    rules = list(rules_against(comment))
    comment.signals = [*from_guard, *_found_in(comment), *(f"rule:{rule.pk}" for rule in rules)]
    is_spam = "honeypot" in from_guard or any(rule.action == BlockRule.Action.SPAM for rule in rules)
    comment.status = ReaderComment.Status.SPAM if is_spam else ReaderComment.Status.PENDING


def _text_digest(text: str) -> str:
    return salted_hmac("blog.text", normalised(text), algorithm="sha256").hexdigest()[:32]


def _found_in(comment: ReaderComment) -> Iterator[str]:
    if (
        len(re.findall(r"https?://|www\.", comment.body, re.IGNORECASE)) > MAX_LINKS
        or len(hosts_in(comment.body)) > MAX_LINKS
    ):
        yield "many_links"
    if _was_sent_before(comment):
        yield "duplicate"
    if _skeleton(comment.author_name) in _our_names():
        yield "lookalike"


def _was_sent_before(comment: ReaderComment) -> bool:
    since = timezone.now() - REMEMBERED_FOR
    same = ReaderComment.objects.filter(text_digest=comment.text_digest, created_at__gte=since)
    return same.exclude(pk=comment.pk).exists()


def _our_names() -> set[str]:
    """Under which names a stranger would be taken for the clinic."""
    names = [SiteSettings.current().name, *Author.objects.values_list("name", flat=True)]
    return {_skeleton(name) for name in names}


def _skeleton(name: str) -> str:
    return re.sub(r"[\W_]+", "", normalised(name).translate(_ALIKE))
