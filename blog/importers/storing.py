"""From what another system gave away to comments of ours."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from blog.comments import refresh_thread
from blog.importers.plain_text import fitted, is_blank
from blog.importers.posts import Posts, place
from blog.importers.records import Found, Summary, as_number, refusal
from blog.importers.spool import Entry, Spool
from blog.models import ReaderComment
from blog.rules import address_digest
from home import changes

BATCH = 200
Status = ReaderComment.Status
_OWN_KEY = 22


def import_comments(*, source: str, found: Iterable[Found], posts: Posts, is_dry_run: bool = False) -> Summary:
    """
    Store comments of another system, in batches that are there as a whole or not at all, and only once `found` has come
    to its end. What was stored by an earlier run is left as it is by now. Nobody gets a mail.
    """
    summary = Summary()
    with Spool() as spool:
        for comment in found:
            summary.read += 1
            _take(comment, posts, spool, summary)
        spool.arrange()
        with tqdm(total=len(spool), desc="Storing", unit=" comments", disable=None) as bar:
            for batch in spool.batches(BATCH):
                new = _count_new(batch, source) if is_dry_run else _store(batch, source)
                summary.stored += new
                summary.already_there += len(batch) - new
                bar.update(len(batch))
    return summary


def _take(found: Found, posts: Posts, spool: Spool, summary: Summary) -> None:
    """Let it wait in the spool, or count why not."""
    number, where = as_number(found.number), place(found.address)
    reason, post = refusal(found), posts.find(where)
    if number is None:
        reason = reason or "without a number"
    elif post is not None and not spool.add(_entry(found, number, post, is_kept=not reason), is_kept=not reason):
        reason = reason or "with a number that was there before"
    if reason:
        summary.refused[reason] += 1
    elif post is None:
        summary.without_post[where or "(no address)"] += 1


def _entry(found: Found, number: int, post: int, *, is_kept: bool) -> Entry:
    written = found.written.isoformat() if found.written else ""
    place_in_thread = Entry(number, post, as_number(found.parent), written)
    if not is_kept:
        return place_in_thread
    email = _valid(found.email.strip())
    return place_in_thread._replace(
        status=found.status,
        name=_("Anonymous") if is_blank(found.name) else fitted(found.name, _limit("author_name")),
        body=fitted(found.text, _limit("body")),
        # As on this site: of whoever is not waited for any more, the address is forgotten.
        email=email if found.status == Status.PENDING else "",
        digest=address_digest(email),
    )


def _valid(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= _limit("email") else ""


def _limit(field: str) -> int:
    return int(getattr(ReaderComment._meta.get_field(field), "max_length", 0))


def _key(source: str, number: int | None) -> str:
    return f"{source}:{number}"


def _count_new(batch: list[Entry], source: str) -> int:
    keys = [_key(source, entry.number) for entry in batch]
    return len(batch) - ReaderComment.objects.filter(import_key__in=keys).count()


@transaction.atomic
def _store(batch: list[Entry], source: str) -> int:
    """How many of them were new."""
    known = _known(batch, source)
    new = []
    for entry in batch:
        key = _key(source, entry.number)
        if key not in known:
            known[key] = _comment(entry, source, known)
            new.append(known[key])
    continued = _show(new)
    ReaderComment.objects.bulk_create(new)
    for thread in continued:
        refresh_thread(thread)
    changes.record(*(f"comments-{post_id}" for post_id in {comment.post_id for comment in new}), "comments")
    return len(new)


def _show(new: list[ReaderComment]) -> set[uuid.UUID]:
    """Mark what is shown of threads that begin here, in which nothing was removed yet; the other threads."""
    begun = {comment.pk: comment.status == Status.APPROVED for comment in new if comment.root_id is None}
    for comment in new:
        comment.is_shown = comment.status == Status.APPROVED and begun.get(comment.root_id or comment.pk, False)
    return {comment.root_id for comment in new if comment.root_id} - begun.keys()


def _known(batch: list[Entry], source: str) -> dict[str, ReaderComment]:
    """The comments of a batch, and those that they stand under, as far as they are stored."""
    keys = {_key(source, number) for entry in batch for number in (entry.number, entry.parent, entry.thread)}
    stored = ReaderComment.objects.filter(import_key__in=keys).only("import_key", "post_id", "root_id", "thread_key")
    return {str(comment.import_key): comment for comment in stored}


def _comment(entry: Entry, source: str, known: dict[str, ReaderComment]) -> ReaderComment:
    parent, beginning = known.get(_key(source, entry.parent)), known.get(_key(source, entry.thread))
    above = parent or beginning
    if above is None or above.post_id != entry.post:
        parent = above = None
    is_approved, is_spam = entry.status == Status.APPROVED, entry.status == Status.SPAM
    comment = ReaderComment(
        import_key=_key(source, entry.number),
        post_id=entry.post,
        root_id=(above.root_id or above.pk) if above else None,
        parent=parent,
        status=entry.status,
        author_name=entry.name,
        body=entry.body,
        email=entry.email,
        email_digest=entry.digest,
        created_at=entry.created_at,
        published_at=entry.created_at if is_approved else None,
        # Spam is kept for a month from the day on which somebody here can see it.
        decided_at=timezone.now() if is_spam else None,
    )
    comment.thread_key = (above.thread_key[:_OWN_KEY] if above else "") + comment._own_key()
    return comment
