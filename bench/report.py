"""The figures as tables, and whether they are what they have to be."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bench.cases import USUAL, Case
from bench.growth import Growth
from bench.load import Sample
from bench.peers import ANEW, BEHIND, CACHED, FILE, GZIP, IDENTITY, SAME_BYTES, STOCK, UNCACHED
from bench.processes import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- make bench writes from here -->", "<!-- to here -->"
ORDER = (FILE, SAME_BYTES, CACHED, BEHIND, ANEW, UNCACHED, STOCK)


@dataclass(frozen=True)
class Figures:
    samples: Mapping[Case, Sample]
    growth: Growth
    starts: float
    memory_at_rest: float
    memory_under_load: float
    missing: list[str]


def text(figures: Figures) -> str:
    parts = [_machine(), *(f"{name} is not installed here: its rows are left out." for name in figures.missing)]
    parts += ["\n".join(_targets(figures)), "\n".join(_comparison(figures.samples)), "\n".join(_growth(figures.growth))]
    return "\n\n".join(parts) + "\n"


def write(report: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    between = re.compile(f"(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: f"\n{report}\n", page), encoding="utf-8")


def _machine() -> str:
    return f"`make bench`, {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}, loopback."


def _targets(figures: Figures) -> Iterator[str]:
    yield "| what must hold | limit | measured | |"
    yield "| --- | --- | --- | --- |"
    for what, limit, value, is_met in _checks(figures):
        yield f"| {what} | {limit} | {value:.3g} | {'pass' if is_met else '**FAIL**'} |"


def _checks(figures: Figures) -> Iterator[tuple[str, str, float, bool]]:
    samples = figures.samples
    for what, peer, encoding, least in (
        ("cached post, requests/s to nginx with the file", CACHED, IDENTITY, 0.38),
        ("the same, gzip", CACHED, GZIP, 0.40),
        ("the same behind deploy/nginx.conf", BEHIND, IDENTITY, 0.85),
    ):
        case, reference = Case("post", peer, encoding, USUAL), Case("post", FILE, encoding, USUAL)
        if case in samples and reference in samples:
            ratio = samples[case].rate / samples[reference].rate
            yield what, f"≥ {least}", ratio, ratio >= least
    yield from _costs(samples)
    sizes = sorted(figures.growth)
    worst = max(figures.growth[sizes[-1]][page] / cost for page, cost in figures.growth[sizes[0]].items())
    yield f"worst growth of CPU from {sizes[0]} to {sizes[-1]} posts", "≤ 1.3", worst, worst <= 1.3
    yield "MB at rest (PSS)", "≤ 230", figures.memory_at_rest, figures.memory_at_rest <= 230
    yield "MB after load", "", figures.memory_under_load, True
    yield "seconds from start to the first answer", "≤ 1.5", figures.starts, figures.starts <= 1.5


def _costs(samples: Mapping[Case, Sample]) -> Iterator[tuple[str, str, float, bool]]:
    cached, reference, stock = (samples.get(Case("post", peer, IDENTITY, USUAL)) for peer in (CACHED, FILE, STOCK))
    if cached and reference:
        yield "CPU of a cached post to nginx’s", "≤ 4", cached.cpu / reference.cpu, cached.cpu / reference.cpu <= 4
    for peer, what in ((ANEW, "made anew"), (UNCACHED, "with nothing kept")):
        made = samples.get(Case("post", peer, IDENTITY, USUAL))
        if made:
            yield f"CPU of a post {what}, ms", "≤ 5", made.cpu / 1000, made.cpu <= 5000
        if made and stock:
            ratio = made.rate / stock.rate
            yield f"post {what}, requests/s to stock Wagtail", "≥ 4", ratio, ratio >= 4


def _comparison(samples: Mapping[Case, Sample]) -> Iterator[str]:
    yield "| page | who | encoding | connections | requests/s | p50 ms | p99 ms | CPU µs | of nginx | CPU × nginx |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for case in sorted(samples, key=_place):
        sample = samples[case]
        reference = samples.get(Case(case.page, FILE, case.encoding, case.connections))
        ratios = f"{sample.rate / reference.rate:.3g} | {sample.cpu / reference.cpu:.3g}" if reference else "|"
        yield (
            f"| {case.page} | {case.peer} | {case.encoding} | {case.connections} | {sample.rate:.0f} | "
            f"{sample.p50:.2f} | {sample.p99:.2f} | {sample.cpu:.1f} | {ratios} |"
        )


def _place(case: Case) -> tuple[bool, str, bool, int, int]:
    return case.page != "post", case.page, case.encoding == GZIP, case.connections, ORDER.index(case.peer)


def _growth(growth: Growth) -> Iterator[str]:
    sizes = sorted(growth)
    pages = list(growth[sizes[0]])
    yield f"| CPU ms, nothing kept | {' | '.join(f'{size:,} posts' for size in sizes)} | growth |"
    yield f"| --- | {'---: | ' * (len(sizes) + 1)}"
    for page in pages:
        costs = [growth[size][page] for size in sizes]
        yield f"| {page} | {' | '.join(f'{cost:.2f}' for cost in costs)} | {costs[-1] / costs[0]:.2f} × |"
