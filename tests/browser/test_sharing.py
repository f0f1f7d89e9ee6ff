from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch
from tests.browser.server import Server
from tests.browser.test_accessibility import OPTIONS, SCHEMES

TITLE = "What your glutes really do when you run"
MASTODON = f"{people.POST}share/mastodon/"
EXERCISES = "/blog/twenty-minute-strength/"
NEW_TAB = "(opens in a new tab)"
# What a browser has or has not; `said` is how its share sheet ends.
HAS_SHARE = """
  window.shared = [];
  navigator.canShare = (data) => Boolean(data?.url);
  navigator.share = async (data) => { window.shared.push(data); %(said)s };
"""
HAS_NO_SHARE = "delete Navigator.prototype.share; delete Navigator.prototype.canShare;"
CAN_NOT_SHARE_THIS = "navigator.canShare = () => false; navigator.share = async () => {};"
CLIPBOARD_REFUSES = 'navigator.clipboard.writeText = async () => { throw new DOMException("no", "NotAllowedError"); };'
NO_CLIPBOARD = 'Object.defineProperty(navigator, "clipboard", { value: undefined });'
COUNTS_PRINTING = "window.printed = 0; window.print = () => { window.printed += 1; };"


def open_post(open_page: OpenPage, *scripts: str) -> Page:
    """A post in a browser that these scripts describe."""
    page = open_page()
    for script in scripts:
        page.add_init_script(script)
    page.goto(people.POST, wait_until="networkidle")
    return page


def share(page: Page) -> Locator:
    return page.get_by_role("region", name="Share this post")


def native(page: Page) -> Locator:
    return share(page).get_by_role("button", name="Share…")


# --- Native share ----------------------------------------------------------------------------------------------------


def test_share_sheet_is_offered_first_where_there_is_one(open_page: OpenPage, server: Server) -> None:
    page = open_post(open_page, HAS_SHARE % {"said": ""})
    first = share(page).get_by_role("listitem").first
    expect(first).to_have_text("Share…")
    native(page).click()
    assert page.evaluate("window.shared") == [{"title": TITLE, "url": f"{server.url}{people.POST}"}]


@pytest.mark.parametrize("without", [HAS_NO_SHARE, CAN_NOT_SHARE_THIS], ids=["no sheet", "not for this"])
def test_share_sheet_is_not_offered_where_there_is_none(open_page: OpenPage, without: str) -> None:
    page = open_post(open_page, without)
    expect(share(page).get_by_role("button", name="Copy link")).to_be_visible()
    expect(native(page)).to_have_count(0)


def test_closing_the_share_sheet_is_no_failure(open_page: OpenPage) -> None:
    page = open_post(open_page, HAS_SHARE % {"said": 'throw new DOMException("closed", "AbortError");'})
    watch = Watch(page)
    native(page).click()
    page.wait_for_function("window.shared.length === 1")
    expect(share(page).get_by_role("status")).to_be_empty()
    assert watch.problems == []


@pytest.mark.parametrize("error", ['new DOMException("no", "NotAllowedError")', 'new TypeError("no")', "undefined"])
def test_share_sheet_that_fails_is_told(open_page: OpenPage, error: str) -> None:
    page = open_post(open_page, HAS_SHARE % {"said": f"throw {error};"})
    watch = Watch(page)
    native(page).click()
    expect(share(page).get_by_role("status")).to_have_text("It could not be shared.")
    assert watch.problems == []


# --- Copy ------------------------------------------------------------------------------------------------------------


def test_copying_is_announced(open_page: OpenPage, server: Server) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{people.POST}?utm_source=mail#comments")
    people.press(page, "Copy link")
    expect(share(page).get_by_role("status")).to_have_text("The link is copied.")
    expect(page.get_by_label("Address of this post")).to_be_hidden()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}{people.POST}"


@pytest.mark.parametrize("clipboard", [CLIPBOARD_REFUSES, NO_CLIPBOARD], ids=["refused", "none"])
def test_address_is_selected_where_it_can_not_be_copied(open_page: OpenPage, server: Server, clipboard: str) -> None:
    page = open_post(open_page, clipboard)
    watch = Watch(page)
    people.press(page, "Copy link")
    expect(share(page).get_by_role("status")).to_contain_text("The link could not be copied.")
    field = page.get_by_label("Address of this post")
    expect(field).to_be_focused()
    expect(field).not_to_be_editable()
    assert page.evaluate("getSelection().toString()") == f"{server.url}{people.POST}"
    assert watch.problems == []


# --- Print -----------------------------------------------------------------------------------------------------------


def test_print_button_prints(open_page: OpenPage) -> None:
    page = open_post(open_page, COUNTS_PRINTING)
    share(page).get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == 1


