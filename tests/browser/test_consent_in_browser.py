from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch

CHOICE = "**/api/v1/consent/choice/"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
ANSWERS = [
    pytest.param(people.ACCEPT, "me1", id="accept"),
    pytest.param(people.REJECT, "me0", id="reject"),
]


def grants(page: Page) -> str:
    """What the cookie says about each purpose, such as `me1-pr0`."""
    (cookie,) = page.context.cookies()
    return cookie["value"].split(".")[3]


def allow_video(page: Page) -> None:
    page.get_by_role("button", name="Allow media cookies and play").click()


@pytest.mark.parametrize(("button", "media"), ANSWERS)
def test_one_press_closes_the_bar_for_good(open_page: OpenPage, button: str, media: str) -> None:
    page = open_page()
    page.goto(people.POST)
    people.press(page, button)
    expect(people.bar(page)).to_be_hidden()
    expect(page.get_by_text("Your choice is saved.")).to_be_attached()
    assert people.cookie_names(page) == {"consent"}
    assert media in grants(page).split("-")
    page.reload()
    expect(people.bar(page)).to_be_hidden()
    page.goto("/")
    expect(people.bar(page)).to_be_hidden()


def test_bar_stays_until_the_server_has_answered(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    held: list[Route] = []
    page.route(CHOICE, lambda route: held.append(route))
    people.press(page, people.ACCEPT)
    expect(page.get_by_role("button", name=people.ACCEPT)).to_be_disabled()
    expect(people.bar(page)).to_be_visible()
    held[0].continue_()
    expect(people.bar(page)).to_be_hidden()


def test_bar_says_that_a_choice_was_not_saved(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    page.route(CHOICE, lambda route: route.abort())
    people.press(page, people.REJECT)
    expect(people.bar(page).get_by_role("alert")).to_contain_text("could not be saved")
    assert page.context.cookies() == []
    page.unroute(CHOICE)
    people.press(page, people.REJECT)
    expect(people.bar(page)).to_be_hidden()


def test_other_tab_follows(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    other = page.context.new_page()
    other.goto("/blog/")
    expect(people.bar(other)).to_be_visible()
    people.press(page, people.ACCEPT)
    expect(people.bar(other)).to_be_hidden()


def test_answers_look_alike(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    look = """(node) => {
      const {fontSize, fontWeight, color, backgroundColor, borderTopColor, blockSize} = getComputedStyle(node);
      return [fontSize, fontWeight, color, backgroundColor, borderTopColor, blockSize];
    }"""
    buttons = [page.get_by_role("button", name=name) for name in (people.ACCEPT, people.REJECT)]
    accept, reject, manage = (
        button.evaluate(look) for button in [*buttons, page.get_by_role("link", name=people.MANAGE)]
    )
    assert accept == reject == manage


def test_global_privacy_control_is_a_refusal(open_page: OpenPage) -> None:
    page = open_page(headers={"Sec-GPC": "1"})
    page.add_init_script(GPC)
    page.goto(people.FILM)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(people.bar(page)).to_be_hidden()
    assert page.context.cookies() == []
    assert page.request.get("/embed/youtube/aqz-KE-bpKQ/").status == 403


def test_each_purpose_is_chosen_for_itself(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name=people.MANAGE).click()
    media = page.get_by_role("switch", name="Allow Media")
    expect(media).not_to_be_checked()
    media.check()
    people.press(page, "Save my choice")
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    expect(media).to_be_checked()
    chosen = grants(page).split("-")
    assert "me1" in chosen
    assert [grant for grant in chosen if grant.endswith("1")] == ["me1"]


def test_yes_is_taken_back_as_easily(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    people.press(page, people.ACCEPT)
    expect(people.bar(page)).to_be_hidden()
    page.get_by_role("contentinfo").get_by_role("link", name="Cookie settings").click()
    people.press(page, "Reject all")
    expect(page.get_by_role("switch", name="Allow Media")).not_to_be_checked()
    assert "1" not in grants(page)


def test_receipt_shows_what_was_decided(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/privacy-choices/")
    people.press(page, "Reject all")
    page.get_by_role("link", name="See your receipt").click()
    expect(page.get_by_role("heading", name="Your receipt")).to_be_visible()
    expect(page.get_by_text("Refused").first).to_be_visible()


def test_video_waits_for_a_yes(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(people.FILM, wait_until="networkidle")
    assert page.locator("iframe").count() == 0
    assert watch.hosts == {urlsplit(page.url).netloc}
    expect(page.get_by_role("link", name="Watch it on YouTube")).to_be_visible()


def test_video_plays_in_a_frame_of_ours_after_a_yes(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(people.FILM)
    with page.expect_event("request", lambda request: "youtube" in urlsplit(request.url).netloc):
        allow_video(page)
    expect(page.locator("iframe")).to_have_attribute("src", "/embed/youtube/aqz-KE-bpKQ/")
    expect(page.locator("iframe")).to_be_focused()
    foreign = [request for request in watch.requests if urlsplit(request.url).netloc != urlsplit(page.url).netloc]
    assert {urlsplit(request.url).netloc for request in foreign} == {"www.youtube-nocookie.com"}
    parents = {urlsplit(request.frame.parent_frame.url).path for request in foreign if request.frame.parent_frame}
    assert parents == {"/embed/youtube/aqz-KE-bpKQ/"}
    assert grants(page).split("-").count("me1") == 1


def test_video_asked_for_elsewhere_still_waits_for_a_press(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    people.press(page, people.ACCEPT)
    expect(people.bar(page)).to_be_hidden()
    watch = Watch(page)
    page.goto(people.FILM, wait_until="networkidle")
    assert watch.hosts == {urlsplit(page.url).netloc}
    page.get_by_role("button", name="Play").click()
    expect(page.locator("iframe")).to_have_attribute("src", "/embed/youtube/aqz-KE-bpKQ/")


def test_video_stays_a_card_when_the_yes_was_not_saved(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.FILM)
    page.route(CHOICE, lambda route: route.abort())
    allow_video(page)
    expect(page.locator(".embed").get_by_role("alert")).to_contain_text("could not be saved")
    assert page.locator("iframe").count() == 0


@pytest.mark.parametrize("is_answered", [False, True], ids=["open bar", "answered bar"])
def test_bar_moves_nothing(open_page: OpenPage, is_answered: bool) -> None:
    page = open_page()
    page.add_init_script(SHIFTS)
    page.goto(people.POST)
    if is_answered:
        people.press(page, people.REJECT)
        expect(people.bar(page)).to_be_hidden()
    page.goto(people.POST, wait_until="networkidle")
    assert page.evaluate("window.shifted") < 0.01
