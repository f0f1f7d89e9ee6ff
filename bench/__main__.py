"""`make bench`: this site beside its limits and beside a stock Wagtail, and as it grows. QUICK=1: a rehearsal."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import cases, data, load, nginx, report
from bench.growth import Growth, growth
from bench.peers import ADDRESS, POST, peers, uncached
from bench.processes import ROOT, site

IS_QUICK = os.environ.get("QUICK", "") not in {"", "0"}
ROUNDS, SECONDS = (1, 1) if IS_QUICK else (3, 3)
GROWTH_SECONDS = 1 if IS_QUICK else 2
STARTS = 1 if IS_QUICK else 3
REST_SECONDS = 3
# Posts, and comments in all. A list of 20 has to be full at the smallest size, or it would grow by itself.
SIZES = {25: 310, 100: 1_000} if IS_QUICK else {25: 310, 100: 1_000, 1_000: 10_000, 10_000: 100_000}


def main() -> None:
    if not load.installed():
        sys.exit("There is no wrk here, and nothing to measure with: apt install wrk")
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        figures = _figures(Path(temporary))
    written = report.text(figures)
    print(written)
    if not IS_QUICK:
        report.write(written)


def _figures(work: Path) -> report.Figures:
    _say("preparing the content")
    demo = data.demo(ROOT / "var" / "bench")
    sizes = {posts: data.grown(demo, work / str(posts), posts=posts, comments=SIZES[posts]) for posts in SIZES}
    smallest = sizes[min(sizes)]
    _say("starting and resting")
    starts, at_rest = _start_and_rest(smallest)
    _say("comparing")
    samples, under_load = _compare(smallest, work)
    _say("growing")
    missing = [] if nginx.installed() else ["nginx"]
    return report.Figures(samples, _grow(sizes), starts, at_rest, under_load, missing)


def _start_and_rest(data_dir: Path) -> tuple[float, float]:
    """Seconds to the first answer, and MB a while after it."""
    server, taken = site(data_dir, **ADDRESS), []
    for _ in range(STARTS):
        taken.append(server.start(POST))
        time.sleep(REST_SECONDS)
        memory = server.memory()
        server.stop()
    return median(taken), memory


def _compare(data_dir: Path, work: Path) -> tuple[dict[cases.Case, load.Sample], float]:
    with ExitStack() as started:
        compared = list(peers(data_dir, work, started))
        samples = cases.measure(compared, rounds=ROUNDS, seconds=SECONDS, is_quick=IS_QUICK)
        return samples, compared[0].servers[0].memory()


def _grow(sizes: dict[int, Path]) -> Growth:
    with ExitStack() as started:
        sites = {posts: uncached(f"{posts} posts", data_dir, started) for posts, data_dir in sizes.items()}
        return growth(sites, rounds=ROUNDS, seconds=GROWTH_SECONDS)


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
