"""What an uncached page costs when there is more and more behind it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from bench.load import load
from bench.peers import IDENTITY, Peer

CONNECTIONS = 2  # as many as the site renders at once on two cores: none waits, and none is measured while it does
# Milliseconds of CPU for a page, by number of posts and by page.
Growth = Mapping[int, Mapping[str, float]]


def growth(sites: Mapping[int, Peer], *, rounds: int, seconds: float) -> Growth:
    """All sizes run side by side and are asked by turns."""
    pages = list(next(iter(sites.values())).urls)
    taken: dict[tuple[int, str], list[float]] = {(posts, page): [] for page in pages for posts in sites}
    for _ in range(rounds):
        for (posts, page), costs in taken.items():
            costs.append(_cost(sites[posts], page, seconds))
    return {posts: {page: median(taken[posts, page]) for page in pages} for posts in sites}


def _cost(site: Peer, page: str, seconds: float) -> float:
    sample = load(site.urls[page], servers=site.servers, connections=CONNECTIONS, encoding=IDENTITY, seconds=seconds)
    return sample.cpu / 1000
