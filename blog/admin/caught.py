"""What the signals and the block rules have caught lately, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from blog.admin.access import ModeratorView
from blog.admin.reasons import Reason, reason_for
from blog.models import BlockRule, ReaderComment

DAYS = 30
# Counted in memory, since no two databases look into a JSON list in the same way.
MOST = 50_000
CHUNK = 2_000
Status = ReaderComment.Status
OUTCOMES = (Status.PENDING, Status.APPROVED, Status.REJECTED, Status.SPAM, Status.REMOVED)


@dataclass(frozen=True)
class Caught:
    reason: Reason
    fired: int
    outcomes: list[int]


def count_signals() -> Counter[tuple[str, str]]:
    """How many comments of the last days carry a signal, by signal and status."""
    since = timezone.now() - timedelta(days=DAYS)
    recent = ReaderComment.objects.filter(created_at__gte=since).exclude(signals=[]).order_by("-created_at")
    rows = recent.values_list("signals", "status")[:MOST].iterator(chunk_size=CHUNK)
    return Counter((signal, status) for signals, status in rows for signal in signals)


def count_by_signal() -> Counter[str]:
    counts: Counter[str] = Counter()
    for (signal, _), number in count_signals().items():
        counts[signal] += number
    return counts


def caught() -> list[Caught]:
    """What has fired, most first, and every rule in force, so that one that catches nothing is seen too."""
    counts, rules = count_signals(), {f"rule:{rule.pk}": rule for rule in BlockRule.objects.all()}
    signals = {signal for signal, _ in counts} | set(rules)
    rows = [_row(signal, counts, rules) for signal in signals]
    return sorted(rows, key=lambda row: (-row.fired, row.reason.text))


def _row(signal: str, counts: Counter[tuple[str, str]], rules: dict[str, BlockRule]) -> Caught:
    outcomes = [counts[signal, status] for status in OUTCOMES]
    return Caught(reason_for(signal, rules), sum(outcomes), outcomes)


class CaughtView(ModeratorView):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        title = "What the rules caught"
        context = {
            "header_title": title,
            "header_icon": "clipboard-list",
            "breadcrumbs_items": [
                {"url": reverse("wagtailadmin_home"), "label": "Home"},
                {"url": "", "label": title},
            ],
            "rows": caught(),
            "outcomes": [status.label for status in OUTCOMES],
            "days": DAYS,
        }
        return render(request, "blog/admin/caught.html", context)
