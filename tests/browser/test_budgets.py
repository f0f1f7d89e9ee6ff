from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Request

from tests.browser import people
from tests.browser.conftest import OpenPage, Watch

KB = 1024
BUDGETS = {"script": 10 * KB, "stylesheet": 12 * KB, "document": 15 * KB, "font": 40 * KB}
POSTS = (people.POST, people.DISCUSSED, people.FILM)


def weights(requests: list[Request]) -> dict[str, int]:
    """What a first view costs on the wire with gzip, by kind; pictures are the reader's screen's business."""
    found = dict.fromkeys(BUDGETS, 0)
    for request in requests:
        if request.resource_type in found:
            found[request.resource_type] += _transferred(request.url)
    return found


def _transferred(url: str) -> int:
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.status_code == 200
        return sum(map(len, response.iter_raw()))


@pytest.mark.parametrize("path", POSTS)
def test_post_page_keeps_its_weight(open_page: OpenPage, capsys: pytest.CaptureFixture[str], path: str) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(path, wait_until="networkidle")
    measured = weights(watch.requests)
    with capsys.disabled():
        figures = ", ".join(f"{kind} {size / KB:.1f} of {BUDGETS[kind] // KB} KB" for kind, size in measured.items())
        print(f"\n{path}: {len(watch.requests)} requests; {figures}")
    assert all(0 < measured[kind] <= budget for kind, budget in BUDGETS.items()), measured
    assert len(watch.requests) <= 12


def test_what_a_writer_needs_stays_small(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    page.goto(people.DISCUSSED)
    with page.expect_request("**/proof.*.js"):
        page.get_by_label("Your name").focus()
    scripts = {request.url for request in watch.requests if re.search(r"/(comments|forms)\.\w+\.js$", request.url)}
    assert len(scripts) == 2
    assert sum(map(_transferred, scripts)) <= 6 * KB


def test_one_font_file_at_most(open_page: OpenPage) -> None:
    page = open_page()
    watch = Watch(page)
    for path in ("/", *POSTS, "/book/"):
        page.goto(path, wait_until="networkidle")
    fonts = {urlsplit(request.url).path for request in watch.requests if request.resource_type == "font"}
    assert len(fonts) == 1
