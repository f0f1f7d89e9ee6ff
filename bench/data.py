"""The data that is measured: the demo, made once and kept, and copies of it with more posts and comments."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from bench.processes import ROOT


def demo(directory: Path) -> Path:
    """The demo clinic with its pictures and static files. Only the first time takes a minute or two."""
    if not (directory / "is_complete").exists():
        shutil.rmtree(directory, ignore_errors=True)
        _run("manage.py", "prepare", data_dir=directory)
        (directory / "is_complete").touch()
    _run("manage.py", "prepare", data_dir=directory)
    _run("manage.py", "collectstatic", "--noinput", "--verbosity=0", data_dir=directory)
    return directory


def grown(source: Path, target: Path, *, posts: int, comments: int) -> Path:
    """A copy with its own database, and the files of the source."""
    target.mkdir(parents=True)
    with (
        closing(sqlite3.connect(source / "gait.sqlite3")) as original,
        closing(sqlite3.connect(target / "gait.sqlite3")) as copy,
    ):
        original.backup(copy)
    shutil.copy2(source / "secret_key", target)
    for name in ("media", "static"):
        (target / name).symlink_to(source / name)
    _run("-m", "bench.content", str(posts), str(comments), data_dir=target)
    return target


def _run(*arguments: str, data_dir: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "LOG_LEVEL": "WARNING"}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
