from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from django.utils import timezone

from consent.audit import browser
from consent.audit.compare import Site, Visit, findings_of
from consent.audit.pages import fetch_pages, fetch_register
from consent.audit.report import Audit
from consent.audit.states import VIEWPORTS, State, Viewport, chosen_states

Say = Callable[[str], object]


def run(
    url: str,
    *,
    states: str = "",
    only: str = "",
    limit: int = 0,
    executable: str = "",
    is_offline: bool = False,
    say: Say,
) -> Audit:
    """Walk the site and give what was seen; AuditError if that can't be done."""
    site = Site(url.rstrip("/"))
    register = fetch_register(site.url)
    chosen = chosen_states(register, states)
    pages = fetch_pages(site.url, only=only, limit=limit)
    visits: list[Visit] = []
    started_at, started = timezone.now(), time.monotonic()
    with browser.opened(executable, site, is_offline=is_offline) as chromium:
        version = chromium.version
        for place, (state, viewport) in enumerate(_walks(chosen), start=1):
            walk = browser.Walk(chromium, site, register, state, viewport, is_offline=is_offline)
            seen = walk.go(pages)
            visits += seen
            number = sum(len(findings_of(visit, register, site)) for visit in seen)
            say(_progress(place, len(chosen) * len(VIEWPORTS), seen, number))
    seconds = time.monotonic() - started
    return Audit(site, register, chosen, pages, visits, version, is_offline, started_at, seconds)


def _walks(states: Sequence[State]) -> Iterator[tuple[State, Viewport]]:
    return ((state, viewport) for state in states for viewport in VIEWPORTS)


def _progress(place: int, walks: int, seen: Sequence[Visit], findings: int) -> str:
    seconds = sum(visit.seconds for visit in seen)
    first = seen[0]
    return (
        f"{place:>3}/{walks} {first.state}, {first.viewport}: {len(seen)} visits in {seconds:.0f} s, "
        f"{findings or 'no'} finding{'' if findings == 1 else 's'}"
    )
