from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests import factories
from tests.browser import people
from tests.browser.conftest import OpenPage, Watch
from tests.browser.server import PASSWORD, Server, wait_until

SECONDS_TO_SEE = 1.0
MINUTE = 60_000  # milliseconds
_widths = itertools.count(1400)


@pytest.fixture
def admin(open_page: OpenPage, server: Server) -> Iterator[Page]:
    """The admin as its first user sees it; nothing in it may come from elsewhere."""
    page = open_page(viewport={"width": 1400, "height": 1000})
    watch = Watch(page)
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    people.press(page, "Sign in")
    expect(page.get_by_role("heading", name="Tern Street Clinic")).to_be_visible()
    yield page
    assert watch.hosts == {f"127.0.0.1:{server.port}"}
    assert not [problem for problem in watch.problems if "Content Security Policy" in problem]


def write_post(page: Page, server: Server, *, title: str, text: str) -> None:
    blog = httpx.get(f"{server.url}/api/v1/pages/by-path/?path=/blog/").json()
    page.goto(f"/admin/pages/{blog['id']}/add_subpage/")
    page.wait_for_url("**/add/blog/blogpage/**")
    page.get_by_role("textbox", name="Title*").fill(title)
    page.get_by_role("textbox", name="Standfirst*").fill(f"About {title}.")
    _upload_picture(page)
    page.get_by_role("textbox", name="Text alternative").fill(f"A picture of {title}")
    _choose_author(page, "Maren Holt")
    people.press(page, "Insert a block")
    page.get_by_role("option", name="Paragraph").click()
    page.locator("[contenteditable=true]").click()
    page.keyboard.type(text)
    # The editor hands its text to the form a moment after the last key.
    expect(page.locator("input[name='body-0-value']")).to_have_value(re.compile(re.escape(text)))


def _upload_picture(page: Page) -> None:
    # Another one each time: Wagtail asks twice before it takes the same picture again.
    picture = FilePayload(name="ankle.jpg", mimeType="image/jpeg", buffer=factories.jpeg((next(_widths), 900)))
    page.get_by_role("button", name="Choose an image").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Upload").click()
    dialog.get_by_label("File").set_input_files(picture)
    expect(dialog.get_by_role("textbox", name="Title")).to_have_value("ankle")
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog).to_be_hidden()


def _choose_author(page: Page, name: str) -> None:
    page.get_by_role("button", name="Choose author").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name=name).click()
    expect(dialog).to_be_hidden()


def publish(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    people.press(page, "Publish")
    page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))


def unpublish(page: Page, server: Server, path: str) -> None:
    post = httpx.get(f"{server.url}/api/v1/pages/by-path/?path={path}").json()
    page.goto(f"/admin/pages/{post['id']}/unpublish/")
    page.get_by_role("button", name="Yes, unpublish it").click()
    page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))


def places_that_show(server: Server, *, word: str, path: str) -> set[str]:
    """Every public place where the word stands, or the page at the path is answered."""
    lists = ["/", "/blog/", "/feed/", f"/search/?q={word}", "/api/v1/posts/", f"/api/v1/posts/?search={word}"]
    with httpx.Client(base_url=server.url) as client:
        found = {place for place in lists if f"{word} ankle" in client.get(place).text}
        found |= {place for place in ("/sitemap.xml", "/api/v1/pages/") if path in client.get(place).text}
        own = (path, f"/api/v1/pages/by-path/?path={path}")
        return found | {place for place in own if client.get(place).status_code == 200}


def test_draft_is_previewed_and_seen_by_nobody_else(admin: Page, server: Server) -> None:
    write_post(admin, server, title="Unfinished ankle", text="Not ready to be read.")
    people.press(admin, "Toggle preview")
    preview = admin.frame_locator("iframe#w-preview-iframe")
    expect(preview.get_by_role("heading", name="Unfinished ankle")).to_be_visible()
    expect(preview.get_by_text("Not ready to be read.")).to_be_visible()
    expect(preview.get_by_role("img", name="A picture of Unfinished ankle")).to_be_visible()
    assert places_that_show(server, word="Unfinished", path="/blog/unfinished-ankle/") == set()


def test_published_post_is_everywhere_and_unpublished_nowhere(admin: Page, server: Server) -> None:
    path = "/blog/stiff-ankle/"
    write_post(admin, server, title="Stiff ankle", text="Move it every day.")
    publish(admin)
    wait_until(
        lambda: len(places_that_show(server, word="Stiff", path=path)) == 10,
        seconds=SECONDS_TO_SEE,
        what="the post stands in all ten places",
    )
    html = httpx.get(server.url + path).text
    assert "Move it every day." in html
    assert 'alt="A picture of Stiff ankle"' in html
    assert 'type="image/jpeg"' in html
    unpublish(admin, server, path)
    wait_until(
        lambda: places_that_show(server, word="Stiff", path=path) == set(),
        seconds=SECONDS_TO_SEE,
        what="the post is gone everywhere",
    )
    assert httpx.get(server.url + path).status_code == 404


def test_pictures_of_a_published_post_are_prepared_while_the_editor_looks_on(admin: Page, server: Server) -> None:
    write_post(admin, server, title="Swollen ankle", text="Raise it.")
    publish(admin)
    assert 'type="image/jpeg"' in httpx.get(f"{server.url}/blog/swollen-ankle/").text
    admin.get_by_role("link", name="Swollen ankle").first.click()
    pictures = admin.locator("[data-pictures]")
    expect(pictures).to_have_text(re.compile(r"\d+ of \d+ sizes are ready"))
    expect(pictures).to_have_text(re.compile(r"\b(\d+) of \1 sizes are ready"), timeout=MINUTE)
    wait_until(
        lambda: 'type="image/avif"' in httpx.get(f"{server.url}/blog/swollen-ankle/").text,
        seconds=SECONDS_TO_SEE,
        what="the page offers the better formats",
    )


def test_comment_is_approved_from_the_first_page(admin: Page, server: Server) -> None:
    words, post = "Turns out that my “random” knee", f"{server.url}/blog/niggle-or-injury/"
    assert words not in httpx.get(post).text
    waiting = admin.get_by_role("listitem").filter(has_text=words)
    waiting.get_by_role("button", name="Approve").click()
    expect(admin.get_by_text("The comment by Callum is approved.")).to_be_visible()
    wait_until(lambda: words in httpx.get(post).text, seconds=SECONDS_TO_SEE, what="the comment is shown")
    expect(waiting).to_have_count(0)


def test_request_for_an_appointment_is_read(admin: Page, open_page: OpenPage) -> None:
    visitor = open_page()
    visitor.goto("/book/")
    people.write_request(visitor, name="Philippa Adeyemi")
    visitor.get_by_label("Anything else?").fill("The ramp, please.")
    people.take_time(visitor)
    people.press(visitor, "Ask for an appointment")
    expect(visitor.get_by_role("heading", name="Thank you, we have your request")).to_be_visible()
    admin.goto("/admin/reception/")
    row = admin.get_by_role("row").filter(has_text="Philippa Adeyemi")
    expect(row).to_contain_text("Running assessment")
    row.get_by_role("link").first.click()
    expect(admin.get_by_text("The ramp, please.")).to_be_visible()
