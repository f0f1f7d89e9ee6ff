"""The queue: a list of comments, each with its decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from blog.admin.access import ModeratorView
from blog.admin.entries import entries_for
from blog.admin.selection import ALL, TABS, Selection
from blog.models import BlogPage, ReaderComment

BULK = {"approve": "Approve", "reject": "Reject", "spam": "Put under spam", "erase": "Erase…"}
PAGE_SIZE = 20
POSTS_TO_CHOOSE = 100


@dataclass(frozen=True)
class Tab:
    label: str
    count: int
    url: str
    is_current: bool


class QueueView(ModeratorView):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return render_queue(request, Selection.of(request.GET))


def render_queue(
    request: HttpRequest,
    selection: Selection,
    *,
    again: ReaderComment | None = None,
    draft: str = "",
    status: int = 200,
) -> HttpResponse:
    """
    The list. `again` is an entry that must be looked at once more: it stands above the others, as it is now, with the
    `draft` of the answer that was not sent.
    """
    page = Paginator(selection.comments().select_related("post", "parent", "decided_by"), PAGE_SIZE).get_page(
        selection.page
    )
    list_query = selection.query(p=page.number if page.number > 1 else "")
    comments = [comment for comment in page if again is None or comment.pk != again.pk]
    context = {
        **_furniture(selection),
        "selection": selection,
        "page_obj": page,
        "entries": entries_for(comments, request=request, list_query=list_query),
        "again": entries_for([again] if again else [], request=request, list_query=list_query, draft=draft),
        "list_query": list_query,
        "export_query": selection.query(p=""),
        "previous_url": page.has_previous() and selection.url(p=page.previous_page_number()),
        "next_url": page.has_next() and selection.url(p=page.next_page_number()),
    }
    return render(request, "blog/admin/queue.html", context, status=status)


def _furniture(selection: Selection) -> dict[str, Any]:
    """What stands around the list."""
    return {
        "header_title": "Comments",
        "header_icon": "comment",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": "", "label": "Comments"},
        ],
        "waiting": ReaderComment.objects.waiting().count(),
        "tabs": _tabs(selection),
        "everything_url": Selection(status=selection.status).url(),
        "sender_url": Selection(status=ALL, comment=selection.sender).url(),
        "bulk_actions": BULK.items(),
        "posts": _posts(selection),
        # What comes in after this moment is not part of “all in this list”.
        "until": timezone.now().isoformat(),
    }


def _tabs(selection: Selection) -> list[Tab]:
    rows = selection.in_any_status().order_by().values_list("status").annotate(number=Count("pk"))
    counts: Counter[str] = Counter(dict(rows))
    counts[ALL] = counts.total()
    return [
        Tab(label, counts[status], selection.url(status=status, p=""), status == selection.status)
        for status, label in TABS
    ]


def _posts(selection: Selection) -> list[BlogPage]:
    """The posts that were commented on last, and the one that is chosen."""
    commented = BlogPage.objects.annotate(last=Max("comments__created_at")).filter(last__isnull=False)
    posts = list(commented.order_by("-last").only("title")[:POSTS_TO_CHOOSE])
    if selection.post and selection.post not in {post.pk for post in posts}:
        posts += BlogPage.objects.filter(pk=selection.post).only("title")
    return posts
