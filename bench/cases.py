"""Who is asked for what, how often, and by how many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.load import Sample, load, middle
from bench.peers import ANEW, GZIP, IDENTITY, SAME_BYTES, STOCK, UNCACHED, Peer

CONNECTIONS = (1, 16, 64)
USUAL = 16
RENDERED = {ANEW, UNCACHED, STOCK}
# Those that are there to be compared with the post.
OF_THE_POST = {SAME_BYTES, STOCK}


@dataclass(frozen=True)
class Case:
    page: str
    peer: str
    encoding: str
    connections: int


def cases(peers: Sequence[Peer], *, is_quick: bool) -> Iterator[Case]:
    """The post in every way; the other pages, unless it has to be quick, in the one that is usual."""
    for peer in peers:
        for encoding in (IDENTITY,) if peer.name in RENDERED else (IDENTITY, GZIP):
            for connections in (USUAL,) if is_quick else CONNECTIONS:
                yield Case("post", peer.name, encoding, connections)
        if not is_quick and peer.name not in OF_THE_POST:
            for page in peer.urls.keys() - {"post"}:
                yield Case(page, peer.name, IDENTITY if peer.name in RENDERED else GZIP, USUAL)


def measure(peers: Sequence[Peer], *, rounds: int, seconds: float, is_quick: bool) -> dict[Case, Sample]:
    """Medians of interleaved rounds: whatever else the machine does comes over all of them alike."""
    by_name = {peer.name: peer for peer in peers}
    # What is compared is measured one after the other.
    order = sorted(cases(peers, is_quick=is_quick), key=lambda case: (case.page, case.encoding, case.connections))
    samples: dict[Case, list[Sample]] = {case: [] for case in order}
    for _ in range(rounds):
        for case, taken in samples.items():
            taken.append(_ask(by_name[case.peer], case, seconds))
    return {case: middle(taken) for case, taken in samples.items()}


def _ask(peer: Peer, case: Case, seconds: float) -> Sample:
    return load(
        peer.urls[case.page],
        servers=peer.servers,
        connections=case.connections,
        encoding=case.encoding,
        seconds=seconds,
    )
