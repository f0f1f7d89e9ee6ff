"""Booking a time in a browser: with our script and without, by keyboard, on a narrow screen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch
from tests.browser.test_accessibility import OPTIONS

_weeks = itertools.count(1)
NARROW = {"width": 320, "height": 640}
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def free_time(page: Page) -> None:
    """On the last of the days that are shown: the first may be too near to be changed online."""
    page.get_by_role("group", name=re.compile(r"day \d+ \w+$")).last.get_by_role("radio").first.check()


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada Marsh")
    page.get_by_label("E-mail address").fill("ada@visitor.example")
    page.get_by_role("checkbox").check()


def open_week_of_its_own(page: Page) -> None:
    """Where no other test takes a time."""
    week = date.today() + timedelta(weeks=next(_weeks))
    page.goto(f"/book/?service=follow-up&from={week}")


def book(page: Page) -> None:
    """From a service's link to the page that says what, when and where; each time in a week of its own."""
    open_week_of_its_own(page)
    free_time(page)
    fill_in(page)
    people.take_time(page)
    people.press(page, "Book this time")


def test_time_is_booked_moved_and_cancelled(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    book(page)
    heading(page, "You have an appointment")
    page.get_by_role("link", name="your appointment’s page").click()
    heading(page, "Your appointment")
    expect(page.get_by_role("button", name="Cancel it")).to_be_visible()
    assert page.url.endswith("/book/manage/")
    people.press(page, "Choose another time")
    page.get_by_role("radio").last.check()
    people.press(page, "Move it to this time")
    expect(page.get_by_text("It is moved.")).to_be_visible()
    with page.expect_download() as download:
        people.press(page, "Add to my calendar (.ics)")
    assert download.value.suggested_filename.endswith(".ics")
    people.press(page, "Cancel it")
    people.press(page, "Yes, cancel it")
    expect(page.get_by_text("It is cancelled.")).to_be_visible()
    assert watch.problems == []
    assert not [request.url for request in watch.requests if "#" in request.url or ":" in request.url.split("/", 3)[3]]


def test_times_are_loaded_in_place(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto("/book/")
    expect(page.get_by_role("button", name="Show free times")).to_have_count(0)
    page.get_by_label("Your name").fill("Ada Marsh")
    page.get_by_label("Follow-up visit").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("group", name="Choose a time")).to_be_visible()
    expect(page.locator("[data-news]")).to_have_text("Choose a time")
    expect(page.get_by_role("button", name="Book this time", exact=True)).to_be_visible()
    assert people.element_with_focus(page)["id"].startswith("service")
    before = page.get_by_role("radio").last.get_attribute("value")
    page.get_by_role("button", name="Later days").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Earlier days")).to_be_visible()
    assert page.get_by_role("radio").last.get_attribute("value") != before
    assert people.element_with_focus(page)["id"] == "slot_id"
    expect(page.get_by_label("Your name")).to_have_value("Ada Marsh")
    people.press(page, "None of these suit me")
    expect(page.get_by_label("First choice: day")).to_be_visible()
    assert page.url.endswith("/book/")
    assert watch.problems == []


def test_times_that_can_not_be_loaded_are_missed_in_words(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/book/")
    page.context.set_offline(True)
    page.get_by_label("Follow-up visit").check()
    expect(page.get_by_text("Please check your connection and try again.")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_label("Podiatry").check()
    expect(page.get_by_role("group", name="Choose a time")).to_be_visible()


def test_time_is_booked_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/book/")
    page.get_by_label("Follow-up visit").check()
    people.press(page, "Show free times")
    people.press(page, "Later days")
    expect(page.get_by_role("button", name="Earlier days")).to_be_visible()
    open_week_of_its_own(page)
    free_time(page)
    fill_in(page)
    people.press(page, "Book this time")
    heading(page, "Check your appointment")
    people.take_time(page)
    people.press(page, "Book this time")
    heading(page, "You have an appointment")
    link = page.get_by_role("link", name="your appointment’s page").get_attribute("href") or ""
    page.goto("/book/manage/")
    page.get_by_label("Paste the code from your mail").fill(link)
    people.press(page, "Open my appointment")
    expect(page.get_by_role("button", name="Cancel it")).to_be_visible()


def chosen(page: Page) -> None:
    page.goto("/book/?service=follow-up")
    free_time(page)


def with_mistakes(page: Page) -> None:
    page.goto("/book/?service=follow-up")
    people.press(page, "Book this time")
    heading(page, "There is a problem")


def done(page: Page) -> None:
    book(page)
    heading(page, "You have an appointment")


def own(page: Page) -> None:
    done(page)
    page.get_by_role("link", name="your appointment’s page").click()
    expect(page.get_by_role("button", name="Cancel it")).to_be_visible()


def moving(page: Page) -> None:
    own(page)
    people.press(page, "Choose another time")
    expect(page.get_by_role("group", name="Choose a time")).to_be_visible()


def closed(page: Page) -> None:
    page.goto("/book/manage/#nothing:at-all")
    heading(page, "This code opens no appointment")


STATES: list[Callable[[Page], None]] = [chosen, with_mistakes, done, own, moving, closed]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_is_accessible_and_fits(open_page: OpenPage, state: Callable[[Page], None]) -> None:
    page = open_page(viewport=NARROW, color_scheme="dark")
    state(page)
    assert page.evaluate(FITS)
    # What lies half under the masthead as it scrolls past would count as too small to be pressed.
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()
