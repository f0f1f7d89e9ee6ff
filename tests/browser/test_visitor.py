from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch
from tests.browser.server import Server

PAGES = [
    "/",
    "/blog/",
    people.POST,
    people.FILM,
    "/about/",
    "/cookies/",
    "/search/?q=calf",
    "/book/",
    "/book/received/",
    "/your-data/",
    "/comments/confirm/?token=x",
    f"{people.POST}comment/",
    "/privacy-choices/",
]


def test_first_view_of_a_post_is_a_dozen_requests_to_one_host(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(people.POST, wait_until="networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert watch.hosts == {f"127.0.0.1:{server.port}"}
    assert len(watch.requests) <= 12, [request.url for request in watch.requests]


def test_reading_leaves_nothing_in_the_browser(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    watch = Watch(page)
    for path in PAGES:
        page.goto(path, wait_until="networkidle")
    assert page.context.cookies() == []
    assert set(people.stores(page).values()) == {0}
    assert watch.hosts == {f"127.0.0.1:{server.port}"}


def test_no_page_breaks_its_own_policy_or_complains(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    for path in PAGES:
        page.goto(path, wait_until="networkidle")
    assert watch.problems == []


def test_link_of_a_post_is_copied(open_page: OpenPage, server: Server) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(people.POST)
    people.press(page, "Copy link")
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}{people.POST}"


def test_share_links_are_plain_links_that_load_nothing(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    share = page.get_by_role("region", name="Share this post")
    expect(share.get_by_role("link", name="E-mail")).to_have_attribute("href", re.compile(r"^mailto:\?subject="))
    expect(share.get_by_role("link", name="Mastodon")).to_have_attribute(
        "href", re.compile(rf"{people.POST}share/mastodon/$")
    )


def test_appointment_is_asked_for_in_one_step(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/book/")
    with page.expect_response("**/forms/booking/ticket/"):
        people.write_request(page)
    people.take_time(page)
    people.press(page, "Ask for an appointment")
    expect(page.get_by_role("heading", name="Thank you, we have your request")).to_be_visible()


def test_mistakes_are_named_and_the_rest_is_kept(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/book/")
    page.get_by_label("Your name").fill("Ada Marsh")
    people.press(page, "Ask for an appointment")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile(r"^Error: "))
    expect(page.get_by_label("Your name")).to_have_value("Ada Marsh")
    summary.get_by_role("link", name="Enter your e-mail address.").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()


def test_keyboard_reaches_the_bar_the_skip_link_and_the_menu(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    texts = []
    for _ in range(9):
        page.keyboard.press("Tab")
        texts.append(people.element_with_focus(page)["text"].strip())
    wanted = [people.ACCEPT, people.REJECT, people.MANAGE, "Skip to the content"]
    assert [text for text in texts if text in wanted] == wanted
    menu = page.get_by_role("navigation", name="Main").get_by_role("link")
    assert menu.first.inner_text() in texts


def test_skip_link_leads_past_the_menu(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    skip = page.get_by_role("link", name="Skip to the content")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_bar_is_answered_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    page.get_by_role("button", name=people.REJECT).focus()
    page.keyboard.press("Enter")
    expect(people.bar(page)).to_be_hidden()
    expect(page.locator("main")).to_be_focused()


def test_appointment_is_one_press_away_at_every_width(open_page: OpenPage) -> None:
    page = open_page()
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(people.POST)
        expect(page.get_by_role("banner").get_by_role("link", name="Book an appointment")).to_be_visible()
