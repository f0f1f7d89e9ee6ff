"""What the banner, the cards and the counting of visits do in each state that a visitor's choice can be in."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch
from tests.browser.server import ROOT, Server, wait_until
from tests.browser.test_accessibility import OPTIONS, SCHEMES, WIDTHS
from tests.browser.test_consent_in_browser import GPC, SHIFTS

MAP = "/about/"
VIDEO_FRAME = "/embed/youtube/aqz-KE-bpKQ/"
DAY = 24 * 60 * 60
OLDER, NEWER = 0, 999  # than every revision of the register here
CHANGED = "The wording has changed. Please load the page again."
PRERENDERED = """
let isWaiting = true;
Object.defineProperty(Document.prototype, "prerendering", {get: () => isWaiting});
window.activate = () => { isWaiting = false; document.dispatchEvent(new Event("prerenderingchange")); };
"""
MATOMO = b"""
const said = Object.fromEntries(window._paq.map(([name, value]) => [name, value]));
const reads = (look) => { try { return String(look()); } catch (error) { return error.name; } };
const seen = {
  url: said.setCustomUrl,
  origin: self.origin,
  referrer: document.referrer,
  cookie: reads(() => document.cookie),
  page: reads(() => parent.document.title),
};
new Image().src = `${said.setTrackerUrl}?${new URLSearchParams(seen)}`;
"""
NARROW = {"width": 320, "height": 640}


class Counter(ThreadingHTTPServer):
    """Stands in for a clinic's own Matomo; `visits` is what it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CounterRequest)
        self.visits: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def told(self, number: int) -> list[dict[str, str]]:
        """The visits, once there are this many and time enough has passed for one too many to be seen."""
        wait_until(lambda: len(self.visits) >= number, seconds=10, what=f"{number} visits are counted")
        time.sleep(0.5)
        return self.visits


