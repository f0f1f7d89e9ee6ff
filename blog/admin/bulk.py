"""One decision about many comments: the ticked ones, or all that a list shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from wagtail.admin import messages

from blog.admin.access import ModeratorView
from blog.admin.seen import NotSeen, Seen, decide_as_seen
from blog.admin.selection import Selection
from blog.moderation import DecisionRefused, erase

MOST = 500
DONE = {"approve": "approved", "reject": "rejected", "spam": "put under spam", "erase": "erased"}
CARRIED = {"action", "list", "all", "until", "comment"}
QUESTIONS = {"approve": "Approve", "reject": "Reject", "spam": "Put under spam", "erase": "Erase"}


class BulkView(ModeratorView):
    """Asks first where there is no way back, and where more is meant than the moderator has before their eyes."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        action, listed = request.POST.get("action", ""), QueryDict(request.POST.get("list", ""))
        if action not in DONE:
            raise SuspiciousOperation("No such decision.")
        selection, takes_all = Selection.of(listed), "all" in request.POST
        if takes_all and not (listed and selection.is_narrowed):
            messages.warning(request, "Choose a status, a post, a sender or a word first: this would be every comment.")
            return redirect(selection.url())
        chosen = _all_in(selection, _until(request)) if takes_all else _ticked(request)
        if not chosen:
            messages.warning(request, "Tick a comment first.")
            return redirect(selection.url())
        if (takes_all or action == "erase") and "confirmed" not in request.POST:
            return _ask(request, action, selection, len(chosen))
        _report(request, action, decide_about(chosen=chosen[:MOST], action=action, user=request.user))
        return redirect(selection.url())


def _ticked(request: HttpRequest) -> list[Seen]:
    """`comment=<id>.<revision>.<status>` for each."""
    try:
        return [Seen.of(*value.split(".", 2)) for value in request.POST.getlist("comment")[:MOST]]
    except (NotSeen, TypeError) as error:
        raise SuspiciousOperation("The form does not say which comments it is about.") from error


def _until(request: HttpRequest) -> datetime:
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise SuspiciousOperation("The form does not say when it was made.")
    return until


def _all_in(selection: Selection, until: datetime) -> list[Seen]:
    """All that the list had on all its pages when it was looked at; one more than can be done at once."""
    comments = selection.comments().filter(created_at__lte=until).filter(Q(edited_at=None) | Q(edited_at__lte=until))
    return [Seen(*row) for row in comments.values_list("pk", "revision", "status")[: MOST + 1]]


def _ask(request: HttpRequest, action: str, selection: Selection, number: int) -> HttpResponse:
    title = f"{QUESTIONS[action]}: are you sure?"
    context = {
        "header_title": title,
        "header_icon": "comment",
        "breadcrumbs_items": [{"url": selection.url(), "label": "Comments"}, {"url": "", "label": title}],
        "action": action,
        "question": QUESTIONS[action],
        "number": min(number, MOST),
        "is_more": number > MOST,
        "fields": [(name, value) for name, values in request.POST.lists() for value in values if name in CARRIED],
        "list_url": selection.url(),
    }
    return render(request, "blog/admin/confirm_bulk.html", context)


@transaction.atomic
def decide_about(*, chosen: list[Seen], action: str, user: Any) -> Counter[str]:
    """
    Decide about each, as far as that may be done, in one transaction; how many of which outcome. They are locked in
    the order of their ids, so that two moderators never wait for each other.
    """
    act = _act(action, user)
    return Counter(_outcome(act, seen, DONE[action]) for seen in sorted(chosen, key=lambda seen: seen.comment_id))


def _act(action: str, user: Any) -> Callable[[Seen], Any]:
    if action == "erase":
        return lambda seen: erase(comment_id=seen.comment_id, user=user)
    return lambda seen: decide_as_seen(seen=seen, action=action, user=user)


def _outcome(act: Callable[[Seen], Any], seen: Seen, done: str) -> str:
    try:
        act(seen)
    except DecisionRefused as refusal:
        return str(refusal)
    return done


def _report(request: HttpRequest, action: str, outcomes: Counter[str]) -> None:
    done = outcomes.pop(DONE[action], 0)
    words = [f"{done} {DONE[action]}."]
    words += [f"{number} left as {'it is' if number == 1 else 'they are'}: {why}" for why, number in outcomes.items()]
    (messages.warning if outcomes else messages.success)(request, " ".join(words))
