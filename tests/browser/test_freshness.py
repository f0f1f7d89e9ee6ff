"""What another process publishes is what everybody reads a second later, however many read, and whoever answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.browser import people
from tests.browser.server import ROOT, Server, wait_until

READERS, EDITIONS, SECONDS = 64, 50, 1.0
SLUG = people.DISCUSSED.strip("/").rpartition("/")[2]
EDITION = re.compile(r"Edition(?: |%20)(\d+)")
# An editor in a process of its own: does what it is told line by line, and says when that was committed.
EDITOR = f"""
import sys, time
from blog.models import BlogPage
for line in sys.stdin:
    post, order = BlogPage.objects.get(slug={SLUG!r}), line.strip()
    if order == "unpublish":
        post.unpublish()
    else:
        post.title = post.intro = post.seo_title = f"Edition {{order}}"
        post.save_revision().publish()
    print(time.monotonic(), flush=True)
"""


class Reading(NamedTuple):
    began: float
    editions: frozenset[int]


class Editor:
    def __init__(self, server: Server) -> None:
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(server.data_dir), "PORT": str(server.port)}
        environment["LOG_LEVEL"] = "ERROR"
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", EDITOR]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, order: str) -> float:
        """When it was committed, on the clock of `time.monotonic`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@pytest.fixture
def site(server: Server, static_root: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of its own, whose post nobody else reads."""
    server.copy_data(tmp_path / "data")
    site = Server(tmp_path / "data", static_root)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def editor(site: Server) -> Iterator[Editor]:
    editor = Editor(site)
    yield editor
    editor.process.communicate(timeout=30)


@contextmanager
def reading(site: Server) -> Iterator[list[list[Reading]]]:
    """Many who read the post all the while, each on a connection, and so with a worker, of their own."""
    done = threading.Event()
    found: list[list[Reading]] = []

    def read(_: int) -> list[Reading]:
        readings = []
        with httpx.Client(base_url=site.url, timeout=30) as client:
            while not done.is_set():
                began = time.monotonic()
                page = client.get(people.DISCUSSED)
                assert page.status_code == 200, page.text
                readings.append(Reading(began, frozenset(map(int, EDITION.findall(page.text)))))
        return readings

    with ThreadPoolExecutor(READERS) as pool:
        futures = [pool.submit(read, number) for number in range(READERS)]
        try:
            yield found
        finally:
            done.set()
        found += [future.result() for future in futures]


def test_every_edition_is_read_within_a_second_and_none_comes_back(site: Server, editor: Editor) -> None:
    committed = {1: editor.tell("1")}
    time.sleep(SECONDS)
    with reading(site) as found:
        for number in range(2, EDITIONS + 1):
            committed[number] = editor.tell(str(number))
        time.sleep(SECONDS)
    assert sum(map(len, found)) > EDITIONS * READERS
    for readings in found:
        assert all(len(one.editions) == 1 for one in readings), "a page of two editions"
        seen = [min(one.editions) for one in readings]
        assert seen == sorted(seen), "an old page came back"
        for one in readings:
            due = max(number for number, at in committed.items() if at <= max(one.began - SECONDS, committed[1]))
            assert min(one.editions) >= due, "an old page was read for more than a second"


def test_what_is_unpublished_is_gone_from_every_worker_within_a_second(site: Server, editor: Editor) -> None:
    post_id = httpx.get(f"{site.url}/api/v1/pages/by-path/?path={people.DISCUSSED}").json()["id"]
    lists = ("/blog/", "/feed/", "/sitemap.xml", "/search/?q=edition", "/api/v1/posts/", "/api/v1/pages/")
    own = (people.DISCUSSED, f"/api/v1/posts/{post_id}/", f"/api/v1/posts/{post_id}/comments/")
    editor.tell("7")
    clients = [httpx.Client(base_url=site.url) for _ in range(12)]
    for client in clients:
        assert all(client.get(path).status_code == 200 for path in (*lists, *own))
    committed = editor.tell("unpublish")
    wait_until(lambda: clients[0].get(people.DISCUSSED).status_code == 404, seconds=SECONDS, what="it is gone")
    time.sleep(max(0.0, committed + SECONDS - time.monotonic()))
    for client in clients:
        assert {client.get(path).status_code for path in own} == {404}
        assert not [path for path in lists if SLUG in client.get(path).text]
        client.close()


def test_frontend_on_a_machine_of_its_own_is_as_fresh(
    site: Server, editor: Editor, static_root: Path, tmp_path: Path
) -> None:
    frontend = Server(
        tmp_path / "frontend", static_root, ready_path="/robots.txt", API_URL=f"{site.url}/api/v1", SITE_URL=site.url
    )
    frontend.start()
    try:
        for number in range(3):
            committed = editor.tell(str(number))
            time.sleep(max(0.0, committed + SECONDS - time.monotonic()))
            pages = [httpx.get(frontend.url + people.DISCUSSED) for _ in range(8)]
            assert {min(map(int, EDITION.findall(page.text))) for page in pages} == {number}
        editor.tell("unpublish")
        time.sleep(SECONDS)
        assert {httpx.get(frontend.url + people.DISCUSSED).status_code for _ in range(8)} == {404}
    finally:
        frontend.stop()
