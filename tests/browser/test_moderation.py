"""A moderator at work: by keyboard alone, without JavaScript, beside a colleague, on every size of screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import people
from tests.browser.conftest import OpenPage
from tests.browser.server import PASSWORD, ROOT, Server
from tests.browser.test_accessibility import OPTIONS, SCHEMES

WIDTHS = (360, 768, 1280)
# What a visitor may have left: three tidy comments would prove little.
MADE = """
from django.contrib.auth.models import Group, User
from blog.models import BlockRule, BlogPage, ReaderComment
user, _ = User.objects.get_or_create(username="moderator")
user.set_password({password!r})
user.save()
user.groups.set(Group.objects.filter(name="Comment moderators"))
ReaderComment.objects.filter(status="pending").delete()
ReaderComment.objects.filter(author_name__startswith="Reader").delete()
rule, _ = BlockRule.objects.get_or_create(kind="words", value="cheap pills")
for number in range({number}):
    ReaderComment.objects.create(
        post=BlogPage.objects.get(slug="glutes-and-running"), author_name=f"Reader {{number}}",
        body=f"Comment {{number}}.\\nSee https://pills.example/ and " + "W" * 500, status="pending",
        email="reader@visitor.example", network="e" * 32, signals=["quick", f"rule:{{rule.pk}}"],
    )
"""


@pytest.fixture(scope="module")
def clinic(server: Server, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A copy of the site, so that no other test misses what is decided here."""
    data = tmp_path_factory.mktemp("clinic") / "data"
    server.copy_data(data)
    clinic = Server(data, static_root)
    clinic.start()
    yield clinic
    assert clinic.stop() == 0


@pytest.fixture
def waiting(clinic: Server) -> Callable[[int], None]:
    """Lets so many comments wait, and no others."""

    def wait(number: int) -> None:
        code = MADE.format(number=number, password=PASSWORD)
        environment = os.environ | {"DATA_DIR": str(clinic.data_dir)}
        subprocess.run([sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=environment, check=True)

    return wait


@pytest.fixture
def sign_in(open_page: OpenPage, clinic: Server) -> Callable[..., Page]:
    def sign_in(*, java_script_enabled: bool = True, **options: object) -> Page:
        page = open_page(java_script_enabled=java_script_enabled, **options)
        page.goto(f"{clinic.url}/admin/login/?next=/admin/comments/")
        page.get_by_label("Username").fill("moderator")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Comments", exact=True)).to_be_visible()
        # The list of keys is shown as soon as they work.
        expect(page.get_by_text("Keys", exact=True)).to_be_visible(visible=java_script_enabled)
        return page

    return sign_in


def entry(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name, exact=True)


def test_thirty_comments_are_decided_by_keyboard_alone(
    waiting: Callable[[int], None], sign_in: Callable[..., Page], clinic: Server
) -> None:
    waiting(30)
    page = sign_in()
    page.keyboard.press("j")
    for number in range(30):
        expect(entry(page, f"Reader {number}")).to_be_focused()
        key, words = [("a", "approved"), ("r", "rejected"), ("s", "spam")][number % 3]
        page.keyboard.press(key)
        status = page.get_by_role("status").filter(has_text=f"The comment by Reader {number} is {words}.")
        expect(status).to_be_visible()
    expect(page.get_by_text("No comment waits.")).to_be_focused()
    expect(page.locator("#wagtail-sidebar").get_by_role("link", name="Comments", exact=True)).to_be_visible()
    post = httpx.get(f"{clinic.url}/api/v1/pages/by-path/?path={people.POST}").json()
    shown = httpx.get(f"{clinic.url}/api/v1/posts/{post['id']}/comments/").text
    assert set(re.findall(r"Reader \d+", shown)) == {f"Reader {number}" for number in range(0, 30, 3)}


def test_keys_move_the_focus_and_leave_typing_alone(
    waiting: Callable[[int], None], sign_in: Callable[..., Page]
) -> None:
    waiting(3)
    page = sign_in()
    for key, name in (("j", "Reader 0"), ("j", "Reader 1"), ("k", "Reader 0"), ("k", "Reader 0")):
        page.keyboard.press(key)
        expect(entry(page, name)).to_be_focused()
        expect(entry(page, name)).to_be_in_viewport()
    for chord in ("Control+a", "Alt+r", "e"):
        page.keyboard.press(chord)
    words = page.get_by_label("Text or name")
    words.focus()
    page.keyboard.type("jars")
    expect(words).to_have_value("jars")
    entry(page, "Reader 1").get_by_text("Approve and reply").first.click()
    answer = entry(page, "Reader 1").get_by_label("Your answer")
    answer.fill("ars")
    expect(page.get_by_role("article")).to_have_count(3)
    entry(page, "Reader 0").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Approve the comment in focus")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.get_by_role("article")).to_have_count(3)


def test_an_answer_that_is_being_written_survives_a_decision(
    waiting: Callable[[int], None], sign_in: Callable[..., Page]
) -> None:
    waiting(3)
    page = sign_in()
    entry(page, "Reader 1").get_by_text("Approve and reply").first.click()
    entry(page, "Reader 1").get_by_label("Your answer").fill("Half a sentence")
    entry(page, "Reader 2").get_by_role("checkbox").check()
    entry(page, "Reader 0").get_by_role("button", name="Reject").click()
    expect(entry(page, "Reader 0")).to_have_count(0)
    expect(entry(page, "Reader 1").get_by_label("Your answer")).to_have_value("Half a sentence")
    expect(entry(page, "Reader 2").get_by_role("checkbox")).to_be_checked()


def test_a_colleague_was_quicker(waiting: Callable[[int], None], sign_in: Callable[..., Page]) -> None:
    waiting(2)
    page, colleague = sign_in(), sign_in()
    entry(colleague, "Reader 0").get_by_role("button", name="Reject").click()
    expect(entry(colleague, "Reader 0")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_text("This comment is rejected already.")).to_be_visible()
    expect(entry(page, "Reader 0")).to_be_focused()
    expect(entry(page, "Reader 0")).to_contain_text("Rejected")


def test_a_form_goes_the_plain_way_where_scripts_cannot_send_it(
    waiting: Callable[[int], None], sign_in: Callable[..., Page]
) -> None:
    waiting(2)
    page = sign_in()

    def refuse_scripts(route: Route) -> None:
        route.abort() if route.request.resource_type == "fetch" else route.continue_()

    page.route("**/approve/", refuse_scripts)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_text("The comment by Reader 0 is approved.")).to_be_visible()
    expect(entry(page, "Reader 1")).to_be_focused()


