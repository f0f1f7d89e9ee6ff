from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import OpenPage

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")


def at(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path) and None


def answered_bar(page: Page) -> None:
    page.goto("/")
    people.press(page, people.REJECT)
    expect(people.bar(page)).to_be_hidden()


def unsaved_choice(page: Page) -> None:
    page.goto("/")
    page.route("**/api/v1/consent/choice/", lambda route: route.abort())
    people.press(page, people.REJECT)
    expect(people.bar(page).get_by_role("alert")).not_to_be_empty()


def booking_with_mistakes(page: Page) -> None:
    page.goto("/book/")
    people.press(page, "Ask for an appointment")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def booking_to_check(page: Page) -> None:
    page.route("**/ticket/", lambda route: route.abort())
    page.goto("/book/")
    people.write_request(page)
    people.press(page, "Ask for an appointment")
    expect(page.get_by_role("heading", name="Check what you ask for")).to_be_visible()


def comment_with_mistakes(page: Page) -> None:
    page.goto(f"{people.POST}comment/")
    people.press(page, "Send comment")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def comment_to_check(page: Page) -> None:
    page.route("**/ticket/*", lambda route: route.abort())
    page.goto(f"{people.POST}comment/")
    people.write_comment(page, "Stairs, two at a time.")
    people.press(page, "Send comment")
    expect(page.get_by_role("heading", name="Check your comment")).to_be_visible()


def reply(page: Page) -> None:
    page.goto(people.DISCUSSED)
    page.get_by_role("link", name="Reply").first.click()
    expect(page.locator(".comment-answering")).to_be_visible()


def own_comment(page: Page) -> None:
    page.goto(people.DISCUSSED)
    people.write_comment(page, "Stairs, two at a time.")
    people.press(page, "Send comment")
    expect(page.get_by_text("Waiting for us to read it")).to_be_visible()


def own_comment_to_change(page: Page) -> None:
    own_comment(page)
    people.press(page, "Change")


def comment_refused_in_place(page: Page) -> None:
    page.goto(people.DISCUSSED)
    people.press(page, "Send comment")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def unsent_comment(page: Page) -> None:
    page.goto(people.DISCUSSED)
    page.route("**/ticket/*", lambda route: route.abort())
    people.write_comment(page, "Stairs, two at a time.")
    people.press(page, "Send comment")
    expect(page.get_by_text("It could not be sent.")).to_be_visible()


def your_data_with_mistakes(page: Page) -> None:
    page.goto("/your-data/")
    people.press(page, "Send the request")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def your_data_to_check(page: Page) -> None:
    page.route("**/ticket/", lambda route: route.abort())
    page.goto("/your-data/")
    people.ask_for_data(page)
    people.press(page, "Send the request")
    expect(page.get_by_role("heading", name="Check what you ask for")).to_be_visible()


def stale_link(page: Page) -> None:
    page.goto("/comments/unsubscribe/?token=x")
    people.press(page, "Stop the mail")
    expect(page.get_by_role("heading", name="This link is used up or too old")).to_be_visible()


def saved_choice(page: Page) -> None:
    page.goto("/privacy-choices/")
    for details in page.locator("summary").all():
        details.click()
    people.press(page, "Accept all")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()


def receipt(page: Page) -> None:
    saved_choice(page)
    page.get_by_role("link", name="See your receipt").click()
    expect(page.get_by_role("heading", name="Your receipt")).to_be_visible()


def opened_purposes(page: Page) -> None:
    page.goto("/privacy-choices/")
    for summary in page.locator("summary").all():
        summary.click()


def video_to_play(page: Page) -> None:
    saved_choice(page)
    page.goto(people.FILM)


STATES: dict[str, Callable[[Page], None]] = {
    "home": at("/"),
    "home, bar answered": answered_bar,
    "home, choice not saved": unsaved_choice,
    "list": at("/blog/"),
    "topic": at("/blog/?topic=running"),
    "post": at(people.POST),
    "post with comments": at(people.DISCUSSED),
    "post with a film": at(people.FILM),
    "post with an allowed film": video_to_play,
    "about": at("/about/"),
    "cookie policy": at("/cookies/"),
    "search": at("/search/"),
    "search with results": at("/search/?q=calf"),
    "search without results": at("/search/?q=zeppelin"),
    "booking": at("/book/"),
    "booking with mistakes": booking_with_mistakes,
    "booking to check": booking_to_check,
    "booking received": at("/book/received/"),
    "comment": at(f"{people.POST}comment/"),
    "comment with mistakes": comment_with_mistakes,
    "comment to check": comment_to_check,
    "comment received": at(f"{people.POST}comment/received/"),
    "comment of one's own": own_comment,
    "comment of one's own to change": own_comment_to_change,
    "comment refused in place": comment_refused_in_place,
    "comment not sent": unsent_comment,
    "reply": reply,
    "your data": at("/your-data/"),
    "your data with mistakes": your_data_with_mistakes,
    "your data to check": your_data_to_check,
    "your data received": at("/your-data/received/"),
    "link of a mail": at("/comments/confirm/?token=x"),
    "link of a mail, stale": stale_link,
    "privacy choices": opened_purposes,
    "privacy choices, saved": saved_choice,
    "receipt": receipt,
    "not found": at("/nowhere/"),
    "film held back": at("/embed/youtube/aqz-KE-bpKQ/"),
}


@pytest.fixture(params=STATES.values(), ids=STATES.keys())
def page(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    page = open_page(bypass_csp=True, reduced_motion="reduce")
    request.param(page)
    return page


def test_no_rule_is_broken(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page, options=OPTIONS)
            assert results.violations_count == 0, f"{width} px, {scheme}:\n{results.generate_report()}"


def test_nothing_scrolls_sideways_on_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
