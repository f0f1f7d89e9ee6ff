"""Which comments a list shows: what the address of the list says, and nothing else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from blog.comments import CommentQuerySet
from blog.models import ReaderComment

Status = ReaderComment.Status
ALL = "all"
TABS = [*((status.value, str(status.label)) for status in Status if status != Status.ERASED), (ALL, "All")]
TABS.sort(key=lambda tab: ["pending", "spam", "approved", "rejected", "removed", ALL].index(tab[0]))


class SelectionForm(forms.Form):
    status = forms.ChoiceField(choices=TABS, required=False)
    post = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    q = forms.CharField(required=False, max_length=100)
    sender = forms.UUIDField(required=False)
    comment = forms.UUIDField(required=False)


@dataclass(frozen=True)
class Selection:
    """
    `sender` is the id of one comment: everything of whoever sent it. `comment` is one comment alone.

    Without a status it is what waits; of one sender, or one comment, whatever has become of it.
    """

    status: str = ""
    post: int | None = None
    q: str = ""
    sender: uuid.UUID | None = None
    comment: uuid.UUID | None = None
    page: str = ""
    is_valid: bool = True

    @classmethod
    def of(cls, query: QueryDict) -> Selection:
        form = SelectionForm(query)
        is_valid = form.is_valid()
        fields = form.cleaned_data
        status = fields.get("status") or (ALL if fields.get("sender") or fields.get("comment") else Status.PENDING)
        return cls(**{**fields, "status": str(status)}, page=query.get("p", ""), is_valid=is_valid)

    @property
    def is_narrowed(self) -> bool:
        """Whether it is less than every comment there is."""
        return self.is_valid and (self.status != ALL or self.is_searched)

    @property
    def is_searched(self) -> bool:
        """Whether anything but the status narrows it."""
        return not self.is_valid or bool(self.post or self.q or self.sender or self.comment)

    @property
    def is_oldest_first(self) -> bool:
        return self.status == Status.PENDING

    def comments(self) -> CommentQuerySet:
        found = self.in_any_status()
        if self.status != ALL:
            found = found.filter(status=self.status)
        return found.order_by("created_at" if self.is_oldest_first else "-created_at", "pk")

    def in_any_status(self) -> CommentQuerySet:
        if not self.is_valid:
            return ReaderComment.objects.none()
        # Of an erased comment nothing is left to read.
        found = ReaderComment.objects.exclude(status=Status.ERASED)
        if self.post:
            found = found.filter(post_id=self.post)
        if self.comment:
            found = found.filter(pk=self.comment)
        if self.sender:
            found = found.filter(_same_sender(self.sender))
        if self.q:
            found = found.filter(Q(body__icontains=self.q) | Q(author_name__icontains=self.q))
        return found

    def query(self, **changes: Any) -> str:
        fields = {
            "status": self.status,
            "post": self.post,
            "q": self.q,
            "sender": self.sender,
            "comment": self.comment,
            "p": self.page,
        }
        return urlencode({name: value for name, value in (fields | changes).items() if value})

    def url(self, **changes: Any) -> str:
        return f"{reverse('blog_comments')}?{self.query(**changes)}"


def _same_sender(comment_id: uuid.UUID) -> Q:
    """Comments with the address or the network of this one, as long as they are known; and itself."""
    same = Q(pk=comment_id)
    sent = ReaderComment.objects.filter(pk=comment_id).first()
    if sent and sent.email_digest:
        same |= Q(email_digest=sent.email_digest)
    if sent and sent.network:
        same |= Q(network=sent.network)
    return same
