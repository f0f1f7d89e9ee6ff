"""What a server answers when so many ask at once, and what that costs it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bench.processes import Server

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Sample(NamedTuple):
    rate: float  # answers a second
    p50: float  # milliseconds
    p99: float
    cpu: float  # microseconds of the servers' processes for one answer


def installed() -> bool:
    return shutil.which("wrk") is not None


def load(url: str, *, servers: Sequence[Server], connections: int, encoding: str, seconds: float) -> Sample:
    """Ask with this `Accept-Encoding` for so long; `servers` are those whose work it is."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "--latency"]
    before = sum(server.cpu_seconds() for server in servers)
    said = subprocess.run(
        [*command, "-H", f"Accept-Encoding: {encoding}", url], capture_output=True, text=True, check=True
    ).stdout
    spent = sum(server.cpu_seconds() for server in servers) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url} is not answered as it should be:\n{said}")
    answers = int(_found(r"(\d+) requests in", said)[0])
    rate = float(_found(r"Requests/sec: +([\d.]+)", said)[0])
    return Sample(rate, _percentile(50, said), _percentile(99, said), spent / max(answers, 1) * 1e6)


def middle(samples: Sequence[Sample]) -> Sample:
    """The median of each figure."""
    return Sample(*(median(values) for values in zip(*samples, strict=True)))


def _percentile(number: int, said: str) -> float:
    value, unit = _found(rf"{number}% +([\d.]+)(us|ms|s)", said)
    return float(value) * MILLISECONDS[unit]


def _found(pattern: str, said: str) -> tuple[str, ...]:
    match = re.search(pattern, said)
    if match is None:
        raise RuntimeError(f"wrk says something that is not understood here:\n{said}")
    return match.groups()
