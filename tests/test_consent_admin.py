"""The register in the admin: worded by editors, filled from the catalogue, and never by somebody who may not."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from cookie_consent.models import Cookie
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from consent.models import Purpose, Receipt, Service
from consent.services import switch_on
from tests.choosing import ONCE_PATH, YOUTUBE, choose, declare, purposes, register, since
from tests.conftest import Visitor

REPORT_PATH = "/admin/reports/cookie-choices/"

pytestmark = pytest.mark.usefixtures("site")


def staff(*permissions: str, **fields: Any) -> Visitor:
    """Somebody who may open the admin and do this there."""
    user = get_user_model().objects.create_user("staff", **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=("access_admin", *permissions)))
    visitor = Visitor()
    visitor.force_login(user)
    return visitor


@pytest.fixture
def editor() -> Visitor:
    return staff(is_superuser=True)


def address(model: type[Any], view: str, *args: Any) -> str:
    return reverse(f"wagtailsnippets_consent_{model._meta.model_name}:{view}", args=args)


def media() -> Purpose:
    return Purpose.objects.get(group__varname="media")


def edit_media(editor: Visitor, committed: Any, **fields: Any) -> Any:
    form = {"name": "Media", "description": media().group.description, "basis": "consent", "refused_by_gpc": "on"}
    with committed():
        return editor.post(address(Purpose, "edit", media().pk), form | fields)


def page(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


# --- Purposes --------------------------------------------------------------------------------------------------------


def test_lists_name_every_purpose_and_service(editor: Visitor) -> None:
    listed = page(editor.get(address(Purpose, "list")))
    assert [
        name for name in ("Necessary", "Preferences", "Analytics", "Media", "Marketing") if name not in listed
    ] == []
    listed = page(editor.get(address(Service, "list")))
    assert [name for name in ("YouTube", "Vimeo", "OpenStreetMap") if name not in listed] == []
    assert "Google Analytics" not in listed


def test_correcting_the_words_asks_nobody_again(editor: Visitor, committed: Any) -> None:
    before = since()
    response = edit_media(editor, committed, name="Films and maps", description="Shows films.")
    assert (response.status_code, response["Location"]) == (302, address(Purpose, "list"))
    shown = register()["purposes"][-1]
    assert (shown["name"], shown["description"], shown["edition"]) == ("Films and maps", "Shows films.", 0)
    assert since() == before
    assert register()["revision"] == 2


def test_words_that_mean_something_else_ask_again(editor: Visitor, committed: Any) -> None:
    edit_media(editor, committed, description="Shows films and adverts.", asks_again="on")
    assert register()["purposes"][-1]["edition"] == 1
    assert since() == {"necessary": 1, "media": 2}
    edit_media(editor, committed, description="Shows films and adverts.")
    assert register()["revision"] == 2


@pytest.mark.parametrize("fields", [{"name": ""}, {"description": ""}, {"basis": "whim"}, {"name": "x" * 101}], ids=str)
def test_purpose_that_makes_no_sense_is_not_saved(fields: dict[str, str], editor: Visitor, committed: Any) -> None:
    before = register()
    assert edit_media(editor, committed, **fields).status_code == 200
    assert register() == before


def test_form_says_how_many_a_change_asks_again(editor: Visitor) -> None:
    path = address(Purpose, "edit", media().pk)
    assert "Nobody has allowed this purpose yet" in page(editor.get(path))
    for granted in (["media"], ["media"], []):
        choose(Visitor(), *granted)
    shown = page(editor.get(path))
    assert "About 2 visitors allowed this purpose and will be asked again" in shown
    assert "This changes what visitors agree to" in shown


def test_choice_that_ran_out_or_was_for_once_asks_nobody_again(editor: Visitor) -> None:
    with time_machine.travel("2026-01-01 12:00Z", tick=False):
        choose(Visitor(), "media")
    with time_machine.travel("2026-11-24 12:00Z", tick=False):
        Visitor().send("POST", ONCE_PATH, {"embed_url": YOUTUBE, "revision": 1})
        choose(Visitor())
        assert "Nobody has allowed this purpose yet" in page(editor.get(address(Purpose, "edit", media().pk)))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_purposes_are_neither_made_nor_deleted(method: str, editor: Visitor) -> None:
    before = list(Purpose.objects.values())
    for path in (address(Purpose, "add"), address(Purpose, "delete", media().pk)):
        assert editor.generic(method, path).status_code in {302, 403, 404}
    assert list(Purpose.objects.values()) == before
    assert address(Purpose, "add") not in page(editor.get(address(Purpose, "list")))


# --- Services --------------------------------------------------------------------------------------------------------


def test_service_is_switched_on_in_the_admin(editor: Visitor, committed: Any) -> None:
    path = address(Service, "add")
    offered = set(re.findall(r'<option value="(\w+)"', page(editor.get(path))))
    assert offered == {"googlemaps", "matomo", "plausible", "googleanalytics"}
    with committed():
        response = editor.post(path, {"key": "googlemaps", "account": ""})
    assert (response.status_code, response["Location"]) == (302, address(Service, "list"))
    (item,) = [item for item in register()["purposes"][-1]["items"] if item["service"] == "googlemaps"]
    assert item["name"] == "NID"
    assert since()["media"] == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "matomo", "account": "javascript:alert(1)"},
        {"key": "googleanalytics", "account": ""},
        {"key": "googlemaps", "account": "x"},
        {"key": "youtube", "account": ""},
        {"key": "facebook", "account": ""},
        {"key": "", "account": ""},
    ],
    ids=lambda fields: fields["key"],
)
def test_service_that_makes_no_sense_is_refused_in_words(
    fields: dict[str, str], editor: Visitor, committed: Any
) -> None:
    before, services = register(), list(Service.objects.values())
    with committed():
        assert "error-message" in page(editor.post(address(Service, "add"), fields))
    assert (register(), list(Service.objects.values())) == (before, services)


def test_account_is_changed_and_the_service_is_not(editor: Visitor, committed: Any) -> None:
    with committed():
        service = switch_on(Service(key="plausible", account="clinic.example"))
    with committed():
        editor.post(address(Service, "edit", service.pk), {"key": "matomo", "account": "other.example"})
    service.refresh_from_db()
    assert (service.key, service.account) == ("plausible", "other.example")


def test_switching_off_takes_out_everything_it_stored(editor: Visitor, committed: Any) -> None:
    service = Service.objects.get(key="vimeo")
    path = address(Service, "delete", service.pk)
    page(editor.get(path))
    with committed():
        assert editor.post(path).status_code == 302
    assert not Service.objects.filter(key="vimeo").exists()
    assert not Cookie.objects.filter(name__in=["vuid", "__cf_bm"]).exists()
    assert "vimeo" not in str(register())
    assert Visitor().get("/embed/vimeo/76979871/").status_code == 404


def test_switching_everything_off_leaves_nothing_to_ask(editor: Visitor, committed: Any) -> None:
    for service in Service.objects.all():
        with committed():
            editor.post(address(Service, "delete", service.pk))
    assert purposes(register()) == ["necessary"]


# --- The report ------------------------------------------------------------------------------------------------------


def test_report_without_a_choice(editor: Visitor) -> None:
    shown = page(editor.get(REPORT_PATH))
    assert "Nobody has chosen yet." in shown
    assert "Nothing was." in shown
    assert "<svg viewBox" not in shown


def test_report_counts_and_shows_no_person(editor: Visitor, committed: Any) -> None:
    with committed():
        declare("analytics")
    person = {"REMOTE_ADDR": "198.51.100.77", "HTTP_USER_AGENT": "Very Own Browser"}
    for granted in (["media"], ["media", "analytics"], []):
        choose(Visitor(**person), *granted)
    Visitor(**person).send("POST", ONCE_PATH, {"embed_url": YOUTUBE, "revision": 2})
    shown = page(editor.get(REPORT_PATH))
    assert '<th scope="row">Media</th><td>2</td><td>3</td>' in shown
    assert '<th scope="row">Analytics</th><td>1</td><td>3</td>' in shown
    assert shown.count("<rect") == 12 * len(Receipt.Action)
    week = re.findall(r"<tr><th scope=\"row\">[^<]+</th>((?:<td>\d+</td>){5})</tr>", shown)
    assert len(week) == 12
    assert re.findall(r"\d+", week[-1]) == ["1", "1", "1", "0", "1"]
    traces = [*person.values(), *Receipt.objects.values_list("pk", flat=True)]
    assert not [trace for trace in traces if trace in shown]


# --- Who may ---------------------------------------------------------------------------------------------------------


def every_path() -> list[str]:
    service = Service.objects.get(key="vimeo")
    return [
        address(Purpose, "list"),
        address(Purpose, "edit", media().pk),
        address(Service, "list"),
        address(Service, "add"),
        address(Service, "edit", service.pk),
        address(Service, "delete", service.pk),
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_may_only_open_the_admin_sees_and_changes_nothing(method: str) -> None:
    somebody, before = staff(), register()
    for path in every_path():
        response = somebody.generic(method, path)
        assert (response.status_code, response["Location"]) == (302, "/admin/"), path
    assert register() == before
    assert Service.objects.count() == 3


def test_strangers_are_asked_to_sign_in(visitor: Visitor) -> None:
    for path in [*every_path(), REPORT_PATH]:
        response = visitor.get(path)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/admin/login/"), path


def test_who_may_word_purposes_may_do_that_alone(committed: Any) -> None:
    somebody = staff("change_purpose")
    assert edit_media(somebody, committed, name="Films").status_code == 302
    assert register()["purposes"][-1]["name"] == "Films"
    assert somebody.get(address(Service, "add"))["Location"] == "/admin/"
    assert somebody.get(address(Purpose, "add")).status_code in {302, 403, 404}
