"""What people do in a browser, at the pace of people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, Page

POST = "/blog/glutes-and-running/"
DISCUSSED = "/blog/kneecap-pain-on-stairs/"
FILM = "/blog/film-yourself-running/"
ACCEPT, REJECT, MANAGE = "Accept cookies and close", "Reject cookies", "Manage settings"
FORM_SECONDS = 3  # no form is taken from anybody faster than this
STORES = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def bar(page: Page) -> Locator:
    return page.locator(".pc-bar")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def stores(page: Page) -> dict[str, int]:
    """How much the browser keeps for the site, cookies aside."""
    found: dict[str, int] = page.evaluate(STORES)
    return found


def cookie_names(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def write_comment(page: Page, text: str, *, name: str = "Ada") -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your comment").fill(text)


def write_request(page: Page, *, name: str = "Ada Marsh") -> None:
    page.get_by_label("Running assessment", exact=True).check()
    page.get_by_label("First choice: day").fill(next_weekday().isoformat())
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill("ada@visitor.example")
    page.get_by_role("checkbox").check()


def ask_for_data(page: Page) -> None:
    page.get_by_label("A copy of everything").check()
    page.get_by_label("E-mail address").fill("ada@visitor.example")


def next_weekday() -> date:
    """A Tuesday, a week or two ahead."""
    ahead = date.today() + timedelta(days=8)
    return ahead + timedelta(days=(1 - ahead.weekday()) % 7)


def take_time(page: Page) -> None:
    page.wait_for_timeout(FORM_SECONDS * 1000 + 100)


def element_with_focus(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        "() => ({text: document.activeElement.innerText ?? '', id: document.activeElement.id})"
    )
    return found
