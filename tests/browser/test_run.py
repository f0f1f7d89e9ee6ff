from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import people
from tests.browser.server import ROOT, Server, running, wait_until


@pytest.fixture
def second(server: Server, static_root: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that starts on data which is there already."""
    server.copy_data(tmp_path / "data")
    second = Server(tmp_path / "data", static_root)
    second.start()
    yield second
    if second.process.poll() is None:
        second.stop()


def send_request(server: Server, *, name: str) -> str:
    """Ask for an appointment over the API; its reference."""
    with httpx.Client(base_url=f"{server.url}/api/v1/", headers={"Sec-Fetch-Site": "same-origin"}) as api:
        ticket = api.get("forms/booking/ticket/").json()
        consent = api.get("booking/options/").json()["consent"]
        time.sleep(ticket["min_seconds"] + 0.1)  # nobody who fills a form in is faster
        answer = api.post(
            "booking/requests/",
            json={
                "ticket": ticket["ticket"],
                "name": name,
                "email": "ada@visitor.example",
                "preferences": [{"date": people.next_weekday().isoformat(), "part": "morning"}],
                "consent": {"version": consent["version"], "given": True},
            },
        )
    assert answer.status_code == 201, answer.text
    reference: str = answer.json()["reference"]
    return reference


def names_of_requests(server: Server) -> list[str]:
    with sqlite3.connect(server.data_dir / "gait.sqlite3") as database:
        rows = database.execute("SELECT name FROM booking_appointmentrequest").fetchall()
    database.close()
    return [name for (name,) in rows]


def mails(server: Server) -> str:
    return "".join(file.read_text() for file in (server.data_dir / "mail").glob("*"))


def answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}{people.POST}").status_code == 200
    except httpx.TransportError:
        return False


def test_first_start_names_the_administrator_once(server: Server) -> None:
    assert server.log.read_text().count("Administrator: admin") == 1


def test_second_start_keeps_the_data_and_names_no_password(second: Server) -> None:
    assert "Password" not in second.log.read_text()
    assert "Drawing picture" not in second.log.read_text()
    assert answers(second)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_every_process(second: Server, number: signal.Signals) -> None:
    family = set(second.family())
    assert len(family) >= 4
    assert second.stop(number) == 0
    assert not running(family)


def test_signal_stops_a_first_start(static_root: Path, tmp_path: Path) -> None:
    first = Server(tmp_path / "data", static_root)
    first.launch()
    wait_until(lambda: any((first.data_dir / "media").rglob("*.jpg")), seconds=60, what="the first picture")
    family = set(first.family())
    assert first.stop() == 0
    assert not running(family)


def test_no_process_outlives_the_first(second: Server) -> None:
    family = set(second.family())
    os.kill(second.process.pid, signal.SIGKILL)
    second.process.wait()
    wait_until(lambda: not running(family), seconds=20, what="all of them end")


def test_preparation_that_fails_ends_the_program(static_root: Path, tmp_path: Path) -> None:
    broken = Server(tmp_path / "data", static_root)
    (broken.data_dir / "gait.sqlite3").write_text("not a database" * 100)
    with pytest.raises(RuntimeError, match="DatabaseError: file is not a database"):
        broken.start()
    assert broken.process.returncode == 1


def test_start_takes_little_longer_than_loading_the_code(second: Server) -> None:
    """Seconds differ between machines and moments; this ratio doesn’t."""
    second.stop()
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(second.data_dir)}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", "pass"]
    ratios = []
    for _ in range(3):
        started = time.monotonic()
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        loaded = time.monotonic()
        second.launch()
        wait_until(lambda: answers(second), seconds=60, what="the first page")
        ratios.append((time.monotonic() - loaded) / (loaded - started))
        second.stop()
    assert min(ratios) < 2


def test_all_processes_share_their_memory(second: Server) -> None:
    for path in ("/", "/blog/", people.POST, people.DISCUSSED, "/book/", "/cookies/") * 4:
        assert httpx.get(second.url + path).status_code == 200
    assert second.memory() <= 230


def test_migration_that_is_due_is_applied_at_the_next_start(second: Server) -> None:
    row = "FROM django_migrations WHERE app = 'wagtailredirects' AND name = '0008_add_verbose_name_plural'"
    with sqlite3.connect(second.data_dir / "gait.sqlite3") as database:
        database.execute(f"DELETE {row}")
    assert httpx.get(f"{second.url}/readyz").status_code == 503
    second.stop()
    second.start()
    assert database.execute(f"SELECT count(*) {row}").fetchone() == (1,)
    database.close()


def test_site_answers_after_a_worker_was_killed(second: Server) -> None:
    before = second.web_workers()
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: answers(second), seconds=10, what="the site answers")
    wait_until(lambda: len(second.web_workers()) == 2, seconds=10, what="a new worker")
    assert all(answers(second) for _ in range(10))


def test_background_worker_comes_back(second: Server) -> None:
    (worker,) = second.named("gait: worker")
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: bool(second.named("gait: worker") - {worker}), seconds=10, what="a new worker")


def test_web_server_comes_back_whole(second: Server) -> None:
    (web,), before = second.named("gait: web"), second.web_workers()
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: len(second.web_workers() - before) == 2, seconds=20, what="new workers")
    wait_until(lambda: answers(second), seconds=10, what="the site answers")
    assert not running(before)


def test_request_that_was_answered_survives_a_power_cut(second: Server) -> None:
    reference = send_request(second, name="Ada Marsh")
    second.kill()
    assert "Ada Marsh" in names_of_requests(second)
    second.start()
    assert "Ada Marsh" in names_of_requests(second)
    wait_until(lambda: reference in mails(second), seconds=15, what="the mail with the reference")


def test_frontend_on_a_machine_of_its_own_shows_the_same_pages(
    server: Server, static_root: Path, tmp_path: Path
) -> None:
    frontend = Server(
        tmp_path / "data", static_root, ready_path="/robots.txt", API_URL=f"{server.url}/api/v1", SITE_URL=server.url
    )
    frontend.start()
    try:
        for path in ("/", "/blog/", people.DISCUSSED, "/cookies/", "/search/?q=calf", "/book/", "/sitemap.xml"):
            here, there = httpx.get(frontend.url + path), httpx.get(server.url + path)
            assert (here.status_code, here.content) == (200, there.content), path
        assert httpx.get(f"{frontend.url}/nowhere/").status_code == 404
        assert not (frontend.data_dir / "gait.sqlite3").exists()
    finally:
        assert frontend.stop() == 0
