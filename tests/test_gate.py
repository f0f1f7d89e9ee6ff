"""The gate: a provider's player is released only against a recorded yes, and lets in that provider alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consent.models import Service
from tests.choosing import MAP, VIMEO, YOUTUBE, policy_of
from tests.conftest import Visitor

EVERY = pytest.mark.parametrize("path", [YOUTUBE, VIMEO, MAP], ids=["youtube", "vimeo", "map"])

pytestmark = pytest.mark.usefixtures("site")


def choose(visitor: Visitor, *, media: bool) -> None:
    register = visitor.get("/api/v1/consent/").json()
    body = {"revision": register["revision"], "choices": {"media": media}}
    assert visitor.send("PUT", "/api/v1/consent/choice/", body).status_code == 200


@pytest.fixture
def willing(visitor: Visitor) -> Visitor:
    """A visitor who said yes to media."""
    choose(visitor, media=True)
    return visitor


def assert_held(response: Any) -> None:
    """No player, no other host, and nothing that a browser would fetch from one."""
    page = response.content.decode()
    assert response.status_code == 403
    assert "<iframe" not in page
    assert "//" not in page
    assert re.findall(r'<a href="([^"]+)"', page) == ["/privacy-choices/"]
    assert policy_of(response)["frame-src"] == ["'self'"]


@EVERY
def test_nothing_is_loaded_before_a_choice(path: str, visitor: Visitor) -> None:
    assert_held(visitor.get(path))


@EVERY
def test_nothing_is_loaded_after_a_no(path: str, visitor: Visitor) -> None:
    choose(visitor, media=False)
    assert_held(visitor.get(path))


def test_nothing_is_loaded_after_a_yes_was_taken_back(willing: Visitor) -> None:
    willing.send("DELETE", "/api/v1/consent/choice/", b"")
    assert_held(willing.get(YOUTUBE))


def test_nothing_is_loaded_against_a_forged_yes(visitor: Visitor) -> None:
    choose(visitor, media=False)
    visitor.cookies["consent"] = visitor.cookies["consent"].value.replace("me0", "me1")
    assert_held(visitor.get(YOUTUBE))


def test_signal_against_tracking_is_no_yes() -> None:
    assert_held(Visitor(HTTP_SEC_GPC="1").get(YOUTUBE))


@pytest.mark.parametrize(
    ("path", "source", "host"),
    [
        pytest.param(
            YOUTUBE,
            "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
            "https://www.youtube-nocookie.com",
            id="youtube",
        ),
        pytest.param(VIMEO, "https://player.vimeo.com/video/76979871?dnt=1", "https://player.vimeo.com", id="vimeo"),
        pytest.param(
            MAP, "https://www.openstreetmap.org/export/embed.html?", "https://www.openstreetmap.org", id="map"
        ),
    ],
)
def test_after_a_yes_the_player_is_there_and_its_host_alone_is_let_in(
    path: str, source: str, host: str, willing: Visitor
) -> None:
    response = willing.get(path)
    assert response.status_code == 200
    assert f'<iframe class="player" src="{source}' in response.content.decode()
    assert policy_of(response)["frame-src"] == ["'self'", host]
    others = {name: sources for name, sources in policy_of(response).items() if name != "frame-src"}
    assert not [source for sources in others.values() for source in sources if "." in source]


@EVERY
@pytest.mark.parametrize("is_willing", [True, False], ids=["yes", "no"])
def test_frame_belongs_to_one_visitor(path: str, is_willing: bool, visitor: Visitor) -> None:
    choose(visitor, media=is_willing)
    response = visitor.get(path)
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies


def test_frame_holds_no_script_of_the_provider(willing: Visitor) -> None:
    page = willing.get(YOUTUBE).content.decode()
    assert "<script" not in page
    assert re.findall(r"https://[^/\"]+", page) == ["https://www.youtube-nocookie.com"]


UNKNOWN = [
    "/embed/facebook/aqz-KE-bpKQ/",
    "/embed/YOUTUBE/aqz-KE-bpKQ/",
    "/embed/youtube/aqz-KE-bpK/",
    "/embed/youtube/aqz-KE-bpKQQ/",
    "/embed/youtube/aqz-KE%22bpKQ/",
    "/embed/youtube/%3Cscript%3E123/",
    "/embed/youtube/aqz-KE-bpKQ%0A/",
    "/embed/youtube/%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9/",
    "/embed/youtube/%00%00%00%00%00%00%00%00%00%00%00/",
    "/embed/vimeo/abc/",
    "/embed/vimeo/1234567890123/",
    "/embed/vimeo/%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5/",
    "/embed/openstreetmap/51.5/",
    "/embed/openstreetmap/1e9,1e9/",
    "/embed/openstreetmap/NaN,NaN/",
    "/embed/openstreetmap/%D9%A5.%D9%A1,%D9%A5.%D9%A1/",
    f"/embed/vimeo/{'1' * 5000}/",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=[path[:50] for path in UNKNOWN])
def test_what_no_provider_has_is_not_found(path: str, willing: Visitor) -> None:
    assert willing.get(path).status_code == 404
    assert Visitor().get(path).status_code == 404


def test_provider_that_the_register_does_not_name_is_not_found(willing: Visitor) -> None:
    Service.objects.filter(key="vimeo").delete()
    assert willing.get(VIMEO).status_code == 404
    assert willing.get(YOUTUBE).status_code == 200
