"""Comments in place: what somebody with JavaScript sees, by mouse, by keyboard, with a bad connection."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch

SENT = "Thank you, we have your comment."


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page()
    page.goto(people.DISCUSSED)
    return page


def own(page: Page) -> Locator:
    return page.locator(".comment-own")


def said(page: Page) -> Locator:
    return page.locator(".comments [role=status]")


def send(page: Page, text: str = "Stairs, two at a time.") -> None:
    people.write_comment(page, text)
    people.press(page, "Send comment")
    expect(own(page)).to_be_visible()


def sent_forms(page: Page) -> list[dict[str, Any]]:
    """What is posted from now on, as it is posted."""
    found: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            found.append(json.loads(request.post_data or "{}") | {"key": request.headers.get("idempotency-key")})

    page.on("request", note)
    return found


def test_comment_is_sent_in_place_and_seen_by_its_writer_alone(open_page: OpenPage, page: Page) -> None:
    watch, posted = Watch(page), sent_forms(page)
    send(page, "Bridges <b>every</b> other day.")
    expect(own(page)).to_be_focused()
    expect(own(page)).to_contain_text("Bridges <b>every</b> other day.")
    expect(own(page)).to_contain_text("Waiting for us to read it")
    expect(said(page)).to_contain_text(SENT)
    expect(page.locator("#body")).to_have_value("")
    assert page.url.endswith(people.DISCUSSED)
    assert posted[0]["proof"]
    assert posted[0]["key"]
    assert watch.problems == []
    assert set(people.stores(page).values()) == {0}
    for reader in (page, open_page()):
        reader.goto(people.DISCUSSED)
        expect(reader.get_by_text("every</b> other day")).to_have_count(0)


def test_answer_is_written_under_its_comment(page: Page) -> None:
    posted = sent_forms(page)
    reply = page.get_by_role("link", name="Reply").nth(1)
    reply.click()
    expect(page.locator(".comment-answering")).to_contain_text("You are replying to Luke")
    expect(said(page)).to_have_text("You are replying to Luke")
    expect(page.locator("#author_name")).to_be_focused()
    send(page, "The same here.")
    assert posted[0]["parent"] == reply.get_attribute("data-reply")
    expect(page.locator(f"#c-{posted[0]['parent']} + .comment-own")).to_be_visible()
    expect(page.locator(".comment-answering")).to_be_hidden()


def test_reply_is_called_off_with_what_was_typed_kept(page: Page) -> None:
    reply = page.get_by_role("link", name="Reply").first
    reply.focus()
    page.keyboard.press("Enter")
    page.locator("#body").fill("Half a thought")
    people.press(page, "Cancel")
    expect(reply).to_be_focused()
    expect(page.locator("#body")).to_have_value("Half a thought")
    expect(page.locator("[name=parent]")).to_have_value("")


def test_own_comment_is_changed_and_taken_back(page: Page) -> None:
    send(page)
    people.press(page, "Change")
    editor = page.get_by_label("Change your comment")
    expect(editor).to_be_focused()
    editor.fill("Stairs, one at a time.")
    people.press(page, "Save")
    expect(own(page)).to_contain_text("Stairs, one at a time.")
    expect(said(page)).to_have_text("Your comment is changed.")
    people.press(page, "Take back")
    expect(own(page)).to_have_count(0)
    expect(said(page)).to_have_text("Your comment is taken back.")


def test_empty_change_is_refused_in_words(page: Page) -> None:
    send(page)
    people.press(page, "Change")
    page.get_by_label("Change your comment").fill("  ")
    people.press(page, "Save")
    expect(own(page).get_by_role("alert")).not_to_be_empty()


def test_mistakes_are_named_where_they_are(page: Page) -> None:
    page.locator("#email").fill("nonsense")
    page.locator("#body").fill("Kept.")
    people.press(page, "Send comment")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Enter your name.").click()
    expect(page.locator("#author_name")).to_be_focused()
    page.keyboard.type("Ada")
    people.press(page, "Send comment")
    expect(summary.get_by_role("link")).to_have_attribute("href", "#email")
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#email")).to_have_attribute("aria-describedby", "email-hint email-error")
    expect(page.locator("#author_name")).not_to_have_attribute("aria-invalid", "true")
    page.locator("#email").fill("")
    people.press(page, "Send comment")
    expect(own(page)).to_contain_text("Kept.")
    expect(page.locator(".error-summary")).to_have_count(0)


def test_refused_ticket_is_renewed_without_a_word(page: Page) -> None:
    with page.expect_response("**/forms/comment/ticket/*"):
        people.write_comment(page, "Patience.")
    ticket = page.locator(".comment-form [name=ticket]")
    expect(ticket).not_to_have_value("")
    ticket.evaluate("(field) => { field.value = 'forged' }")
    people.press(page, "Send comment")
    expect(own(page)).to_contain_text("Patience.")


def test_what_was_typed_outlives_a_broken_connection(page: Page) -> None:
    people.write_comment(page, "Patience.")
    posted = sent_forms(page)
    page.route("**/comments/", lambda route: route.abort())
    people.press(page, "Send comment")
    expect(page.get_by_text("It could not be sent.")).to_be_visible()
    expect(page.locator("#body")).to_have_value("Patience.")
    page.unroute("**/comments/")
    people.press(page, "Send comment")
    expect(own(page)).to_have_count(1)
    expect(page.get_by_text("It could not be sent.")).to_be_hidden()
    assert posted[0] == posted[1]


def test_server_in_trouble_is_a_sentence(page: Page) -> None:
    page.route("**/comments/", lambda route: route.fulfill(status=503, body="<html>"))
    people.write_comment(page, "Patience.")
    people.press(page, "Send comment")
    expect(page.get_by_text("It could not be sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Send comment")).to_be_enabled()


def test_button_says_that_it_works_and_sends_once(page: Page) -> None:
    posted = sent_forms(page)
    people.write_comment(page, "Once.")
    people.press(page, "Send comment")
    working = page.get_by_role("button", name="Sending…")
    working.click()
    expect(own(page)).to_have_count(1)
    assert len(posted) == 1


def test_forms_with_a_page_of_their_own_carry_the_proof(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/your-data/")
    people.ask_for_data(page)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        people.press(page, "Send the request")
    assert re.search(r"(^|&)proof=\w{100,}", sent.value.post_data or "")
    expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_visible()


def test_page_to_check_is_proved_too(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/ticket/", lambda route: route.abort())
    page.goto("/your-data/")
    people.ask_for_data(page)
    people.press(page, "Send the request")
    expect(page.get_by_role("heading", name="Check what you ask for")).to_be_visible()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        people.press(page, "Send the request")
    assert re.search(r"(^|&)proof=\w{100,}", sent.value.post_data or "")


def test_name_is_not_kept_without_a_yes(page: Page) -> None:
    send(page)
    assert page.evaluate("localStorage.length") == 0


def test_thread_prints_without_its_form(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator(".thread .comment").first).to_be_visible()
    for hidden in ("form.comment-form", ".comment-reply", "#comments-heading"):
        expect(page.locator(hidden).first).to_be_hidden()
