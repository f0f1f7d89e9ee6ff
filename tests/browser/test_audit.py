from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from consent.audit.compare import Load, Site, Visit
from consent.audit.recorder import Recorder
from tests.browser import people
from tests.browser.planted import planted
from tests.browser.server import ROOT, Server

PAGES = ("/", people.POST, people.FILM, "/about/", "/cookies/", "/book/")
FRAME = "www.youtube-nocookie.com"


def audit(server: Server, *options: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """`manage.py consent_audit` in a process of its own, as an operator runs it."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(server.data_dir)}
    command = [sys.executable, "manage.py", "consent_audit", "--url", url or server.url, "--offline", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)


def errors(answer: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in answer.stdout.splitlines() if line.startswith("ERROR")]


def test_demo_does_nothing_that_its_register_does_not_allow(server: Server, tmp_path: Path) -> None:
    junit, html = tmp_path / "audit.xml", tmp_path / "audit.html"
    answer = audit(server, "--pages", ",".join(PAGES), "--junit", str(junit), "--html", str(html))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "18/18 no-js-accepted, phone" in answer.stdout
    cases = ElementTree.parse(junit).getroot().iter("testcase")  # noqa: S314
    seen = {(case.get("classname"), case.get("name")) for case in cases}
    assert {(f"consent_audit.gpc.{viewport}", page) for viewport in ("desktop", "phone") for page in PAGES} <= seen
    assert "Nothing found that the register does not allow" in html.read_text()
    accepted = next(line for line in answer.stdout.splitlines() if line.startswith("accepted "))
    assert FRAME in accepted
    assert "www.openstreetmap.org" in accepted
    rejected = next(line for line in answer.stdout.splitlines() if line.startswith("rejected "))
    assert rejected.endswith("none")


PLANTED = {
    "pixel": ('<img src="http://localhost:HERE/pixel" alt="">', "ERROR host localhost:"),
    "script": ('<script src="http://localhost:HERE/tag.js"></script>', "ERROR host localhost:"),
    "preconnect": ('<link rel="preconnect" href="https://fonts.example">', "ERROR host fonts.example:"),
    "local storage": ('<script>localStorage.setItem("tracker", 1)</script>', "ERROR local tracker of 127.0.0.1:"),
    "session storage": ('<script>sessionStorage.setItem("tracker", 1)</script>', "ERROR session tracker of 127.0.0.1:"),
    "database": ('<script>indexedDB.open("tracker")</script>', "ERROR indexeddb tracker of 127.0.0.1:"),
    "cache": ('<script>caches.open("tracker")</script>', "ERROR cache tracker of 127.0.0.1:"),
    "cookie of a script": ('<script>document.cookie = "tracker=1"</script>', "ERROR cookie tracker of 127.0.0.1:"),
    "pasted player": (f'<iframe src="https://{FRAME}/embed/aqz-KE-bpKQ"></iframe>', f"ERROR host {FRAME}:"),
    "socket": ('<script>new WebSocket("ws://localhost:HERE/")</script>', "ERROR host localhost:"),
}


@pytest.mark.parametrize(("html", "finding"), PLANTED.values(), ids=PLANTED.keys())
def test_planted_thing_is_named(server: Server, html: str, finding: str) -> None:
    with planted(server.url, html) as url:
        answer = audit(server, "--states", "untouched", "--pages", "/about/", url=url)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert [line.startswith(finding) for line in errors(answer)] == [True], answer.stdout


def test_cookie_before_a_choice_is_named(server: Server) -> None:
    with planted(server.url, cookie="_visits=1; Path=/; Max-Age=3600") as url:
        answer = audit(server, "--states", "untouched", "--pages", "/about/", url=url)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert errors(answer) == ["ERROR cookie _visits of 127.0.0.1: The register does not name it."]


def test_pasted_player_is_named_after_a_no_and_not_after_a_yes(server: Server) -> None:
    pasted = f'<iframe src="https://{FRAME}/embed/aqz-KE-bpKQ"></iframe>'
    with planted(server.url, pasted) as url:
        answer = audit(server, "--states", "rejected,media", "--pages", people.FILM, url=url)
    why = "Nothing of “Media” may happen without a yes, and there was none."
    assert errors(answer) == [f"ERROR host {FRAME}: {why}"], answer.stdout
    assert f"{people.FILM} in rejected, phone" in answer.stdout
    assert f"{people.FILM} in media, phone" not in answer.stdout


def test_what_the_policy_blocks_is_told_as_a_warning(server: Server) -> None:
    pasted = '<iframe src="https://player.example/1"></iframe>'
    with planted(server.url, pasted, keeps_policy=True) as url:
        answer = audit(server, "--states", "untouched", "--pages", "/about/", url=url)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "WARNING host player.example: The page asks for it and the browser blocked it" in answer.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--states", "drunk"], "No such state: drunk."),
        (["--browser", "/nowhere/chromium"], "/nowhere/chromium does not do its work"),
        (["--url", "http://127.0.0.1:1"], "could not be read"),
    ],
)
def test_audit_that_cannot_be_made_ends_with_two(server: Server, options: list[str], message: str) -> None:
    answer = audit(server, *options)
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert message in answer.stderr


def test_page_that_answers_with_an_error_is_named(server: Server) -> None:
    answer = audit(server, "--states", "untouched", "--pages", "/nowhere/")
    assert answer.returncode == 1
    assert errors(answer) == [f"ERROR page /nowhere/ of 127.0.0.1:{server.port}: It answers 404."]


def test_request_of_a_frame_is_told_from_one_of_the_page(server: Server, browser: Browser) -> None:
    cdn = "127.0.0.1:1"
    context, visit = browser.new_context(), Visit("some", "desktop", "/about/")
    with (
        planted(server.url, f'<img src="http://{cdn}/picture" alt="">') as provider,
        planted(server.url, f'<iframe src="{provider}/cookies/"></iframe>') as url,
    ):
        recorder = Recorder(context, Site(url), is_offline=False)
        recorder.visit = visit
        page = context.new_page()
        page.goto(f"{url}/about/")
        recorder.wait_until_quiet(page)
        context.close()
    host = Site(provider).host
    assert visit.loads[0] == Load(host)
    assert Load(cdn, frozenset({host})) in visit.loads
    assert Load(cdn) not in visit.loads
