"""From page to page: what is announced is fetched once, what may be next is fetched ahead, what was left is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser import people
from tests.browser.conftest import PATIENCE, OpenPage, Watch
from tests.browser.server import Server

PAGES = ("/", "/blog/", people.POST, people.FILM, "/book/")
POLICY = "/cookies/"
WARNS_AFTER = 4_000  # milliseconds after a page's load, if something that was preloaded was not used
HOVERS_FOR = 500  # a browser waits for 200 before it takes it for interest
ARRIVED = "performance.getEntriesByType('navigation')[0]"


# --- Preload ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_what_is_announced_is_fetched_once_and_used(open_page: OpenPage, path: str) -> None:
    page = open_page()
    watch = Watch(page)
    announced = page.goto(path, wait_until="load")
    assert announced is not None
    page.wait_for_timeout(WARNS_AFTER)
    counts = Counter(urlsplit(request.url).path for request in watch.requests)
    preloaded = [link[1:].partition(">")[0] for link in announced.headers["link"].split(", ")]
    assert {counts[address] for address in preloaded} == {1}
    assert watch.problems == []
    assert len(watch.hosts) == 1


# --- Fetched ahead ---------------------------------------------------------------------------------------------------


def point_at(page: Page, selector: str) -> None:
    link = page.locator(selector).first
    link.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    link.hover()
    page.wait_for_timeout(HOVERS_FOR)


def fetched_ahead(watch: Watch) -> list[Request]:
    return [request for request in watch.requests if request.headers.get("sec-purpose") == "prefetch"]


def test_page_that_is_pointed_at_is_there_when_it_is_asked_for(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto("/blog/", wait_until="networkidle")
    before = len(watch.requests)
    with page.expect_request(lambda request: request.headers.get("sec-purpose") == "prefetch") as ahead:
        page.locator(f"a[href='{people.POST}']").first.hover()
    page.wait_for_load_state("networkidle")
    assert urlsplit(ahead.value.url).path == people.POST
    # Only the page itself: nobody came to it yet, so nothing of it is shown, asked or counted.
    assert {request.resource_type for request in watch.requests[before:]} <= {"document", "other", "image"}
    assert not [request for request in watch.requests if "/embed/" in request.url]
    page.locator(f"a[href='{people.POST}']").first.click()
    page.wait_for_url(f"**{people.POST}")
    assert page.evaluate(f"{ARRIVED}.deliveryType") == "navigational-prefetch"


@pytest.mark.parametrize(
    ("path", "selector"),
    [
        ("/blog/", "header a[href='/book/']"),
        ("/", "main a[href^='/book/?service=']"),
        ("/blog/", "a[href='/privacy-choices/']"),
        ("/blog/", "a[href='/your-data/']"),
        (people.DISCUSSED, "a[data-reply]"),
        (people.POST, "a[rel~=nofollow][href*='/share/mastodon/']"),
        (people.POST, "a[rel~=nofollow][href*='bsky.app']"),
    ],
)
def test_what_is_somebodys_own_or_elsewhere_is_not_fetched_ahead(
    open_page: OpenPage, server: Server, path: str, selector: str
) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(path, wait_until="networkidle")
    point_at(page, selector)
    point_at(page, f"footer a[href='{POLICY}']")
    assert [request.url for request in fetched_ahead(watch)] == [f"{server.url}{POLICY}"]
    assert len(watch.hosts) == 1


# --- Kept for going back ---------------------------------------------------------------------------------------------


@pytest.fixture
def kept_page(keeping_browser: Browser, server: Server) -> Iterator[Page]:
    with keeping_browser.new_context(
        base_url=server.url, extra_http_headers={"X-Forwarded-For": "10.98.0.1"}, locale="en-GB"
    ) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def come(page: Page, path: str) -> None:
    page.goto(path, wait_until="networkidle")
    page.evaluate("addEventListener('pageshow', (event) => { window.wasKept = event.persisted; })")


def go_back(page: Page, path: str) -> Any:
    """Why the browser had not kept the page; None if it had."""
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_url(f"**{path}", wait_until="commit")
    page.wait_for_function(f"window.wasKept || {ARRIVED}.type === 'back_forward'")
    return page.evaluate(f"window.wasKept ? null : {ARRIVED}.notRestoredReasons ?? 'it does not say'")


@pytest.mark.parametrize("path", PAGES)
def test_page_that_was_left_is_kept(kept_page: Page, path: str) -> None:
    come(kept_page, path)
    kept_page.goto(POLICY)
    assert go_back(kept_page, path) is None
    expect(people.bar(kept_page)).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_page_is_kept_and_shows_the_choice_that_was_made_on_the_next(kept_page: Page, path: str) -> None:
    come(kept_page, path)
    kept_page.goto(POLICY)
    people.press(kept_page, people.REJECT)
    expect(people.bar(kept_page)).to_be_hidden()
    assert go_back(kept_page, path) is None
    expect(people.bar(kept_page)).to_be_hidden()


def test_page_that_came_back_still_hears_of_a_choice_in_another_tab(kept_page: Page) -> None:
    kept_page.add_init_script("delete globalThis.cookieStore")  # the other way to hear of it, which not all have
    come(kept_page, "/blog/")
    kept_page.goto(POLICY)
    assert go_back(kept_page, "/blog/") is None
    other = kept_page.context.new_page()
    other.goto(POLICY)
    people.press(other, people.REJECT)
    expect(people.bar(kept_page)).to_be_hidden()


def test_what_was_written_into_a_form_is_there_after_going_back(kept_page: Page) -> None:
    come(kept_page, people.POST)
    people.write_comment(kept_page, "My knee likes the stairs again.")
    kept_page.goto(POLICY)
    people.press(kept_page, people.ACCEPT)
    expect(people.bar(kept_page)).to_be_hidden()
    assert go_back(kept_page, people.POST) is None
    expect(kept_page.get_by_label("Your comment")).to_have_value("My knee likes the stairs again.")
