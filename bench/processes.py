"""Servers as processes of ours: how long they take to answer, and what they use."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0
POLL_SECONDS = 0.005


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A program that listens on `port`, with all processes that come of it."""

    def __init__(self, command: list[str], *, port: int, log: Path, **variables: str) -> None:
        self.command, self.port, self.log, self.variables = command, port, log, variables
        self.url = f"http://127.0.0.1:{port}"
        log.parent.mkdir(parents=True, exist_ok=True)

    def start(self, path: str | None = None) -> float:
        """The seconds until it takes connections, or answers this path with 200."""
        started = time.perf_counter()
        with self.log.open("ab") as log:
            environment = {"PATH": os.environ["PATH"]} | self.variables
            # Each in a session of its own, as a service is: Linux shares the cores out between sessions, and who
            # shares one with wrk is measured at another speed.
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        while not self._answers(path):
            if self.process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                self.process.kill()
                self.process.wait()
                raise RuntimeError(f"{self.command[0]} does not answer:\n{self.log.read_text()[-2000:]}")
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - started

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def cpu_seconds(self) -> float:
        """Spent by its processes so far, in the program and in the kernel for it."""
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self._family()) / TICKS

    def memory(self) -> float:
        """MB; what processes share is counted once (PSS)."""
        shares = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid, _ in self._family()]
        return sum(int(size) for share in shares for size in re.findall(r"^Pss: +(\d+)", share, re.M)) / 1024

    def _answers(self, path: str | None) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.connect()
            if path is None:
                return True
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _family(self) -> Iterator[tuple[int, list[str]]]:
        """Each process with the fields of its `/proc/…/stat` that follow its name."""
        known = {self.process.pid}
        for pid in sorted(int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if pid in known or int(fields[1]) in known:
                known.add(pid)
                yield pid, fields


def granian(application: str, *, log: Path, **variables: str) -> Server:
    """Granian as the site runs it (cms/server.py)."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface=wsgi", "--workers=2", "--blocking-threads=64", "--no-ws"]
    command += ["--http=1", "--no-access-log", "--log-level=error", f"--port={port}", application]
    return Server(command, port=port, log=log, **variables)


def site(data_dir: Path, **variables: str) -> Server:
    """What `make run` starts."""
    port = free_port()
    return Server(
        [sys.executable, "manage.py", "serve"],
        port=port,
        log=data_dir / "serve.log",
        **{"DATA_DIR": str(data_dir), "PORT": str(port)} | variables,
    )
