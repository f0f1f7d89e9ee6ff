"""The register of cookies, the visitor's choice, and the receipt that proves it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from cookie_consent.models import Cookie, CookieGroup
from django.db import connection
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from consent.models import Receipt, Revision, StorageItem, Wording
from tests import factories
from tests.choosing import (
    BAR_PATH,
    CHOICE_PATH,
    RECEIPT_PATH,
    REGISTER_PATH,
    SETTINGS_PATH,
    choice_of,
    choose,
    declare,
    payload,
    purposes,
    register,
    with_cookie,
)
from tests.conftest import Visitor

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FORGED_SIGNATURE = "A" * 16

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def add_item(committed: Any) -> Callable[[str], None]:
    """An editor declares a cookie under a purpose that had none."""

    def add(purpose: str) -> None:
        with committed():
            declare(purpose)

    return add


# --- The register ----------------------------------------------------------------------------------------------------


def test_register_names_its_revision_and_the_hash_of_what_it_says() -> None:
    shown = register()
    document = {"wording": shown["wording"], "purposes": shown["purposes"]}
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert shown["hash"] == f"sha256:{hashlib.sha256(canonical).hexdigest()}"
    assert shown["revision"] == Revision.objects.latest().number


def test_register_is_the_same_for_everyone(visitor: Visitor) -> None:
    before = visitor.get(REGISTER_PATH)
    choose(visitor, "media")
    after = visitor.get(REGISTER_PATH, headers={"Sec-GPC": "1"})
    assert (before.content, before.headers) == (after.content, after.headers)
    assert before["Cache-Tag"] == "consent"
    assert before["Cache-Control"].startswith("public")


def test_purpose_that_stores_and_loads_nothing_is_no_question(add_item: Any) -> None:
    assert purposes(register()) == ["necessary", "media"]
    add_item("analytics")
    assert purposes(register()) == ["necessary", "analytics", "media"]


def test_register_names_every_provider_with_its_hosts() -> None:
    media = register()["purposes"][1]
    hosts = {service["key"]: service["hosts"] for service in media["services"]}
    assert hosts == {
        "openstreetmap": {"frame-src": ["https://www.openstreetmap.org"]},
        "vimeo": {"frame-src": ["https://player.vimeo.com"]},
        "youtube": {"frame-src": ["https://www.youtube-nocookie.com"]},
    }
    assert {item["service"] for item in media["items"]} <= {"", *hosts}


def test_words_of_the_banner_are_as_agreed() -> None:
    wording = register()["wording"]
    assert f"{wording['text']} {wording['policy_label']}" == (
        "Our site uses cookies. For more information, see our cookie policy"
    )
    assert (wording["accept"], wording["reject"]) == ("Accept cookies and close", "Reject cookies")
    assert wording["manage"] == "Manage settings"


# --- Revisions -------------------------------------------------------------------------------------------------------


def test_new_site_starts_with_one_revision() -> None:
    assert Revision.objects.count() == 1


def test_change_of_the_register_makes_one_new_revision(django_capture_on_commit_callbacks: Any) -> None:
    before = register()
    with django_capture_on_commit_callbacks(execute=True):
        for group in CookieGroup.objects.all():
            group.description = f"{group.description} Really."
            group.save()
    after = register()
    assert after["revision"] == before["revision"] + 1
    assert after["hash"] != before["hash"]


def test_new_words_make_a_new_revision(django_capture_on_commit_callbacks: Any) -> None:
    before = register()
    with django_capture_on_commit_callbacks(execute=True):
        Wording.for_site(factories.make_site().get_site()).save()
    assert register() == before
    with django_capture_on_commit_callbacks(execute=True):
        wording = Wording.objects.get()
        wording.text = "We use cookies. Read about it in our"
        wording.save()
    assert register()["wording"]["text"] == "We use cookies. Read about it in our"
    assert register()["revision"] > before["revision"]


def test_saving_without_a_change_makes_no_revision(django_capture_on_commit_callbacks: Any) -> None:
    before = register()
    with django_capture_on_commit_callbacks(execute=True):
        for row in [*CookieGroup.objects.all(), *Cookie.objects.all(), *StorageItem.objects.all()]:
            row.save()
    assert register() == before


def test_deleting_a_declared_cookie_makes_a_new_revision(django_capture_on_commit_callbacks: Any) -> None:
    before = register()
    with django_capture_on_commit_callbacks(execute=True):
        Cookie.objects.get(name="YSC").delete()
    after = register()
    assert after["revision"] == before["revision"] + 1
    assert "YSC" in json.dumps(before)
    assert "YSC" not in json.dumps(after)


def test_revision_that_somebody_agreed_to_cannot_be_deleted(visitor: Visitor) -> None:
    choose(visitor)
    with pytest.raises(ProtectedError):
        Revision.objects.all().delete()


# --- Choosing --------------------------------------------------------------------------------------------------------


def test_before_a_choice_everything_optional_is_off(visitor: Visitor) -> None:
    response = visitor.get(CHOICE_PATH)
    assert response.json() == {
        "decided": None,
        "expires": None,
        "revision": register()["revision"],
        "stale": False,
        "gpc": False,
        "choices": {"media": False},
        "receipt": None,
    }
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("granted", [("media",), ()], ids=["yes", "no"])
def test_choice_is_answered_and_kept(granted: tuple[str, ...], visitor: Visitor) -> None:
    answer = choose(visitor, *granted).json()
    assert answer["choices"] == {"media": bool(granted)}
    assert datetime.fromisoformat(answer["decided"]) == NOON
    assert datetime.fromisoformat(answer["expires"]) == NOON + timedelta(days=182)
    assert answer["receipt"] == {"id": Receipt.objects.get().pk, "revision_hash": register()["hash"]}
    assert choice_of(visitor) == answer


@pytest.mark.parametrize("granted", [("media",), ()], ids=["yes", "no"])
def test_choice_is_one_cookie_that_our_scripts_can_read(granted: tuple[str, ...], visitor: Visitor) -> None:
    cookies = choose(visitor, *granted).cookies
    assert list(cookies) == ["consent"]
    cookie = cookies["consent"]
    assert cookie["max-age"] in {182 * 86_400, 182 * 86_400 - 1}
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert not cookie["httponly"]
    assert not cookie["secure"]
    assert re.fullmatch(r"[\w.-]+", cookie.value)


def test_over_https_the_cookie_is_bound_to_this_host(visitor: Visitor, settings: Any) -> None:
    settings.HTTPS = True
    cookies = choose(visitor, "media").cookies
    assert list(cookies) == ["__Host-consent"]
    cookie = cookies["__Host-consent"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert choice_of(visitor)["choices"] == {"media": True}


def test_over_https_a_cookie_without_the_prefix_is_no_choice(visitor: Visitor, settings: Any) -> None:
    choose(visitor, "media")
    settings.HTTPS = True
    assert choice_of(visitor)["decided"] is None


def test_reading_a_choice_does_not_extend_it(visitor: Visitor) -> None:
    choose(visitor, "media")
    assert not visitor.get(CHOICE_PATH).cookies
    assert not visitor.get("/").cookies


def test_choice_holds_for_182_days(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        choose(visitor, "media")
        visitor.cookies["consent"]["max-age"] = ""
        clock.shift(timedelta(days=182, seconds=-1))
        assert choice_of(visitor)["choices"] == {"media": True}
        clock.shift(timedelta(seconds=1))
        assert choice_of(visitor)["decided"] is None
        assert choice_of(visitor)["choices"] == {"media": False}


def test_withdrawing_switches_everything_off_with_a_receipt(visitor: Visitor) -> None:
    granted = choose(visitor, "media").json()
    withdrawn = visitor.send("DELETE", CHOICE_PATH, b"").json()
    assert withdrawn["choices"] == {"media": False}
    assert withdrawn["receipt"]["id"] != granted["receipt"]["id"]
    assert choice_of(visitor) == withdrawn
    assert Receipt.objects.count() == 2


def test_choice_survives_a_change_of_the_secret_key(visitor: Visitor, settings: Any) -> None:
    chosen = choose(visitor, "media").json()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert choice_of(visitor) == chosen


def test_choice_under_a_secret_key_that_was_given_up_is_none(visitor: Visitor, settings: Any) -> None:
    choose(visitor, "media")
    settings.SECRET_KEY = "another key"
    assert choice_of(visitor)["decided"] is None


FORGERIES = {
    "granted": lambda value: value.replace("me0", "me1"),
    "revision": lambda value: value.replace("1.", "1.9", 1),
    "signature": lambda value: value.rsplit(".", 1)[0] + "." + FORGED_SIGNATURE,
    "signature not ASCII": lambda value: value.rsplit(".", 1)[0] + "." + "é" * 16,
    "digits not ASCII": lambda value: value.replace("1.", "١.", 1),
    "nothing": lambda value: "",
    "cut": lambda value: value[:-1],
    "long": lambda value: value * 100,
    "words": lambda value: "accepted",
    "quoted": lambda value: f'"{value}\\012"',
    "control characters": lambda value: f"{value}\x00",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_cookie_that_we_did_not_write_is_no_choice(forge: Callable[[str], str], visitor: Visitor) -> None:
    forger = with_cookie(forge(choose(visitor).cookies["consent"].value))
    response = forger.get(CHOICE_PATH)
    assert response.json()["decided"] is None
    assert response.json()["choices"] == {"media": False}
    assert forger.get("/").status_code == 200


# --- Refusals --------------------------------------------------------------------------------------------------------


def assert_refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not response.cookies
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    "choices",
    [
        pytest.param({"media": True, "telepathy": True}, id="unknown"),
        pytest.param({"media": True, "necessary": False}, id="required"),
        pytest.param({"media": True, "analytics": True}, id="without content"),
        pytest.param({}, id="missing"),
        pytest.param({"media": None}, id="null"),
        pytest.param({"media": "perhaps"}, id="word"),
        pytest.param({"media": [True]}, id="list"),
        pytest.param(["media"], id="no object"),
    ],
)
def test_choice_must_decide_about_exactly_the_optional_purposes(choices: Any, visitor: Visitor) -> None:
    response = visitor.send("PUT", CHOICE_PATH, payload(choices=choices))
    assert_refused(response, 400, "invalid")
    assert list(response.json()["errors"]) == ["choices"]


@pytest.mark.parametrize("fields", [{"revision": "x"}, {"revision": 0}, {"surface": "roof"}, {"extra": 1}], ids=str)
def test_field_that_makes_no_sense_is_named(fields: dict[str, Any], visitor: Visitor) -> None:
    response = visitor.send("PUT", CHOICE_PATH, payload(**fields))
    assert_refused(response, 400, "invalid")
    assert list(response.json()["errors"]) == list(fields)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_sites_cannot_choose(method: str) -> None:
    visitor = Visitor(HTTP_SEC_FETCH_SITE="cross-site")
    assert_refused(visitor.send(method, CHOICE_PATH, payload("media")), 403, "cross_site")


def test_yes_to_words_that_have_changed_is_a_conflict(visitor: Visitor, add_item: Any) -> None:
    old = payload("media")
    add_item("analytics")
    old["choices"]["analytics"] = False
    assert_refused(visitor.send("PUT", CHOICE_PATH, old), 409, "stale_wording")


def test_no_to_words_that_have_changed_is_taken(visitor: Visitor, add_item: Any) -> None:
    old = payload()
    add_item("analytics")
    old["choices"]["analytics"] = False
    response = visitor.send("PUT", CHOICE_PATH, old)
    assert response.status_code == 200
    assert response.json()["revision"] == register()["revision"]


def test_choice_under_older_words_is_stale_and_grants_nothing_new(visitor: Visitor, add_item: Any) -> None:
    chosen = choose(visitor, "media").json()
    add_item("analytics")
    now = choice_of(visitor)
    assert now["stale"] is True
    assert now["choices"] == {"analytics": False, "media": True}
    assert now["receipt"] == chosen["receipt"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""])
def test_choice_is_json(content_type: str, visitor: Visitor) -> None:
    response = visitor.generic("PUT", CHOICE_PATH, json.dumps(payload("media")), content_type=content_type)
    assert_refused(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_choice_is_put_or_deleted(method: str, visitor: Visitor) -> None:
    assert_refused(visitor.send(method, CHOICE_PATH, payload("media")), 405, "method_not_allowed")


def test_choosing_over_and_over_is_refused_for_a_while(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False):
        body = payload("media")
        answers = [visitor.send("PUT", CHOICE_PATH, body) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1]["Retry-After"] == "3600"
    assert not answers[-1].cookies
    assert Receipt.objects.count() == 30


# --- The receipt -----------------------------------------------------------------------------------------------------


def test_receipt_shows_what_was_chosen_and_what_was_shown(visitor: Visitor) -> None:
    chosen = choose(visitor, "media", surface="bar").json()
    shown = register()
    response = Visitor().get(f"/api/v1/consent/receipts/{chosen['receipt']['id']}/")
    assert response.json() == {
        "id": chosen["receipt"]["id"],
        "decided_at": chosen["decided"],
        "action": "accept_all",
        "choices": {"media": True},
        "surface": "bar",
        "gpc": False,
        "revision": shown["revision"],
        "revision_hash": shown["hash"],
        "record": Receipt.objects.get().record,
        "digest": Receipt.objects.get().digest,
        "document": {"wording": shown["wording"], "purposes": shown["purposes"]},
    }
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_receipt_still_shows_what_was_shown_then(visitor: Visitor, add_item: Any) -> None:
    receipt_path = f"/api/v1/consent/receipts/{choose(visitor).json()['receipt']['id']}/"
    before = visitor.get(receipt_path).json()
    add_item("analytics")
    assert visitor.get(receipt_path).json() == before


@pytest.mark.parametrize("granted", [(), ("analytics",), ("analytics", "media")], ids=["no", "some", "all"])
def test_receipt_says_how_the_choice_was_made(granted: tuple[str, ...], visitor: Visitor, add_item: Any) -> None:
    add_item("analytics")
    choose(visitor, *granted)
    assert Receipt.objects.get().action == ["reject_all", "custom", "accept_all"][len(granted)]


@pytest.mark.parametrize("receipt_id", ["A" * 22, "A" * 21, "A" * 23, "é" * 22, "..", "%00" * 22])
def test_unknown_receipt_is_not_found(receipt_id: str, visitor: Visitor) -> None:
    choose(visitor)
    response = visitor.get(f"/api/v1/consent/receipts/{receipt_id}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_receipt_has_no_column_for_a_person() -> None:
    columns = {field.name for field in Receipt._meta.get_fields()}
    assert columns == {"id", "decided_at", "revision", "action", "choices", "surface", "gpc", "record", "digest"}


def test_no_table_keeps_who_chose(visitor: Visitor) -> None:
    person = {"REMOTE_ADDR": "198.51.100.77", "HTTP_USER_AGENT": "Very Own Browser", "HTTP_REFERER": "/blog/secret/"}
    assert choose(Visitor(**person), "media").status_code == 200
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows = str(cursor.fetchall())
            assert not [trace for trace in person.values() if trace in rows], table


# --- Global Privacy Control ------------------------------------------------------------------------------------------


def test_global_privacy_control_is_reported_and_grants_nothing() -> None:
    visitor = Visitor(HTTP_SEC_GPC="1")
    before = choice_of(visitor)
    assert (before["gpc"], before["decided"], before["choices"]) == (True, None, {"media": False})
    choose(visitor)
    assert Receipt.objects.get().gpc is True


def test_yes_given_in_spite_of_the_signal_is_kept() -> None:
    visitor = Visitor(HTTP_SEC_GPC="1")
    choose(visitor, "media")
    assert choice_of(visitor)["choices"] == {"media": True}


# --- The package's filters -------------------------------------------------------------------------------------------


def probe(request: HttpRequest) -> HttpResponse:
    """The smallest page that uses django-cookie-consent as its documentation says."""
    template = engines["django"].from_string(
        "{% load cookie_consent_tags %}"
        '{{ request|cookie_group_accepted:"media" }} {{ request|cookie_group_declined:"media" }}'
    )
    return HttpResponse(template.render({"request": request}))


urlpatterns = [path("probe/", probe)]


def seen_by_the_package(visitor: Visitor, settings: Any) -> str:
    settings.ROOT_URLCONF = __name__
    return str(visitor.get("/probe/").content.decode())


@pytest.mark.parametrize(
    ("granted", "seen"), [(("media",), "True False"), ((), "False True")], ids=["accepted", "declined"]
)
def test_package_sees_our_choice(granted: tuple[str, ...], seen: str, visitor: Visitor, settings: Any) -> None:
    choose(visitor, *granted)
    assert seen_by_the_package(visitor, settings) == seen


def test_package_sees_no_choice_before_there_is_one(visitor: Visitor, settings: Any) -> None:
    assert seen_by_the_package(visitor, settings) == "False False"


def test_package_does_not_see_its_own_cookie_which_anybody_can_write(visitor: Visitor, settings: Any) -> None:
    visitor.cookies["cookie_consent"] = "media=9999"
    assert seen_by_the_package(visitor, settings) == "False False"


def test_package_sees_our_no_over_its_own_yes(visitor: Visitor, settings: Any) -> None:
    choose(visitor)
    visitor.cookies["cookie_consent"] = "media=9999"
    assert seen_by_the_package(visitor, settings) == "False True"


# --- The settings page, without JavaScript ---------------------------------------------------------------------------


def submit(visitor: Visitor, **fields: str) -> Any:
    form = {"revision": str(register()["revision"])} | fields
    return visitor.post(SETTINGS_PATH, urlencode(form), "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("fields", "choices"),
    [
        pytest.param({"action": "accept"}, {"analytics": True, "media": True}, id="accept"),
        pytest.param({"action": "reject"}, {"analytics": False, "media": False}, id="reject"),
        pytest.param({"action": "save"}, {"analytics": False, "media": False}, id="save none"),
        pytest.param({"action": "save", "purpose_media": "1"}, {"analytics": False, "media": True}, id="save one"),
        pytest.param({"action": "allow", "purpose": "media"}, {"analytics": False, "media": True}, id="allow one"),
    ],
)
def test_each_button_does_what_it_says(
    fields: dict[str, str], choices: dict[str, bool], visitor: Visitor, add_item: Any
) -> None:
    add_item("analytics")
    response = submit(visitor, **fields)
    assert (response.status_code, response["Location"]) == (303, "/privacy-choices/?saved=1")
    assert response["Cache-Control"] == "private, no-store"
    assert choice_of(visitor)["choices"] == choices


def test_form_sets_the_same_cookie_as_the_api(visitor: Visitor) -> None:
    by_form, by_api = submit(visitor, action="accept").cookies["consent"], choose(visitor).cookies["consent"]
    for attribute in ("path", "samesite", "secure", "httponly", "domain"):
        assert by_form[attribute] == by_api[attribute]
    assert abs(int(by_form["max-age"]) - int(by_api["max-age"])) <= 1


def test_allowing_one_purpose_keeps_the_others(visitor: Visitor, add_item: Any) -> None:
    add_item("analytics")
    choose(visitor, "analytics")
    submit(visitor, action="allow", purpose="media")
    assert choice_of(visitor)["choices"] == {"analytics": True, "media": True}


@pytest.mark.parametrize(
    ("fields", "surface"),
    [
        pytest.param({"action": "accept"}, "settings", id="settings page"),
        pytest.param({"action": "accept", "next": "/"}, "bar", id="banner"),
        pytest.param({"action": "allow", "purpose": "media", "next": "/"}, "card", id="card"),
    ],
)
def test_receipt_says_where_it_was_chosen(fields: dict[str, str], surface: str, visitor: Visitor) -> None:
    submit(visitor, **fields)
    assert Receipt.objects.get().surface == surface


@pytest.mark.parametrize("fields", [{}, {"action": ""}, {"action": "destroy"}], ids=["none", "empty", "unknown"])
def test_form_without_a_button_of_ours_chooses_nothing(fields: dict[str, str], visitor: Visitor) -> None:
    response = submit(visitor, **fields)
    assert response.status_code == 400
    assert "Please choose one of the buttons." in response.content.decode()
    assert not Receipt.objects.exists()


def test_form_with_old_words_comes_back_with_the_new_ones(visitor: Visitor, add_item: Any) -> None:
    old = str(register()["revision"])
    add_item("analytics")
    response = submit(visitor, action="accept", revision=old)
    assert response.status_code == 409
    assert f'name="revision" value="{register()["revision"]}"' in response.content.decode()
    assert not Receipt.objects.exists()


def test_form_of_another_site_is_refused() -> None:
    response = submit(Visitor(HTTP_SEC_FETCH_SITE="cross-site"), action="accept")
    assert response.status_code == 403
    assert not response.cookies
    assert not Receipt.objects.exists()


def test_after_choosing_the_visitor_is_back_where_they_were(visitor: Visitor) -> None:
    assert submit(visitor, action="reject", next="/blog/?page=2")["Location"] == "/blog/?page=2"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        "evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(target: str, visitor: Visitor) -> None:
    response = submit(visitor, action="reject", next=target)
    assert (response.status_code, response["Location"]) == (303, "/privacy-choices/?saved=1")


def test_settings_page_shows_the_choice(visitor: Visitor) -> None:
    assert "You have not chosen yet" in visitor.get(SETTINGS_PATH).content.decode()
    choose(visitor, "media")
    response = visitor.get(SETTINGS_PATH)
    assert re.search(r'name="purpose_media"[^>]* checked', response.content.decode())
    assert response["Cache-Control"] == "private, no-store"


# --- The banner without JavaScript -----------------------------------------------------------------------------------


def test_banner_stands_until_there_is_a_choice(visitor: Visitor) -> None:
    response = visitor.get(BAR_PATH)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("granted", [("media",), ()], ids=["yes", "no"])
def test_banner_is_hidden_after_a_yes_and_after_a_no(granted: tuple[str, ...], visitor: Visitor) -> None:
    choose(visitor, *granted)
    assert visitor.get(BAR_PATH).content == b".pc-bar{display:none}\n"


def test_banner_does_not_ask_who_said_no_by_signal() -> None:
    assert Visitor(HTTP_SEC_GPC="1").get(BAR_PATH).content == b".pc-bar{display:none}\n"


def test_banner_does_not_believe_a_forged_cookie() -> None:
    assert with_cookie(f"1.1.1.me1.{'A' * 22}.{FORGED_SIGNATURE}").get(BAR_PATH).content == b""


# --- The receipt's page ----------------------------------------------------------------------------------------------


def test_receipt_page_shows_the_visitors_own_receipt(visitor: Visitor) -> None:
    chosen = choose(visitor, "media").json()
    response = visitor.get(RECEIPT_PATH)
    page = response.content.decode()
    assert chosen["receipt"]["id"] in page
    assert chosen["receipt"]["revision_hash"] in page
    assert response["Cache-Control"] == "private, no-store"


def test_without_a_choice_there_is_no_receipt_page(visitor: Visitor) -> None:
    assert visitor.get(RECEIPT_PATH).status_code == 404