class CounterRequest(BaseHTTPRequestHandler):
    server: Counter

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        is_script = url.path == "/matomo.js"
        if not is_script:
            query = parse_qs(url.query, keep_blank_values=True)
            self.server.visits.append({name: values[0] for name, values in query.items()})
        self.send_response(200 if is_script else 204)
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        self.wfile.write(MATOMO if is_script else b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


class SlowDoor(ThreadingHTTPServer):
    """The site through a line on which a choice takes its time."""

    daemon_threads = True
    SECONDS = 1.5

    def __init__(self, site: Server) -> None:
        super().__init__(("127.0.0.1", 0), SlowRequest)
        self.site = site
        self.url = f"http://127.0.0.1:{self.server_port}"


class SlowRequest(BaseHTTPRequestHandler):
    server: SlowDoor

    def do_GET(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        time.sleep(self.server.SECONDS)
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
        answer = httpx.request(self.command, self.server.site.url + self.path, content=body, headers=headers)
        self.send_response(answer.status_code)
        for name, value in answer.headers.multi_items():
            if name not in {"content-encoding", "transfer-encoding", "content-length", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter() as counter:
        threading.Thread(target=counter.serve_forever, daemon=True).start()
        yield counter
        counter.shutdown()


@pytest.fixture(scope="module")
def server(
    server: Server, static_root: Path, counter: Counter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A site of our own, whose register may change, and which counts visits."""
    data_dir = tmp_path_factory.mktemp("counting") / "data"
    server.copy_data(data_dir)
    counting = Server(data_dir, static_root)
    counting.start()
    change_register(counting, f"switch_on(Service(key='matomo', account='{counter.url}'))")
    yield counting
    counting.stop()


@pytest.fixture(autouse=True)
def visits(counter: Counter) -> list[dict[str, str]]:
    counter.visits.clear()
    return counter.visits


def change_register(server: Server, statement: str) -> None:
    """As an editor would, in a process of its own; back when the site shows it."""
    imports = "from consent.models import Purpose, Service; from consent.services import switch_off, switch_on"
    environment = {"DATA_DIR": str(server.data_dir), "PORT": str(server.port)}
    before = revision(server)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", f"{imports}; {statement}"],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    wait_until(lambda: revision(server) > before, seconds=10, what="the register's new revision")
    wait_until(
        lambda: f'data-revision="{revision(server)}"' in httpx.get(server.url).text,
        seconds=10,
        what="the page shows the new revision",
    )


def ask_again_about_media(server: Server) -> None:
    change_register(server, "media = Purpose.objects.get(short_key='me'); media.material_change += 1; media.save()")


def revision(server: Server) -> int:
    number: int = httpx.get(f"{server.url}/api/v1/consent/").json()["revision"]
    return number


def hold_cookie(page: Page, server: Server, flags: str, *, of: int = NEWER, days_ago: float = 1) -> None:
    """A cookie that looks like one of ours; only the server could tell that it is not."""
    decided = int(time.time() - days_ago * DAY)
    value = f"1.{of}.{decided}.{flags}.{'r' * 22}.{'s' * 16}"
    page.context.add_cookies([{"name": "consent", "value": value, "url": server.url}])


def quiet_line(page: Page) -> Locator:
    return page.locator(".pc-quiet")


def state(page: Page) -> dict[str, str | None]:
    root = page.locator("html")
    return {name: root.get_attribute(f"data-{name}") for name in ("choice", "media", "analytics")}


def accept(page: Page) -> None:
    people.press(page, people.ACCEPT)
    expect(people.bar(page)).to_be_hidden()


def check_looks(page: Page) -> None:
    """axe at every width and in every scheme; nothing to scroll sideways, at 200 % text either."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page, options=OPTIONS)
            assert results.violations_count == 0, f"{width} px, {scheme}:\n{results.generate_report()}"
    page.set_viewport_size(NARROW)
    for size in ("100%", "200%"):
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", size)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.evaluate("document.documentElement.style.fontSize = ''")


# The bar: whose choice still counts


@pytest.mark.parametrize(
    ("flags", "of", "days_ago"),
    [
        pytest.param("an1-me1", NEWER, 1, id="all granted"),
        pytest.param("an0-me1", NEWER, 181.9, id="last day"),
        pytest.param("an0-me0", OLDER, 1, id="all refused, all changed"),
        pytest.param("me0", OLDER, 1, id="all refused, a purpose is new"),
        pytest.param("", OLDER, 1, id="nothing there was to decide"),
        pytest.param("an0-me1-pr1", NEWER, 1, id="a purpose is gone"),
    ],
)
def test_bar_leaves_a_choice_that_counts_alone(
    open_page: OpenPage, server: Server, flags: str, of: int, days_ago: float
) -> None:
    page = open_page()
    hold_cookie(page, server, flags, of=of, days_ago=days_ago)
    page.goto(people.POST)
    expect(people.bar(page)).to_be_hidden()
    assert state(page)["choice"] == "made"


@pytest.mark.parametrize(
    ("flags", "of", "days_ago"),
    [
        pytest.param("an1-me1", OLDER, 1, id="granted, changed"),
        pytest.param("an0-me1", OLDER, 1, id="one granted, changed"),
        pytest.param("me1", NEWER, 1, id="granted, a purpose is new"),
        pytest.param("an1-me1", NEWER, 182, id="ran out"),
        pytest.param("an0-me0", NEWER, 182, id="refusal ran out"),
        pytest.param("an1-me2", NEWER, 1, id="no flag"),
        pytest.param("an1 me1", NEWER, 1, id="no cookie of ours"),
    ],
)
def test_bar_asks_where_no_choice_counts(
    open_page: OpenPage, server: Server, flags: str, of: int, days_ago: float
) -> None:
    page = open_page()
    hold_cookie(page, server, flags, of=of, days_ago=days_ago)
    page.goto(people.POST)
    expect(people.bar(page)).to_be_visible()


def test_purpose_counts_as_granted_until_it_means_something_else(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    for flags, of, media, analytics in [
        ("an0-me1", NEWER, "yes", None),
        ("an1-me0", NEWER, None, "yes"),
        ("an1-me1", OLDER, None, None),
        ("me1", NEWER, "yes", None),
    ]:
        hold_cookie(page, server, flags, of=of)
        page.goto("/blog/")
        assert (state(page)["media"], state(page)["analytics"]) == (media, analytics), flags


def test_changed_purpose_is_asked_about_again_and_nothing_else_is(open_page: OpenPage, server: Server) -> None:
    accepter, refuser, reader = open_page(bypass_csp=True), open_page(), open_page()
    for page in (accepter, refuser, reader):
        page.goto(people.FILM)
    accept(accepter)
    people.press(refuser, people.REJECT)
    expect(people.bar(refuser)).to_be_hidden()
    ask_again_about_media(server)

    for page in (accepter, refuser):
        page.reload()
    expect(people.bar(refuser)).to_be_hidden()
    expect(people.bar(accepter)).to_be_visible()
    assert state(accepter) == {"choice": None, "media": None, "analytics": "yes"}
    assert accepter.request.get(VIDEO_FRAME).status == 403

    accepter.goto("/privacy-choices/")
    expect(accepter.get_by_text("Something has changed since then.")).to_be_visible()
    expect(accepter.get_by_text("Changed since you chose.")).to_have_count(1)
    expect(accepter.get_by_role("switch", name="Allow Media")).not_to_be_checked()
    expect(accepter.get_by_role("switch", name="Allow Analytics")).to_be_checked()
    check_looks(accepter)

    people.press(reader, people.ACCEPT)
    expect(people.bar(reader).get_by_role("alert")).to_have_text(CHANGED)
    expect(reader.get_by_role("button", name=people.ACCEPT)).to_be_focused()
    card = reader.locator(".embed")
    card.get_by_role("button", name="Allow media cookies and play").click()
    expect(card.get_by_role("alert")).to_have_text(CHANGED)
    card.get_by_role("button", name="Play this one only").click()
    expect(card.get_by_role("alert")).to_have_text(CHANGED)
    assert reader.context.cookies() == []
    people.press(reader, people.REJECT)
    expect(people.bar(reader)).to_be_hidden()


# Global Privacy Control


@pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without"])
def test_signal_hides_the_bar(open_page: OpenPage, has_javascript: bool) -> None:
    page = open_page(headers={"Sec-GPC": "1"}, java_script_enabled=has_javascript)
    page.add_init_script(GPC)
    page.goto(people.POST)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(people.bar(page)).to_be_hidden()
    assert page.context.cookies() == []


def test_signal_is_answered_by_one_quiet_line(open_page: OpenPage) -> None:
    page = open_page(headers={"Sec-GPC": "1"}, bypass_csp=True)
    page.add_init_script(GPC)
    page.goto(people.POST)
    expect(quiet_line(page)).to_contain_text("Your browser asks us not to track you. Everything optional is off.")
    expect(quiet_line(page).get_by_role("link", name="Cookie settings")).to_have_attribute("href", "/privacy-choices/")
    check_looks(page)


def test_quiet_line_is_there_from_the_first_paint(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(GPC)
    page.add_init_script(SHIFTS)
    page.goto(people.POST, wait_until="networkidle")
    expect(quiet_line(page)).to_be_visible()
    assert page.evaluate("window.shifted") < 0.01


def test_signal_changes_no_byte_of_a_page(server: Server) -> None:
    plain, signalled = (httpx.get(server.url + people.POST, headers=headers) for headers in ({}, {"Sec-GPC": "1"}))
    assert plain.content == signalled.content


def test_choice_of_the_visitor_comes_before_the_signal(open_page: OpenPage) -> None:
    page = open_page(headers={"Sec-GPC": "1"})
    page.add_init_script(GPC)
    page.goto(people.FILM)
    page.get_by_role("button", name="Allow media cookies and play").click()
    expect(page.locator(".embed iframe")).to_have_attribute("src", VIDEO_FRAME)
    expect(quiet_line(page)).to_be_hidden()
    assert state(page) == {"choice": "made", "media": "yes", "analytics": None}


def test_nobody_else_sees_the_quiet_line(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    expect(people.bar(page)).to_be_visible()
    expect(quiet_line(page)).to_be_hidden()


# One video or map, once


@pytest.mark.parametrize(
    ("path", "button", "frame", "host"),
    [
        pytest.param(people.FILM, "Play this one only", VIDEO_FRAME, "www.youtube-nocookie.com", id="video"),
        pytest.param(MAP, "Show this one only", "/embed/openstreetmap/", "www.openstreetmap.org", id="map"),
    ],
)
def test_one_frame_opens_once_and_nothing_is_kept(
    open_page: OpenPage, path: str, button: str, frame: str, host: str
) -> None:
    page = open_page()
    page.goto(path)
    with page.expect_event("request", lambda request: urlsplit(request.url).netloc == host):
        page.get_by_role("button", name=button).click()
    shown = page.locator(".embed iframe")
    expect(shown).to_have_attribute("src", re.compile(rf"^{re.escape(frame)}.*\?once=."))
    expect(shown).to_be_focused()
    assert page.context.cookies() == []
    assert set(people.stores(page).values()) == {0}
    expect(people.bar(page)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=button)).to_be_visible()
    assert page.request.get(VIDEO_FRAME).status == 403


def test_one_frame_opens_on_a_page_of_ours_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(people.FILM)
    page.get_by_role("button", name="Play this one only").click()
    assert urlsplit(page.url).path == VIDEO_FRAME
    expect(page.locator("iframe")).to_have_attribute("src", re.compile(r"^https://www\.youtube-nocookie\.com/embed/"))
    assert page.context.cookies() == []


def test_one_frame_is_asked_for_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.FILM)
    page.get_by_role("button", name="Allow media cookies and play").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Play this one only")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".embed iframe")).to_be_focused()


def test_card_says_that_one_frame_could_not_be_opened(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.FILM)
    page.route("**/consent/once/", lambda route: route.abort())
    page.get_by_role("button", name="Play this one only").click()
    expect(page.locator(".embed").get_by_role("alert")).to_contain_text("could not be saved")
    expect(page.get_by_role("button", name="Play this one only")).to_be_focused()


def test_card_of_a_provider_that_is_off_is_a_plain_link(open_page: OpenPage, server: Server) -> None:
    page = open_page(bypass_csp=True)
    change_register(server, "switch_off(Service.objects.get(key='openstreetmap'))")
    try:
        page.goto(MAP)
        card = page.locator(".embed-map")
        expect(card.get_by_role("link", name="See it on OpenStreetMap")).to_be_visible()
        expect(card.locator("form, button, iframe")).to_have_count(0)
        check_looks(page)
    finally:
        change_register(server, "switch_on(Service(key='openstreetmap'))")


def test_yes_taken_back_in_another_tab_closes_the_video(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.FILM)
    page.get_by_role("button", name="Allow media cookies and play").click()
    expect(page.locator(".embed iframe")).to_have_count(1)
    withdraw_elsewhere(page)
    expect(page.locator(".embed iframe")).to_have_count(0)
    expect(page.get_by_role("button", name="Allow media cookies and play")).to_be_visible()


def withdraw_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/privacy-choices/")
    people.press(other, "Reject all")
    expect(other.get_by_text("Your choice is saved.")).to_be_visible()
    other.close()


# Counting visits


def test_visit_is_counted_at_once_after_a_yes(open_page: OpenPage, server: Server, counter: Counter) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(people.POST, wait_until="networkidle")
    assert page.locator("iframe").count() == 0
    assert watch.hosts == {urlsplit(server.url).netloc}
    accept(page)
    assert counter.told(1) == [
        {
            "url": f"{server.url}{people.POST}",
            "origin": "null",
            "referrer": "",
            "cookie": "SecurityError",
            "page": "SecurityError",
        }
    ]
    assert watch.problems == []
    page.goto("/blog/")
    assert counter.told(2)[1]["url"] == f"{server.url}/blog/"
    assert len(counter.visits) == 2


def test_frame_that_counts_is_out_of_everybodys_way(open_page: OpenPage, counter: Counter) -> None:
    page = open_page(bypass_csp=True)
    page.add_init_script(SHIFTS)
    page.goto(people.POST)
    accept(page)
    page.goto(people.POST, wait_until="networkidle")
    frame = page.locator("iframe.visit")
    for name, value in {
        "src": "/embed/matomo/visit/?path=%2Fblog%2Fglutes-and-running%2F",
        "sandbox": "allow-scripts",
        "referrerpolicy": "no-referrer",
        "aria-hidden": "true",
        "tabindex": "-1",
    }.items():
        expect(frame).to_have_attribute(name, value)
    expect(frame).to_have_attribute("title", re.compile("."))
    expect(frame).to_be_hidden()
    assert page.evaluate("window.shifted") < 0.01
    check_looks(page)


def test_nobody_is_counted_without_a_yes(open_page: OpenPage, visits: list[dict[str, str]]) -> None:
    refuser, signalled = open_page(), open_page(headers={"Sec-GPC": "1"})
    signalled.add_init_script(GPC)
    for page in (refuser, signalled):
        page.goto("/blog/", wait_until="networkidle")
    people.press(refuser, people.REJECT)
    expect(people.bar(refuser)).to_be_hidden()
    for page in (refuser, signalled):
        page.goto(people.POST, wait_until="networkidle")
        assert page.locator("iframe").count() == 0
    assert visits == []


@pytest.mark.parametrize("path", ["/book/", "/privacy-choices/", "/search/?q=calf", f"{people.POST}comment/"])
def test_nobody_is_counted_where_people_write(open_page: OpenPage, path: str, visits: list[dict[str, str]]) -> None:
    page = open_page()
    page.goto("/privacy-choices/")
    people.press(page, "Accept all")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    page.goto(path, wait_until="networkidle")
    assert state(page)["analytics"] == "yes"
    assert page.locator("iframe").count() == 0
    assert visits == []


def test_page_that_is_prerendered_waits_until_it_is_seen(open_page: OpenPage, counter: Counter) -> None:
    page = open_page()
    page.goto("/privacy-choices/")
    people.press(page, "Accept all")
    page.add_init_script(PRERENDERED)
    page.goto("/blog/", wait_until="networkidle")
    assert page.locator("iframe").count() == 0
    page.evaluate("window.activate()")
    assert len(counter.told(1)) == 1


def test_page_that_was_prerendered_shows_the_choice_made_meanwhile(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    page.add_init_script(PRERENDERED)
    page.add_init_script("delete window.cookieStore")
    page.goto("/blog/")
    hold_cookie(page, server, "an0-me0")
    expect(people.bar(page)).to_be_visible()
    page.evaluate("window.activate()")
    expect(people.bar(page)).to_be_hidden()


def test_no_in_another_tab_ends_the_counting_here(open_page: OpenPage, counter: Counter) -> None:
    page = open_page()
    page.goto("/blog/")
    accept(page)
    expect(page.locator("iframe.visit")).to_have_count(1)
    withdraw_elsewhere(page)
    expect(page.locator("iframe.visit")).to_have_count(0)
    assert len(counter.told(1)) == 1


# The bar when things go wrong


@pytest.fixture
def slow_door(server: Server) -> Iterator[SlowDoor]:
    with SlowDoor(server) as door:
        threading.Thread(target=door.serve_forever, daemon=True).start()
        yield door
        door.shutdown()


def test_refusal_survives_an_immediate_click_elsewhere(open_page: OpenPage, slow_door: SlowDoor) -> None:
    page = open_page()
    page.goto(f"{slow_door.url}/")
    with page.expect_request("**/consent/choice/"):
        people.press(page, people.REJECT)
    page.get_by_role("navigation", name="Main").get_by_role("link").first.click()
    page.wait_for_url("**/blog/")
    assert page.context.cookies() == []
    expect(people.bar(page)).to_be_hidden()
    (cookie,) = page.context.cookies()
    assert cookie["value"].split(".")[3] == "an0-me0"


def test_two_presses_are_one_choice(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.method == "PUT" else None)
    page.get_by_role("button", name=people.REJECT).evaluate("(button) => { button.click(); button.click(); }")
    expect(people.bar(page)).to_be_hidden()
    assert len(asked) == 1


def test_focus_and_a_word_follow_the_answer(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    held: list[Route] = []
    page.route("**/consent/choice/", lambda route: held.append(route) if not held else route.continue_())
    page.get_by_role("button", name=people.REJECT).press("Enter")
    expect(page.get_by_role("button", name=people.REJECT)).to_be_disabled()
    held[0].abort()
    expect(page.get_by_role("button", name=people.REJECT)).to_be_focused()
    expect(people.bar(page).get_by_role("alert")).to_contain_text("could not be saved")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator("#status")).to_have_text(re.compile("^Your choice is saved"))


@pytest.fixture
def go_back(keeping_browser: Browser, server: Server) -> Iterator[Callable[[Callable[[Page], None]], Page]]:
    """Leaves a page, does something on the next, and comes back to the first as it was kept."""
    context = keeping_browser.new_context(base_url=server.url, extra_http_headers={"X-Forwarded-For": "10.99.0.1"})
    page = context.new_page()

    def go_back(meanwhile: Callable[[Page], None]) -> Page:
        page.goto("/blog/", wait_until="networkidle")
        page.evaluate("addEventListener('pageshow', (event) => { window.wasKept = event.persisted; })")
        page.goto("/privacy-choices/")
        meanwhile(page)
        page.evaluate("setTimeout(() => history.go(-2))")  # past the form and the page that says it is saved
        page.wait_for_url("**/blog/", wait_until="commit")
        page.wait_for_function("window.wasKept === true")
        return page

    yield go_back
    context.close()


def reject_all(page: Page) -> None:
    people.press(page, "Reject all")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()


def accept_all(page: Page) -> None:
    people.press(page, "Accept all")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()


def test_page_gone_back_to_shows_the_choice_made_meanwhile(go_back: Callable[..., Page]) -> None:
    page = go_back(reject_all)
    expect(people.bar(page)).to_be_hidden()


def test_page_gone_back_to_is_counted_as_a_view(go_back: Callable[..., Page], counter: Counter) -> None:
    page = go_back(accept_all)
    expect(people.bar(page)).to_be_hidden()
    assert len(counter.told(1)) == 1


def test_no_name_that_ad_blockers_look_for(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    names = page.evaluate("""() => [
      ...[...document.querySelectorAll(".pc-bar, .pc-bar *, .pc-quiet, .pc-quiet *, #status")].flatMap((node) => [
        ...node.classList, node.id, node.getAttribute("name") ?? "", ...Object.keys(node.dataset),
      ]),
      ...[...document.querySelectorAll("script[src], link[rel=stylesheet], form")].map(
        (node) => node.getAttribute("src") ?? node.getAttribute("href") ?? node.getAttribute("action"),
      ),
      ...performance.getEntriesByType("resource").map(({name}) => new URL(name).pathname),
    ]""")
    assert len(names) > 10
    assert [name for name in names if re.search("cookie|consent|gdpr|banner", name, re.IGNORECASE)] == []


def test_bar_and_its_scripts_are_light(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto("/blog/", wait_until="networkidle")
    scripts = {urlsplit(request.url).path for request in watch.requests if request.resource_type == "script"}
    needed = [path for path in scripts if re.search(r"/(choice|choices|bar)\.", path)]
    assert len(needed) == 2
    weight = sum(len(gzip.compress(httpx.get(server.url + path).content)) for path in needed)
    markup = page.locator(".pc-bar").evaluate("(node) => node.outerHTML")
    assert weight + len(gzip.compress(markup.encode())) <= 6 * 1024
