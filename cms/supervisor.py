"""
The processes of a running site.

One process loads the code and forks the others: they share its memory and are there at once. Where processes can't be
forked, each loads the code for itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import Process, parent_process
from typing import Any

import django
from django.core.management import call_command

Work = Callable[[], None]
STOP = {signal.SIGINT, signal.SIGTERM}
AWAITED = {*STOP, signal.SIGCHLD}
SET_DEATH_SIGNAL, SET_NAME = 1, 15  # of prctl(2)
MMAP_THRESHOLD, LARGE_BLOCK = -3, 256 * 1024  # of mallopt(3), in bytes


class Supervisor:
    """Runs work in processes of its own, starts what ended again, and ends them all when it is told to stop."""

    RESTART_SECONDS = 1.0

    def __init__(self) -> None:
        # Waited for in one place: a signal never comes between two steps, nor into a process that was just forked.
        signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # what would be ignored may be lost while it is blocked

    def start(self, name: str, work: Work) -> Process:
        process = Process(target=_begin, args=(name, work), name=name)
        process.start()
        return process

    def finish(self, process: Process) -> None:
        """Wait for its end, which ends this program too if it failed or if this program was told to stop."""
        while process.is_alive():
            if signal.sigwait(AWAITED) in STOP:
                _end([process])
                sys.exit()
        if process.exitcode:
            sys.exit(1)

    def run(self, works: dict[str, Work]) -> None:
        """Keep all of them running until this program is told to stop."""
        processes = {name: self.start(name, work) for name, work in works.items()}
        while signal.sigwait(AWAITED) not in STOP:
            time.sleep(self.RESTART_SECONDS)
            processes |= {name: self.start(name, works[name]) for name, it in processes.items() if not it.is_alive()}
        _end(list(processes.values()))


def _end(processes: list[Process]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


def run_command(name: str, **options: Any) -> None:
    """A management command as the work of a process."""
    django.setup()  # which is done already where the process was forked
    call_command(name, **options)


def _begin(name: str, work: Work) -> None:
    # A session of its own: a Ctrl-C reaches the supervisor alone, which then ends the others in order.
    os.setsid()
    introduce(name, signal.SIGTERM)
    _give_memory_back()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
    work()


def introduce(name: str, last_signal: signal.Signals) -> None:
    """Name this process in the system's lists, and see to it that it ends by `last_signal` if its parent ends first."""
    if sys.platform != "linux":
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(SET_NAME, name.encode())
    prctl(SET_DEATH_SIGNAL, last_signal)
    parent = parent_process()
    if parent and parent.pid != os.getppid():  # it ended before this was asked for
        signal.raise_signal(last_signal)


def _give_memory_back() -> None:
    """Large blocks go back when they are freed. Otherwise a process keeps what its largest picture took (glibc)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(MMAP_THRESHOLD, LARGE_BLOCK)