def test_without_javascript_there_is_no_button_that_does_nothing(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(people.POST)
    expect(share(page).get_by_role("link").first).to_be_visible()
    expect(share(page).get_by_role("button")).to_have_count(0)


def test_post_prints_as_a_handout(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    page.goto(people.POST)
    page.emulate_media(media="print")
    for name in ("Share this post", "Leave a comment", "Read next"):
        expect(page.get_by_role("heading", name=name, include_hidden=True)).to_be_hidden()
    expect(people.bar(page)).to_be_hidden()
    for role in ("navigation", "contentinfo", "button", "textbox"):
        expect(page.get_by_role(role)).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("A handout from")).to_contain_text(people.POST)
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_printed_links_say_where_they_lead(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST)
    page.emulate_media(media="print")
    link = page.locator(".article-body .rich-text a").first
    written = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert str(link.get_attribute("href")) in written


def test_exercise_is_printed_on_one_page(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(EXERCISES)
    page.emulate_media(media="print")
    for part in (".exercise", ".exercise-steps li"):
        breaks = page.locator(part).evaluate_all("parts => parts.map((part) => getComputedStyle(part).breakInside)")
        assert set(breaks) == {"avoid"}, part


# --- Mastodon --------------------------------------------------------------------------------------------------------


def ask(page: Page, server_name: str) -> None:
    page.get_by_label("Your Mastodon server").fill(server_name)
    people.press(page, "Make the link")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_post_goes_to_the_readers_own_server(open_page: OpenPage, server: Server, scripts: bool) -> None:
    page = open_page(java_script_enabled=scripts)
    watch = Watch(page)
    page.goto(people.POST)
    share(page).get_by_role("link", name="Mastodon").click()
    assert urlsplit(page.url).path == MASTODON
    ask(page, "https://Mastodon.Social/@ada")
    expect(page.get_by_role("heading", level=1)).to_have_text("Share on mastodon.social")
    assert watch.hosts == {f"127.0.0.1:{server.port}"}
    with page.context.expect_event("request", lambda request: "mastodon" in urlsplit(request.url).netloc) as sent:
        page.get_by_role("link", name=f"Open mastodon.social {NEW_TAB}").click()
    asked = urlsplit(sent.value.url)
    assert (asked.scheme, asked.netloc, asked.path) == ("https", "mastodon.social", "/share")
    assert parse_qs(asked.query) == {"text": [f"{TITLE} {server.url}{people.POST}"]}
    assert "referer" not in sent.value.all_headers()


def test_asking_for_a_server_leaves_nothing_in_the_browser(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(MASTODON)
    ask(page, "mastodon.social")
    expect(page.get_by_role("link", name="Open mastodon.social")).to_be_visible()
    assert page.context.cookies() == []
    assert set(people.stores(page).values()) == {0}
    assert watch.problems == []
    page.get_by_role("link", name="Use another server").click()
    expect(page.get_by_label("Your Mastodon server")).to_have_value("")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_mistake_is_named_and_kept(open_page: OpenPage, scripts: bool) -> None:
    page = open_page(java_script_enabled=scripts)
    page.goto(MASTODON)
    ask(page, "mastodon.social:8443")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile(r"^Error: "))
    field = page.get_by_label("Your Mastodon server")
    expect(field).to_have_value("mastodon.social:8443")
    summary.get_by_role("link").click()
    expect(field).to_be_focused()


def test_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(people.POST, wait_until="networkidle")
    share(page).get_by_role("button", name="Copy link").focus()
    reached = []
    while reached[-1:] != ["Print"]:
        page.keyboard.press("Tab")
        reached.append(people.element_with_focus(page)["text"].replace(NEW_TAB, "").strip())
    assert reached == ["E-mail", "WhatsApp", "Facebook", "LinkedIn", "Bluesky", "Mastodon", "X", "Print"]
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{MASTODON}")
    page.get_by_label("Your Mastodon server").focus()
    page.keyboard.type("mastodon.social")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Open mastodon.social")
    page.get_by_role("main").get_by_role("link", name=TITLE).focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"


# --- What it looks like ----------------------------------------------------------------------------------------------


def refused_copy(page: Page) -> None:
    page.add_init_script(CLIPBOARD_REFUSES)
    page.add_init_script(HAS_SHARE % {"said": ""})
    page.goto(people.POST)
    people.press(page, "Copy link")
    expect(page.get_by_label("Address of this post")).to_be_visible()


def asked(page: Page) -> None:
    page.goto(MASTODON)


def mistaken(page: Page) -> None:
    page.goto(MASTODON)
    ask(page, "mastodon.social:8443")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def answered(page: Page) -> None:
    page.goto(MASTODON)
    ask(page, f"{'long-' * 10}name.example")
    expect(page.get_by_role("link", name=re.compile("^Open long-"))).to_be_visible()


@pytest.mark.parametrize("reach", [refused_copy, asked, mistaken, answered])
def test_every_state_is_accessible_and_fits_a_small_screen(open_page: OpenPage, reach: Callable[[Page], None]) -> None:
    page = open_page(bypass_csp=True, reduced_motion="reduce", viewport={"width": 360, "height": 780})
    reach(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, options=OPTIONS)
        assert results.violations_count == 0, f"{scheme}:\n{results.generate_report()}"
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