def test_everything_works_without_javascript(waiting: Callable[[int], None], sign_in: Callable[..., Page]) -> None:
    waiting(4)
    page = sign_in(java_script_enabled=False)
    entry(page, "Reader 0").get_by_role("button", name="Approve the comment").click()
    expect(page.get_by_text("The comment by Reader 0 is approved.")).to_be_visible()
    entry(page, "Reader 1").get_by_role("link", name="Erase").click()
    people.press(page, "Yes, erase it")
    expect(page.get_by_text("The comment is erased.")).to_be_visible()
    entry(page, "Reader 2").get_by_text("Approve and reply").first.click()
    entry(page, "Reader 2").get_by_label("Your answer").fill("Thank you.")
    entry(page, "Reader 2").get_by_role("button", name="Approve and reply").click()
    expect(page.get_by_text("The answer is shown under the comment.")).to_be_visible()
    entry(page, "Reader 3").get_by_role("checkbox").check()
    page.get_by_role("button", name="Put under spam the ticked comments").click()
    expect(page.get_by_text("1 put under spam.")).to_be_visible()
    expect(page.get_by_text("No comment waits.")).to_be_visible()


def queue(page: Page) -> None:
    for summary in page.locator(".queue summary").all():
        summary.click()


def report(page: Page) -> None:
    page.goto(page.url.replace("/comments/", "/reports/comment-signals/"))


def erasing(page: Page) -> None:
    page.get_by_role("link", name="Erase").first.click()
    expect(page.get_by_role("button", name="Yes, erase it")).to_be_visible()


@pytest.mark.parametrize("state", [queue, report, erasing], ids=lambda state: state.__name__)
def test_no_rule_of_accessibility_is_broken(
    state: Callable[[Page], None], waiting: Callable[[int], None], sign_in: Callable[..., Page]
) -> None:
    waiting(2)
    page = sign_in(bypass_csp=True, reduced_motion="reduce")
    state(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            # Wagtail's buttons fade from one colour to the other.
            page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
            results = Axe().run(page, options=OPTIONS)
            assert results.violations_count == 0, f"{width} px, {scheme}:\n{results.generate_report()}"
        main = page.locator("#main")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
