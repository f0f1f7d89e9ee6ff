"""One entry of the queue: a comment with all that a moderator needs beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from wagtail.permission_policies.pages import PagePermissionPolicy

from blog.admin import access
from blog.admin.reasons import Reason, reasons_of, rules_named_in
from blog.admin.selection import ALL, Selection
from blog.admin.senders import Sender, Senders
from blog.models import ReaderComment
from blog.moderation import ACTIONS
from blog.rules import hosts_in

HOSTS = 3
KEYS = {"approve": "a", "reject": "r", "spam": "s"}
LOOKS = {"approve": "", "reject": "button-secondary", "spam": "button-secondary", "remove": "button-secondary"}


@dataclass(frozen=True)
class Button:
    action: str
    label: str
    key: str
    look: str


@dataclass(frozen=True)
class Entry:
    comment: ReaderComment
    reasons: list[Reason]
    sender: Sender
    hosts: list[str]
    post_url: str
    may_edit_post: bool
    may_block: bool
    may_change_rules: bool
    list_query: str
    place: str
    draft: str

    @property
    def buttons(self) -> list[Button]:
        return [
            Button(name, action.label, KEYS.get(name, ""), LOOKS[name])
            for name, action in ACTIONS.items()
            if self.comment.status in action.sources
        ]

    @property
    def first_action(self) -> str:
        return self.buttons[0].action

    @property
    def status_look(self) -> str:
        return "w-status--primary" if self.is_approved else "w-status--label"

    @property
    def same_post_url(self) -> str:
        return Selection(status=ALL, post=self.comment.post_id).url()

    @property
    def erase_query(self) -> str:
        return urlencode({"list": self.list_query, "place": self.place})

    @property
    def has_something_to_block(self) -> bool:
        return bool(self.comment.email or self.hosts or self.comment.network)

    @property
    def is_approved(self) -> bool:
        return self.comment.status == ReaderComment.Status.APPROVED

    @property
    def address(self) -> str:
        if not self.comment.email_digest and not self.comment.email:
            return "No address"
        return "Address confirmed" if self.comment.email_confirmed_at else "Address not confirmed"


def entries_for(
    comments: Sequence[ReaderComment], *, request: HttpRequest, list_query: str, draft: str = ""
) -> list[Entry]:
    rules, senders, user = rules_named_in(comments), Senders(comments), request.user
    editable = _editable_posts(comments, user)
    return [
        Entry(
            comment=comment,
            reasons=reasons_of(comment, rules),
            sender=senders.of(comment),
            hosts=sorted(hosts_in(f"{comment.author_name} {comment.body}"))[:HOSTS],
            post_url=comment.post.get_url(request) or "",
            may_edit_post=comment.post_id in editable,
            may_block=user.has_perm(access.ADD_RULE),
            may_change_rules=user.has_perm(access.CHANGE_RULE),
            list_query=list_query,
            place=_place_after(comments, number),
            draft=draft,
        )
        for number, comment in enumerate(comments)
    ]


def _editable_posts(comments: Sequence[ReaderComment], user: Any) -> set[int]:
    posts = {comment.post_id for comment in comments}
    editable = PagePermissionPolicy().instances_user_has_permission_for(user, "change")
    return set(editable.filter(pk__in=posts).values_list("pk", flat=True))


def _place_after(comments: Sequence[ReaderComment], number: int) -> str:
    """Where the list stands once this entry is done with: at the next one, or after the last at the one before."""
    beside = comments[number + 1] if number + 1 < len(comments) else comments[number - 1]
    return str(beside.pk)
