"""The production server as a visitor meets it: its own process, data and port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse-battery"
START_SECONDS = 300  # an empty installation draws its pictures first
STOP_SECONDS = 60


def wait_until(is_true: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} seconds in vain: {what}")
        time.sleep(0.1)


def running(pids: set[int]) -> set[int]:
    """Those of the processes that have not ended."""
    return {pid for pid, _, _ in _processes() if pid in pids}


def _processes() -> list[tuple[int, int, str]]:
    """(pid, parent, name) of everything that runs; a zombie does not."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat=,comm="], capture_output=True, text=True, check=True)
    rows = (line.split(maxsplit=3) for line in listing.stdout.splitlines())
    return [(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")]


class Server:
    """`manage.py serve` on a free port; what it says goes to `log`. `variables` are more of its environment."""

    def __init__(self, data_dir: Path, static: Path, *, ready_path: str = "/readyz", **variables: str) -> None:
        self.data_dir = data_dir
        self.ready_path, self.variables = ready_path, variables
        self.log = data_dir / "serve.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / "static").symlink_to(static)

    def start(self) -> None:
        self.launch()
        wait_until(self._is_ready, seconds=START_SECONDS, what=f"the server is ready, see {self.log}")

    def launch(self) -> None:
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        # One proxy in front: each test can come from an address, and so a limit, of its own.
        environment |= {"ADMIN_PASSWORD": PASSWORD, "NUM_PROXIES": "1"} | self.variables
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{self.log.read_text()[-2000:]}")
        try:
            return httpx.get(f"{self.url}{self.ready_path}").status_code == 200
        except httpx.TransportError:
            return False

    def family(self) -> dict[int, str]:
        """The server's process and all that came of it: pid and name."""
        found = {self.process.pid: "serve"}
        for pid, parent, name in sorted(_processes()):
            if parent in found:
                found[pid] = name
        return found

    def web_workers(self) -> set[int]:
        """The processes that answer requests."""
        return self.named("gait: requests")

    def named(self, name: str) -> set[int]:
        return {pid for pid, found in self.family().items() if found == name}

    def memory(self) -> float:
        """What all of its processes take together, in MB: what they share is counted once."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.family()]
        return sum(int(size) for rollup in rollups for size in re.findall(r"^Pss:\s+(\d+) kB", rollup, re.M)) / 1024

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or another signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """As a power cut would."""
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def copy_data(self, target: Path) -> None:
        """The database, the pictures and the key as they are now, while the server runs."""
        target.mkdir(parents=True)
        with (
            sqlite3.connect(self.data_dir / "gait.sqlite3") as source,
            sqlite3.connect(target / "gait.sqlite3") as copy,
        ):
            source.backup(copy)
        source.close()
        copy.close()
        shutil.copytree(self.data_dir / "media", target / "media")
        shutil.copy2(self.data_dir / "secret_key", target)
