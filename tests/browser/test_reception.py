"""A morning at reception, in a browser: what waits is answered, found in the diary, moved, and the phone rings."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import OpenPage
from tests.browser.server import PASSWORD
from tests.browser.test_accessibility import OPTIONS, SCHEMES

WIDTHS = (360, 768, 1280)


@pytest.fixture
def desk(open_page: OpenPage) -> Page:
    page = open_page(bypass_csp=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    page.goto("/admin/reception/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    people.press(page, "Sign in")
    expect(page.get_by_role("heading", name="New requests")).to_be_visible()
    return page


def looks_right(page: Page) -> None:
    """Nothing sticks out of the window, and no rule of accessibility is broken in what is ours."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width} px"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page, context=".reception", options=OPTIONS)
            assert results.violations_count == 0, f"{page.url}, {width} px, {scheme}:\n{results.generate_report()}"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_morning_at_reception(desk: Page) -> None:
    looks_right(desk)
    desk.get_by_role("row").filter(has_text="Samir Haddad").get_by_role("link").click()
    expect(desk.get_by_role("heading", name="What was asked for")).to_be_visible()
    looks_right(desk)
    wished = desk.get_by_role("listitem").filter(has_text="as wished").first
    wished.get_by_role("button", name="Propose").click()
    mail = desk.get_by_role("region", name="The mail that goes")
    expect(mail).to_contain_text("A time for you")
    looks_right(desk)
    reference = mail.locator("dd").nth(1).inner_text().rsplit(" ", 1)[1]
    people.press(desk, "Send and confirm")
    expect(desk.get_by_text("The time is proposed.")).to_be_visible()
    desk.get_by_label("Reference").fill(reference)
    people.press(desk, "Open")
    expect(desk.get_by_role("heading", name="Move", exact=True)).to_be_visible()
    looks_right(desk)
    desk.get_by_role("link", name="The diary of this day").click()
    expect(desk.get_by_role("table", name="Diary")).to_contain_text(reference)
    looks_right(desk)
    desk.get_by_role("link", name="Week", exact=True).click()
    expect(desk.get_by_role("table", name="Diary")).to_contain_text(reference)
    looks_right(desk)


def test_a_phone_call(desk: Page) -> None:
    desk.get_by_role("link", name="Book by phone").click()
    desk.get_by_label("Service").select_option(label="Podiatry")
    desk.get_by_label("Name").fill("Wilhelmina Okafor")
    desk.get_by_label("Phone").fill("01632 960 214")
    people.press(desk, "Show free times")
    expect(desk.get_by_label("Name")).to_have_value("Wilhelmina Okafor")
    looks_right(desk)
    desk.get_by_role("button", name="Take").first.click()
    expect(desk.get_by_text("No mail goes: there is no e-mail address.")).to_be_visible()
    people.press(desk, "Confirm")
    expect(desk.get_by_text("The appointment is made.")).to_be_visible()
    expect(desk.get_by_text("Wilhelmina Okafor")).to_be_visible()


@pytest.mark.parametrize("path", ["why/", "export/", "?tab=suspected", "?tab=answered"])
def test_the_other_pages(path: str, desk: Page) -> None:
    desk.goto(f"/admin/reception/{path}")
    looks_right(desk)
