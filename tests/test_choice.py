"""Who is asked again and who is not, what a choice opens, and that no choice is lost or passed on to somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from typing import Any

import pytest
import time_machine
from cookie_consent.models import CookieGroup
from django.core import signing

from consent.models import Purpose, Receipt, Service
from consent.services import switch_off, switch_on
from tests import factories
from tests.choosing import (
    BAR_PATH,
    CHOICE_PATH,
    MAP,
    ONCE_PATH,
    SETTINGS_PATH,
    VIMEO,
    YOUTUBE,
    choice_of,
    choose,
    declare,
    payload,
    policy_of,
    register,
    with_cookie,
)
from tests.conftest import IN_THREADS, Visitor, in_threads

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ASKS, SILENT = b"", b".pc-bar{display:none}\n"
VISIT = "/embed/plausible/visit/?path=/blog/"

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def counting(committed: Any) -> None:
    """The clinic counts visits too: media is not the only thing to decide about."""
    with committed():
        switch_on(Service(key="plausible", account="clinic.example"))


@pytest.fixture
def media_changes(committed: Any) -> Callable[[], None]:
    """Media means something else from now on."""

    def change() -> None:
        with committed():
            switch_on(Service(key="googlemaps"))

    return change


def status(visitor: Visitor, path: str) -> int:
    return int(visitor.get(path).status_code)


# --- Asking again ----------------------------------------------------------------------------------------------------


def test_who_granted_what_has_changed_is_asked_again(visitor: Visitor, media_changes: Any) -> None:
    chosen = choose(visitor, "media").json()
    assert status(visitor, YOUTUBE) == 200
    media_changes()
    assert choice_of(visitor) == chosen | {"stale": True, "choices": {"media": False}}
    assert status(visitor, YOUTUBE) == 403
    assert visitor.get(BAR_PATH).content == ASKS


def test_who_grants_again_has_it_back(visitor: Visitor, media_changes: Any) -> None:
    choose(visitor, "media")
    media_changes()
    answer = choose(visitor, "media").json()
    assert (answer["stale"], answer["choices"]) == (False, {"media": True})
    assert status(visitor, YOUTUBE) == 200
    assert visitor.get(BAR_PATH).content == SILENT


def test_who_granted_something_else_is_not_asked(counting: None, visitor: Visitor, media_changes: Any) -> None:
    choose(visitor, "analytics")
    media_changes()
    now = choice_of(visitor)
    assert (now["stale"], now["choices"]) == (False, {"analytics": True, "media": False})
    assert status(visitor, VISIT) == 200
    assert visitor.get(BAR_PATH).content == SILENT


def test_who_granted_everything_keeps_what_has_not_changed(
    counting: None, visitor: Visitor, media_changes: Any
) -> None:
    choose(visitor, "analytics", "media")
    media_changes()
    now = choice_of(visitor)
    assert (now["stale"], now["choices"]) == (True, {"analytics": True, "media": False})


def edition(purpose: str) -> None:
    row = Purpose.objects.get(group__varname=purpose)
    row.material_change += 1
    row.save()


CHANGES: dict[str, Callable[[], Any]] = {
    "what there was": lambda: edition("media"),
    "a new purpose": lambda: declare("marketing"),
    "less than there was": lambda: switch_off(Service.objects.get(key="vimeo")),
    "nothing any more": lambda: CookieGroup.objects.get(varname="media").delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_refused_is_never_asked_again(change: Callable[[], Any], visitor: Visitor, committed: Any) -> None:
    choose(visitor)
    with committed():
        change()
    now = choice_of(visitor)
    assert (now["stale"], any(now["choices"].values())) == (False, False)
    assert visitor.get(BAR_PATH).content == SILENT


def test_who_withdrew_is_not_asked_again(visitor: Visitor, media_changes: Any) -> None:
    choose(visitor, "media")
    visitor.send("DELETE", CHOICE_PATH, b"")
    media_changes()
    assert choice_of(visitor)["stale"] is False
    assert visitor.get(BAR_PATH).content == SILENT


def test_new_purpose_is_put_to_who_granted_something(visitor: Visitor, committed: Any) -> None:
    choose(visitor, "media")
    with committed():
        declare("marketing")
    now = choice_of(visitor)
    assert (now["stale"], now["choices"]) == (True, {"media": True, "marketing": False})
    assert status(visitor, YOUTUBE) == 200
    assert visitor.get(BAR_PATH).content == ASKS


def test_purpose_that_is_gone_asks_nobody(counting: None, visitor: Visitor, committed: Any) -> None:
    choose(visitor, "analytics", "media")
    with committed():
        switch_off(Service.objects.get(key="plausible"))
    now = choice_of(visitor)
    assert (now["stale"], now["choices"]) == (False, {"media": True})
    with committed():
        switch_on(Service(key="plausible", account="clinic.example"))
    now = choice_of(visitor)
    assert (now["stale"], now["choices"]) == (True, {"analytics": False, "media": True})


def test_corrected_spelling_asks_nobody(visitor: Visitor, committed: Any) -> None:
    choose(visitor, "media")
    with committed():
        group = CookieGroup.objects.get(varname="media")
        group.description = "Shows films and maps of other providers inside our pages."
        group.save()
    assert register()["revision"] == 2
    now = choice_of(visitor)
    assert (now["stale"], now["choices"], now["revision"]) == (False, {"media": True}, 1)
    assert status(visitor, YOUTUBE) == 200


@pytest.mark.parametrize("revision", [1, 3, 2_147_483_647])
@pytest.mark.parametrize("granted", [("media",), ("analytics",), ("analytics", "media")], ids="+".join)
def test_yes_to_other_words_than_todays_is_no_yes(
    revision: int, granted: tuple[str, ...], counting: None, visitor: Visitor
) -> None:
    response = choose(visitor, *granted, revision=revision)
    assert (response.status_code, response.json()["code"]) == (409, "stale_wording")
    assert not response.cookies
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("revision", [1, 3])
def test_no_is_a_no_under_any_words(revision: int, counting: None, visitor: Visitor) -> None:
    response = choose(visitor, revision=revision)
    assert response.status_code == 200
    assert Receipt.objects.get().revision_id == 2


def test_signal_hides_the_banner_until_there_is_a_yes_to_ask_about(media_changes: Any) -> None:
    visitor = Visitor(HTTP_SEC_GPC="1")
    assert visitor.get(BAR_PATH).content == SILENT
    choose(visitor, "media")
    assert visitor.get(BAR_PATH).content == SILENT
    media_changes()
    assert visitor.get(BAR_PATH).content == ASKS


# --- The cookie ------------------------------------------------------------------------------------------------------


def test_cookie_cut_anywhere_is_no_choice(visitor: Visitor) -> None:
    value = choose(visitor, "media").cookies["consent"].value
    for end in range(len(value)):
        assert choice_of(with_cookie(value[:end]))["decided"] is None, end


def test_cookie_edited_anywhere_is_no_choice(visitor: Visitor) -> None:
    value = choose(visitor, "media").cookies["consent"].value
    for place, letter in enumerate(value):
        edited = value[:place] + ("0" if letter != "0" else "1") + value[place + 1 :]
        assert choice_of(with_cookie(edited))["decided"] is None, place


def test_cookie_kept_by_hand_opens_nothing_after_182_days(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        keeper = with_cookie(choose(visitor, "media").cookies["consent"].value)
        clock.shift(timedelta(days=182, seconds=-1))
        assert status(keeper, YOUTUBE) == 200
        clock.shift(timedelta(seconds=1))
        assert status(keeper, YOUTUBE) == 403
        assert choice_of(keeper)["decided"] is None
        assert keeper.get(BAR_PATH).content == ASKS


def test_new_secret_key_asks_nobody_and_is_used_from_then_on(visitor: Visitor, settings: Any) -> None:
    choose(visitor, "media")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert status(visitor, YOUTUBE) == 200
    somebody = Visitor()
    choose(somebody, "media")
    settings.SECRET_KEY_FALLBACKS = []
    assert status(somebody, YOUTUBE) == 200
    assert status(visitor, YOUTUBE) == 403


def save_and_look(place: int, body: dict[str, Any]) -> tuple[int, dict[str, bool], str, bool]:
    """One visitor of their own network: saves, and sees whether the choice is there afterwards."""
    visitor = Visitor(REMOTE_ADDR=f"198.51.{place}.1")
    response = visitor.send("PUT", CHOICE_PATH, body)
    return (
        response.status_code,
        body["choices"],
        response.json()["receipt"]["id"],
        choice_of(visitor) == response.json(),
    )


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
def test_of_fifty_choices_at_once_none_is_lost() -> None:
    (bodies,) = in_threads([lambda: [payload("media"), payload()]])
    saved = in_threads(
        [partial(save_and_look, place, body) for place, body in zip(range(50), cycle(bodies), strict=False)]
    )
    (kept,) = in_threads([lambda: dict(Receipt.objects.values_list("pk", "choices"))])
    assert [status for status, *_ in saved] == [200] * 50
    assert {receipt: choices for _, choices, receipt, _ in saved} == kept
    assert len(kept) == 50
    assert all(is_there for *_, is_there in saved)


# --- Two visitors ----------------------------------------------------------------------------------------------------


def test_two_visitors_take_turns_and_neither_gets_what_is_the_others() -> None:
    film = {"url": factories.VIDEO, "title": "A film", "caption": "", "poster": None}
    factories.make_post(slug="film", body=[("video", film)])
    willing, unwilling = Visitor(), Visitor()
    choose(willing, "media")
    choose(unwilling)
    pages: dict[str, set[Any]] = {}
    for path in ["/", "/blog/film/", "/search/", "/blog/", "/api/v1/consent/"] * 10:
        for visitor, expected in ((willing, 200), (unwilling, 403)):
            response = visitor.get(path)
            headers = frozenset(item for item in response.headers.items() if item[0] != "Date")
            pages.setdefault(path, set()).add((response.status_code, response.content, headers))
            frame = visitor.get(YOUTUBE)
            assert frame.status_code == expected
            assert (b"youtube-nocookie.com" in frame.content) is (expected == 200)
            assert frame["Cache-Control"] == "private, no-store"
    assert [path for path, seen in pages.items() if len(seen) != 1] == []


# --- Once ------------------------------------------------------------------------------------------------------------


def ask_once(visitor: Visitor, path: str = YOUTUBE, **fields: Any) -> Any:
    return visitor.send("POST", ONCE_PATH, {"embed_url": path, "revision": register()["revision"]} | fields)


@pytest.mark.parametrize("path", [YOUTUBE, VIMEO, MAP])
def test_frame_allowed_once_opens_and_leaves_nothing_behind(path: str, visitor: Visitor) -> None:
    before = choice_of(visitor)
    response = ask_once(visitor, path)
    opened = visitor.get(response.json()["embed_url"])
    assert (response.status_code, opened.status_code) == (200, 200)
    assert response["Cache-Control"] == opened["Cache-Control"] == "private, no-store"
    assert not visitor.cookies
    assert choice_of(visitor) == before
    assert status(visitor, path) == 403


def test_frame_allowed_once_is_on_record(visitor: Visitor) -> None:
    ask_once(Visitor(HTTP_SEC_GPC="1"))
    receipt = Receipt.objects.get()
    assert (receipt.action, receipt.choices, receipt.surface) == ("once", {"media": True}, "card")
    assert (receipt.gpc, receipt.revision_id) == (True, 1)


def test_once_opens_that_frame_only(visitor: Visitor) -> None:
    token = ask_once(visitor).json()["embed_url"].partition("?")[2]
    for path in (VIMEO, MAP, "/embed/youtube/BBBBBBBBBBB/"):
        assert status(visitor, f"{path}?{token}") == 403
    assert status(visitor, f"{YOUTUBE}?{token}") == 200


def test_once_lasts_five_minutes(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        path = ask_once(visitor).json()["embed_url"]
        clock.shift(timedelta(seconds=299))
        assert status(visitor, path) == 200
        clock.shift(timedelta(seconds=2))
        assert status(visitor, path) == 403


def test_once_leaves_a_refusal_as_it_is(visitor: Visitor) -> None:
    refused = choose(visitor).json()
    assert status(visitor, ask_once(visitor).json()["embed_url"]) == 200
    assert choice_of(visitor) == refused


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é", "\x00", "1" * 5000])
def test_once_cannot_be_made_up(token: str, visitor: Visitor) -> None:
    assert visitor.get(YOUTUBE, {"once": token}).status_code == 403


def test_once_is_signed_for_this_and_nothing_else(visitor: Visitor) -> None:
    assert visitor.get(YOUTUBE, {"once": signing.dumps(YOUTUBE)}).status_code == 403
    assert visitor.get(YOUTUBE, {"once": signing.dumps(YOUTUBE, key="x", salt="consent.once")}).status_code == 403


NOT_FOUND = [
    "/embed/googlemaps/51.50137,-0.14189/",
    "/embed/facebook/aqz-KE-bpKQ/",
    "/embed/plausible/visit/",
    "/embed/youtube/aqz-KE-bpK/",
    "/embed/youtube/%61qz-KE-bpKQ/",
    "/embed/youtube/visit/",
]


@pytest.mark.parametrize("path", NOT_FOUND)
def test_once_for_what_is_not_there_is_not_found(path: str, counting: None, visitor: Visitor) -> None:
    response = ask_once(visitor, path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert not Receipt.objects.exists()


INVALID: dict[str, dict[str, Any]] = {
    "other site": {"embed_url": "https://evil.example/embed/youtube/aqz-KE-bpKQ/"},
    "other host": {"embed_url": "//evil.example/embed/youtube/"},
    "other page": {"embed_url": "/admin/"},
    "query": {"embed_url": f"{YOUTUBE}?once=x"},
    "deeper": {"embed_url": "/embed/youtube/a/b/"},
    "list": {"embed_url": [YOUTUBE]},
    "null": {"embed_url": None},
    "revision": {"revision": 0},
    "word": {"revision": "x"},
    "purpose": {"purpose": "media"},
}


@pytest.mark.parametrize("fields", INVALID.values(), ids=INVALID)
def test_once_that_makes_no_sense_names_the_field(fields: dict[str, Any], visitor: Visitor) -> None:
    response = ask_once(visitor, **fields)
    assert (response.status_code, list(response.json()["errors"])) == (400, list(fields))
    assert not Receipt.objects.exists()


def test_once_under_other_words_is_a_conflict(visitor: Visitor, media_changes: Any) -> None:
    media_changes()
    response = ask_once(visitor, revision=1)
    assert (response.status_code, response.json()["code"]) == (409, "stale_wording")
    assert not Receipt.objects.exists()


def test_other_sites_cannot_allow_once() -> None:
    response = ask_once(Visitor(HTTP_SEC_FETCH_SITE="cross-site"))
    assert (response.status_code, response.json()["code"]) == (403, "cross_site")
    assert not Receipt.objects.exists()


def test_once_counts_as_a_choice_that_bots_may_not_repeat(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False):
        assert [ask_once(visitor).status_code for _ in range(31)] == [200] * 30 + [429]
    assert Receipt.objects.count() == 30


def test_once_without_javascript_leads_to_the_frame(visitor: Visitor) -> None:
    response = visitor.post(SETTINGS_PATH, {"action": "once", "revision": "1", "next": VIMEO})
    assert (response.status_code, response["Cache-Control"]) == (303, "private, no-store")
    assert response["Location"].startswith(f"{VIMEO}?once=")
    assert status(visitor, response["Location"]) == 200
    assert not visitor.cookies


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/admin/", ""])
def test_once_leads_nowhere_else(target: str, visitor: Visitor) -> None:
    response = visitor.post(SETTINGS_PATH, {"action": "once", "revision": "1", "next": target})
    assert (response.status_code, response["Location"]) == (303, SETTINGS_PATH)
    assert not Receipt.objects.exists()


# --- Counting visits -------------------------------------------------------------------------------------------------


def refuse(visitor: Visitor) -> None:
    choose(visitor)


def allow_media_only(visitor: Visitor) -> None:
    choose(visitor, "media")


def take_back(visitor: Visitor) -> None:
    choose(visitor, "analytics")
    visitor.send("DELETE", CHOICE_PATH, b"")


def forge(visitor: Visitor) -> None:
    choose(visitor)
    visitor.cookies["consent"] = visitor.cookies["consent"].value.replace("an0", "an1")


@pytest.mark.parametrize("before", [lambda visitor: None, refuse, allow_media_only, take_back, forge])
def test_visit_is_not_counted_without_a_yes_to_analytics(
    before: Callable[[Visitor], None], counting: None, visitor: Visitor
) -> None:
    before(visitor)
    response = visitor.get(VISIT)
    assert (response.status_code, response.content) == (403, b"")
    assert response["Cache-Control"] == "private, no-store"


def test_visit_is_not_counted_once_analytics_means_something_else(
    counting: None, visitor: Visitor, committed: Any
) -> None:
    choose(visitor, "analytics")
    with committed():
        edition("analytics")
    assert status(visitor, VISIT) == 403


def test_visit_is_counted_after_a_yes_and_told_the_path_alone(counting: None, visitor: Visitor, settings: Any) -> None:
    choose(visitor, "analytics")
    response = visitor.get(VISIT, HTTP_REFERER="http://127.0.0.1:8000/blog/?q=secret")
    page = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'data-[\w-]+="[^"]*"', page) == [
        'data-account="clinic.example"',
        f'data-url="{settings.SITE_URL}/blog/"',
    ]
    assert re.findall(r'src="/static/consent/visit/(\w+)\.[0-9a-f]+\.js"', page) == ["plausible"]
    assert "secret" not in page
    assert response["Referrer-Policy"] == "no-referrer"
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert not response.cookies


@pytest.mark.parametrize("path", ["/book/", "/book/received/", "/privacy-choices/", "/preview/", "/search/"])
def test_visit_is_never_counted_where_people_write_about_themselves(
    path: str, counting: None, visitor: Visitor
) -> None:
    choose(visitor, "analytics")
    assert status(visitor, f"/embed/plausible/visit/?path={path}") == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "blog/",
        "/blog",
        "//evil.example/",
        "https://evil.example/",
        "/blog/?q=a",
        "/blog/#a",
        "/../",
        "/a b/",
        "/blog/\n",
        "/\x00/",
        "/é/",
        '/"/',
    ],
)
def test_visit_of_what_is_no_page_is_not_found(path: str, counting: None, visitor: Visitor) -> None:
    choose(visitor, "analytics")
    assert visitor.get("/embed/plausible/visit/", {"path": path}).status_code == 404


@pytest.mark.parametrize("provider", ["youtube", "matomo", "googleanalytics", "facebook"])
def test_visit_is_counted_by_what_is_switched_on_alone(provider: str, counting: None, visitor: Visitor) -> None:
    choose(visitor, "analytics", "media")
    assert status(visitor, f"/embed/{provider}/visit/?path=/") == 404


@pytest.mark.parametrize(
    ("key", "account", "scripts", "reached"),
    [
        pytest.param("plausible", "clinic.example", ["https://plausible.io"], ["https://plausible.io"], id="plausible"),
        pytest.param("matomo", "https://m.example/x", ["https://m.example"], ["https://m.example"], id="matomo"),
        pytest.param(
            "googleanalytics",
            "G-ABC123DEF4",
            ["https://www.googletagmanager.com"],
            ["https://*.google-analytics.com", "https://*.analytics.google.com"],
            id="googleanalytics",
        ),
    ],
)
def test_visit_runs_without_an_origin_and_reaches_its_provider_alone(
    key: str, account: str, scripts: list[str], reached: list[str], visitor: Visitor, committed: Any, settings: Any
) -> None:
    with committed():
        switch_on(Service(key=key, account=account))
    choose(visitor, "analytics")
    response = visitor.get(f"/embed/{key}/visit/?path=/")
    assert response.status_code == 200
    assert policy_of(response) == {
        "default-src": ["'none'"],
        "script-src": [settings.SITE_URL, *scripts],
        "connect-src": reached,
        "img-src": reached,
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-scripts"],
    }
