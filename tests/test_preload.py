"""What a browser is told ahead of a page, and how long it may keep the files that a page is made of."""

from __future__ import annotations

import re
from contextlib import closing
from html.parser import HTMLParser
from typing import Any

import pytest

from tests import factories
from tests.conftest import Visitor

YEAR = 365 * 24 * 60 * 60
PAGES = ["/", "/blog/", "/blog/rich/", "/blog/rich/comment/", "/book/", "/search/", "/no/such/page/"]
PERSONAL = ["/privacy-choices/", "/privacy-choices/receipt/", "/comments/confirm/?token=x"]
TEXT = (".css", ".js", ".svg")

pytestmark = pytest.mark.usefixtures("rich_post")


@pytest.fixture
def rich_post(site: Any) -> None:
    factories.make_rich_post(slug="rich")


class Head(HTMLParser):
    """What the head of a page makes a browser with JavaScript fetch: address and kind, in the order of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[tuple[str, str]] = []
        self.is_unscripted = False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "noscript":
            self.is_unscripted = True
        elif not self.is_unscripted and (kind := _kind(tag, found)):
            self.fetched.append((found.get("src") or found["href"], kind))

    def handle_endtag(self, tag: str) -> None:
        if tag == "noscript":
            self.is_unscripted = False


def _kind(tag: str, attributes: dict[str, str]) -> str | None:
    if tag == "script" and "src" in attributes:
        return "module" if attributes.get("type") == "module" else "script"
    kinds = {"stylesheet": "style", "preload": attributes.get("as")}
    return kinds.get(attributes.get("rel", "")) if tag == "link" else None


def announced(header: str) -> list[tuple[str, str]]:
    """The same of a `Link` header."""
    links = [re.fullmatch(r"<([^>]+)>; rel=(\w+)(?:; as=(\w+))?(.*)", link) for link in header.split(", ")]
    return [(link[1], link[3] if link[2] == "preload" else "module") for link in links if link]


# --- Preload ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_header_names_what_the_head_of_the_page_fetches(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    fetched = Head(response.text).fetched
    assert {kind for _, kind in fetched} == {"font", "module", "script", "style"}
    assert announced(response["Link"]) == fetched


def test_header_follows_what_a_page_has(visitor: Visitor) -> None:
    assert "/site/css/booking." in visitor.get("/book/")["Link"]
    assert "/site/js/comments." in visitor.get("/blog/rich/")["Link"]
    assert not re.search(r"/site/(js/comments|css/booking)\.", visitor.get("/")["Link"])


def test_stylesheet_of_the_clinics_own_colours_is_announced(visitor: Visitor) -> None:
    factories.make_settings(accent_light="#5B2A86", accent_dark="#D3B4F0")
    assert re.search(r"</theme\.css\?v=\w+>; rel=preload; as=style", visitor.get("/")["Link"])


def test_font_is_announced_as_it_is_fetched(visitor: Visitor) -> None:
    """A font is fetched without credentials: announced otherwise it would be fetched twice."""
    assert re.search(r"\.woff2>; rel=preload; as=font; type=\"font/woff2\"; crossorigin,", visitor.get("/")["Link"])


def test_stylesheet_that_depends_on_the_visitor_is_not_announced(visitor: Visitor) -> None:
    response = visitor.get("/")
    assert "bar.css" in response.text
    assert "bar.css" not in response["Link"]


def test_page_of_one_visitor_is_announced_like_any_other(visitor: Visitor) -> None:
    response = visitor.get("/privacy-choices/")
    assert announced(response["Link"]) == Head(response.text).fetched


# --- Pages that may be next ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_public_page_says_which_pages_may_be_fetched_ahead(visitor: Visitor, path: str) -> None:
    assert visitor.get(path)["Speculation-Rules"] == '"/speculation-rules.json"'


@pytest.mark.parametrize("path", PERSONAL)
def test_page_of_one_visitor_lets_nothing_be_fetched_ahead(visitor: Visitor, path: str) -> None:
    assert "Speculation-Rules" not in visitor.get(path)


# --- Files that may be kept ------------------------------------------------------------------------------------------


def files_of(html: str) -> set[str]:
    """Every address of a file of ours, in attributes and in lists of sizes."""
    return set(re.findall(r"(?:https?://[\w.:]+)?(/(?:static|media/images)/[^\s\"',]+)", html))


def read(visitor: Visitor, address: str, **headers: str) -> Any:
    """The headers of a file, and how much is sent."""
    with closing(visitor.get(address, **headers)) as response:
        assert response.status_code == 200, address
        return response.headers, len(b"".join(response))


def lasts(headers: Any) -> bool:
    """Whether a browser may keep it for a year without ever asking again."""
    said = set(headers["Cache-Control"].split(", "))
    age = max(int(part.removeprefix("max-age=")) for part in said if part.startswith("max-age="))
    return {"public", "immutable"} <= said and age >= YEAR


@pytest.mark.parametrize("path", ["/", "/blog/", "/blog/rich/", "/book/"])
def test_every_file_of_a_page_may_be_kept_for_a_year(visitor: Visitor, path: str) -> None:
    found = files_of(visitor.get(path).text)
    assert len(found) >= 5
    assert [address for address in found if not lasts(read(visitor, address)[0])] == []


def test_what_a_stylesheet_names_may_be_kept_for_a_year(visitor: Visitor) -> None:
    (stylesheet,) = re.findall(r"<([^>]+)>; rel=preload; as=style", visitor.get("/")["Link"])
    with closing(visitor.get(stylesheet)) as response:
        named = re.findall(r"url\(\"?\.\./([^\")]+)", b"".join(response).decode())
    assert named
    folder = stylesheet.rpartition("/css/")[0]
    assert [name for name in named if not lasts(read(visitor, f"{folder}/{name}")[0])] == []


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_every_text_file_of_a_page_is_sent_compressed(visitor: Visitor, encoding: str) -> None:
    found = {address for path in PAGES for address in files_of(visitor.get(path).text) if address.endswith(TEXT)}
    assert len(found) >= 5
    for address in found:
        headers, size = read(visitor, address, HTTP_ACCEPT_ENCODING=encoding)
        assert headers["Vary"] == "Accept-Encoding", address
        assert headers["Content-Encoding"] == encoding, address
        assert size < read(visitor, address, HTTP_ACCEPT_ENCODING="identity")[1], address


def test_pictures_and_fonts_are_not_compressed_again(visitor: Visitor) -> None:
    found = {address for address in files_of(visitor.get("/blog/rich/").text) if not address.endswith(TEXT)}
    assert any(address.startswith("/media/") for address in found)
    for address in found:
        assert "Content-Encoding" not in read(visitor, address, HTTP_ACCEPT_ENCODING="br, gzip")[0], address
