from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import OpenPage


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(java_script_enabled=False)


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_post_is_read_and_shared(page: Page) -> None:
    page.goto(people.POST)
    heading(page, "Share this post")
    share = page.get_by_role("region", name="Share this post")
    expect(share.locator("noscript p")).to_contain_text(people.POST)
    expect(share.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="Send comment")).to_be_visible()


def test_comment_is_checked_and_sent(page: Page) -> None:
    page.goto(people.POST)
    people.write_comment(page, "Stairs, two at a time.")
    people.press(page, "Send comment")
    heading(page, "Check your comment")
    expect(page.get_by_label("Your comment").get_by_text("Stairs, two at a time.")).to_be_visible()
    people.take_time(page)
    people.press(page, "Send comment")
    heading(page, "Thank you, we have your comment")


def test_comment_is_changed_before_it_is_sent(page: Page) -> None:
    page.goto(people.POST)
    people.write_comment(page, "Stairs, too at a time.")
    people.press(page, "Send comment")
    people.press(page, "Change it")
    expect(page.get_by_label("Your comment")).to_have_value("Stairs, too at a time.")


def test_comment_is_answered(page: Page) -> None:
    page.goto(people.DISCUSSED)
    page.get_by_role("link", name="Reply").first.click()
    expect(page.get_by_text("You are replying to")).to_be_visible()
    people.write_comment(page, "The same here.")
    people.press(page, "Send comment")
    people.take_time(page)
    people.press(page, "Send comment")
    heading(page, "Thank you, we have your comment")


def test_copy_of_ones_data_is_asked_for(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Your data").click()
    people.ask_for_data(page)
    people.press(page, "Send the request")
    heading(page, "Check what you ask for")
    people.take_time(page)
    people.press(page, "Send the request")
    heading(page, "Look in your mailbox")


def test_appointment_is_asked_for(page: Page) -> None:
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Book an appointment").click()
    people.write_request(page)
    people.press(page, "Ask for an appointment")
    heading(page, "Check what you ask for")
    people.take_time(page)
    people.press(page, "Ask for an appointment")
    heading(page, "Thank you, we have your request")


@pytest.mark.parametrize("answer", [people.ACCEPT, people.REJECT])
def test_bar_is_answered_and_gone(page: Page, answer: str) -> None:
    page.goto(people.POST)
    expect(people.bar(page)).to_be_visible()
    people.press(page, answer)
    assert page.url.endswith(people.POST)
    expect(people.bar(page)).to_be_hidden()
    page.goto("/blog/")
    expect(people.bar(page)).to_be_hidden()


def test_settings_are_saved_and_the_receipt_is_read(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name=people.MANAGE).click()
    page.get_by_role("switch", name="Allow Media").check()
    people.press(page, "Save my choice")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    expect(page.get_by_role("switch", name="Allow Media")).to_be_checked()
    page.get_by_role("link", name="See your receipt").click()
    heading(page, "Your receipt")
    expect(page.get_by_text("Allowed", exact=True)).to_be_visible()


def test_video_opens_on_a_page_of_ours_after_a_yes(page: Page) -> None:
    page.goto(people.FILM)
    page.get_by_role("button", name="Allow media cookies and play").click()
    assert page.url.endswith("/embed/youtube/aqz-KE-bpKQ/")
    expect(page.locator("iframe")).to_have_count(1)


def test_search_finds(page: Page) -> None:
    page.goto("/search/")
    page.get_by_label("Search the site").fill("calf")
    people.press(page, "Search")
    expect(page.get_by_role("link", name="Back to running after a calf strain").first).to_be_visible()
