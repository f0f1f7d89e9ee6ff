"""The register: its revisions, what counts as a change of what somebody agreed to, and the services that fill it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cookie_consent.models import Cookie, CookieGroup
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from consent.catalogue import CATALOGUE, DAY
from consent.lifetimes import in_words
from consent.models import Purpose, Receipt, Revision, Service, StorageItem, Wording
from consent.services import switch_off, switch_on
from tests import factories
from tests.choosing import choose, declare, purposes, register, since
from tests.conftest import IN_THREADS, Visitor, in_threads

ACCOUNTS = {"matomo": "https://stats.clinic.example", "plausible": "clinic.example", "googleanalytics": "G-ABC123DEF4"}
BAD_ACCOUNTS = {
    "youtube": ["UC1234"],
    "vimeo": [" "],
    "openstreetmap": ["x"],
    "googlemaps": ["AIzaSy"],
    "matomo": [
        "",
        "http://stats.clinic.example",
        "stats.clinic.example",
        "//stats.clinic.example",
        "javascript:alert(1)",
        "https://",
        "https://*",
        "https://stats.clinic.example; script-src *",
        "https://stats.clinic.example https://evil.example",
        "https://user:word@stats.clinic.example",
        "https://stats.clinic.example\n",
        "https://stats.clinic.example/?a=b",
        "http://127.0.0.1",
    ],
    "plausible": ["", "clinic", "https://clinic.example", "clinic.example/x", "clinic.example;", "clinic.example\n"],
    "googleanalytics": ["", "UA-12345-1", "G-abc123", "G-ABC123DEF4 ", "G-ABC'", "GTM-ABC123"],
}

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def counting(committed: Any) -> None:
    """Media is not the only thing to decide about: the clinic counts visits too."""
    with committed():
        switch_on(Service(key="plausible", account="clinic.example"))


def words() -> Wording:
    return Wording.for_site(factories.make_site().get_site())


def is_canonical(revision: Revision) -> bool:
    text = json.dumps(revision.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return revision.hash == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


# --- The first revision ----------------------------------------------------------------------------------------------


def test_new_register_has_exactly_revision_one() -> None:
    assert Revision.objects.get().number == 1
    assert purposes(register()) == ["necessary", "media"]
    assert set(since().values()) == {1}


def test_migrating_again_leaves_the_register_alone(committed: Any) -> None:
    with committed():
        Service.objects.get(key="vimeo").delete()
        CookieGroup.objects.filter(varname="marketing").delete()
    before = register()
    with committed():
        call_command("migrate", verbosity=0)
    assert register() == before


# --- What is a change of what somebody agreed to ---------------------------------------------------------------------


def update(queryset: Any, **fields: Any) -> None:
    """Saved one by one, as an editor saves them: an update in bulk tells nobody."""
    for row in queryset:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


MEDIA = {"group__varname": "media"}
MATERIAL: dict[str, Callable[[], Any]] = {
    "service switched on": lambda: switch_on(Service(key="googlemaps")),
    "service switched off": lambda: switch_off(Service.objects.get(key="vimeo")),
    "item kept longer": lambda: update(StorageItem.objects.filter(cookie__name="vuid"), lifetime_seconds=731 * DAY),
    "item kept for ever": lambda: update(StorageItem.objects.filter(cookie__name="vuid"), lifetime_seconds=None),
    "item of another kind": lambda: update(StorageItem.objects.filter(cookie__name="YSC"), kind="local"),
    "item of another party": lambda: update(StorageItem.objects.filter(cookie__name="YSC"), party="first"),
    "item of another name": lambda: update(Cookie.objects.filter(name="YSC"), name="YSC2"),
    "item declared": lambda: declare("media"),
    "item struck off": lambda: Cookie.objects.get(name="YSC").delete(),
    "basis": lambda: update(Purpose.objects.filter(**MEDIA), basis="uk_appearance"),
    "edition": lambda: update(Purpose.objects.filter(**MEDIA), material_change=1),
    "made necessary": lambda: update(CookieGroup.objects.filter(varname="media"), is_required=True),
}


@pytest.mark.parametrize("alter", MATERIAL.values(), ids=MATERIAL)
def test_material_change_dates_its_own_purpose_anew(alter: Callable[[], Any], counting: None, committed: Any) -> None:
    before, number = since(), register()["revision"]
    with committed():
        alter()
    assert register()["revision"] == number + 1
    assert since() == before | {"media": number + 1}


SPELLING: dict[str, Callable[[], Any]] = {
    "name": lambda: update(CookieGroup.objects.filter(varname="media"), name="Films and maps"),
    "description": lambda: update(CookieGroup.objects.filter(varname="media"), description="Shows films."),
    "description of an item": lambda: update(Cookie.objects.filter(name="YSC"), description="Keeps videos apart."),
    "order": lambda: update(CookieGroup.objects.filter(varname="media"), ordering=0),
    "signal": lambda: update(Purpose.objects.filter(**MEDIA), refused_by_gpc=False),
    "words of the banner": lambda: update([words()], text="We use cookies. Read our", accept="Yes, thank you"),
}


@pytest.mark.parametrize("alter", SPELLING.values(), ids=SPELLING)
def test_spelling_makes_a_revision_that_asks_nobody_again(
    alter: Callable[[], Any], counting: None, committed: Any
) -> None:
    before, number = since(), register()["revision"]
    with committed():
        alter()
    assert register()["revision"] == number + 1
    assert since() == before


def test_new_account_is_a_change_of_who_learns_what(counting: None, committed: Any) -> None:
    with committed():
        switch_on(Service(key="matomo", account="https://stats.clinic.example"))
    before = since()
    with committed():
        service = Service.objects.get(key="matomo")
        service.account = "https://stats.elsewhere.example"
        switch_on(service)
    assert since() == before | {"analytics": register()["revision"]}


# --- Revisions -------------------------------------------------------------------------------------------------------


def test_every_revision_is_bound_to_its_document_by_its_hash(committed: Any) -> None:
    for alter in (MATERIAL["service switched on"], SPELLING["name"], MATERIAL["item struck off"]):
        with committed():
            alter()
    with committed():
        update([words()], text="Café, naïve, 日本語, \u2028, 😀 and </script>")
    assert [revision.number for revision in Revision.objects.order_by("number")] == [1, 2, 3, 4, 5]
    assert all(is_canonical(revision) for revision in Revision.objects.all())
    assert is_canonical(Revision(document={k: register()[k] for k in ("wording", "purposes")}, hash=register()["hash"]))


def test_switching_on_what_is_on_changes_nothing(counting: None, committed: Any) -> None:
    before = register()
    with committed():
        switch_on(Service.objects.get(key="plausible"))
        switch_on(Service.objects.get(key="youtube"))
    assert register() == before


def test_change_taken_back_before_the_commit_never_was(committed: Any) -> None:
    before = register()
    with committed():
        switch_off(Service.objects.get(key="vimeo"))
        assert register() == before
        switch_on(Service(key="vimeo"))
    assert register() == before


def test_change_that_was_rolled_back_never_was(committed: Any) -> None:
    before = register()
    with committed(), transaction.atomic():
        switch_off(Service.objects.get(key="vimeo"))
        transaction.set_rollback(True)
    assert register() == before


def test_spelling_taken_back_is_the_first_document_under_a_new_number(committed: Any) -> None:
    first = register()
    for name in ("Films", "Media"):
        with committed():
            update(CookieGroup.objects.filter(varname="media"), name=name)
    again = register()
    assert (again["revision"], again["hash"]) == (3, first["hash"])


def test_going_back_and_forth_dates_the_purpose_each_time(committed: Any) -> None:
    """Who agreed in between agreed to something else than what is back now."""
    hashes = set()
    for number in (3, 5, 7):
        with committed():
            switch_on(Service(key="googlemaps"))
        with committed():
            switch_off(Service.objects.get(key="googlemaps"))
        assert register()["revision"] == since()["media"] == number
        hashes.add(register()["hash"])
    assert len(hashes) == 3
    assert since()["necessary"] == 1


def test_purpose_that_was_gone_is_a_new_question(committed: Any) -> None:
    for alter in (lambda: declare("analytics"), lambda: Cookie.objects.get(name="analytics_id").delete()) * 2:
        with committed():
            alter()
    assert purposes(register()) == ["necessary", "media"]
    with committed():
        declare("analytics")
    assert since() == {"necessary": 1, "media": 1, "analytics": 6}


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
def test_editors_who_save_at_once_make_one_revision_each() -> None:
    names = [f"item{number}" for number in range(12)]

    def declare_one(name: str) -> None:
        with transaction.atomic():
            declare("media", name)

    in_threads([lambda name=name: declare_one(name) for name in names], workers=6)
    (revisions,) = in_threads([lambda: list(Revision.objects.order_by("number"))])
    assert [revision.number for revision in revisions] == list(range(1, len(revisions) + 1))
    assert all(is_canonical(revision) for revision in revisions)
    media = revisions[-1].document["purposes"][-1]
    assert {item["name"] for item in media["items"]} >= set(names)
    assert media["since"] == revisions[-1].number


def test_receipt_is_written_once(visitor: Visitor) -> None:
    choose(visitor, "media")
    receipt = Receipt.objects.get()
    receipt.choices = {"media": False}
    with pytest.raises(IntegrityError), transaction.atomic():
        receipt.save()
    with pytest.raises(ValueError, match="Cannot force both insert and updating"):
        receipt.save(update_fields=["choices"])
    assert Receipt.objects.get().choices == {"media": True}


def test_revision_that_somebody_chose_under_stays(visitor: Visitor, committed: Any) -> None:
    choose(visitor)
    with committed():
        declare("media")
    with pytest.raises(ProtectedError):
        Revision.objects.get(number=1).delete()
    Revision.objects.get(number=2).delete()


# --- Services --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", CATALOGUE)
def test_service_comes_and_goes_with_everything_it_stores(key: str, committed: Any) -> None:
    ready = CATALOGUE[key]
    with committed():
        Cookie.objects.filter(domain=key).delete()
        Service.objects.filter(key=key).delete()
    before = register()
    with committed():
        switch_on(Service(key=key, account=ACCOUNTS.get(key, "")))
    (purpose,) = [purpose for purpose in register()["purposes"] if purpose["key"] == ready.purpose]
    (shown,) = [service for service in purpose["services"] if service["key"] == key]
    assert (shown["name"], shown["kind"], shown["controller"]) == (ready.name, ready.kind, ready.controller)
    items = {item["name"]: item["lifetime_seconds"] for item in purpose["items"] if item["service"] == key}
    assert items == {stored.name: stored.seconds for stored in ready.stores}
    with committed():
        switch_off(Service.objects.get(key=key))
    assert {**register(), "revision": 0, "published_at": "", "hash": ""}["wording"] == before["wording"]
    assert purposes(register()) == purposes(before)
    assert key not in json.dumps(register())
    assert not Cookie.objects.filter(domain=key).exists()


@pytest.mark.parametrize("key", CATALOGUE)
def test_service_names_its_hosts_by_directive(key: str, committed: Any) -> None:
    hosts = CATALOGUE[key].hosts(ACCOUNTS.get(key, ""))
    wanted = {"frame-src"} if CATALOGUE[key].kind == "frame" else {"script-src", "connect-src", "img-src"}
    assert set(hosts) == wanted
    for host in [host for found in hosts.values() for host in found]:
        assert host.startswith("https://")
        assert not set(host) & set(" ;,'\"\n")


def test_account_that_is_an_address_is_the_only_host(committed: Any) -> None:
    hosts = CATALOGUE["matomo"].hosts("https://stats.clinic.example:8443/matomo/")
    assert {host for found in hosts.values() for host in found} == {"https://stats.clinic.example:8443"}


@pytest.mark.parametrize(
    ("key", "account"), [(key, account) for key, accounts in BAD_ACCOUNTS.items() for account in accounts]
)
def test_account_that_is_none_is_refused_with_an_example(key: str, account: str) -> None:
    Service.objects.filter(key=key).delete()
    with pytest.raises(ValidationError) as refused:
        switch_on(Service(key=key, account=account))
    assert refused.value.message_dict == {"account": [f"For {CATALOGUE[key].name}: {CATALOGUE[key].account_hint}"]}
    assert not Service.objects.filter(key=key).exists()


def test_account_may_be_a_server_on_this_machine() -> None:
    assert switch_on(Service(key="matomo", account="http://127.0.0.1:8099")).pk


def test_service_is_on_once() -> None:
    with pytest.raises(ValidationError, match="already exists"):
        switch_on(Service(key="youtube"))


def test_catalogue_has_no_advertising() -> None:
    assert {ready.purpose for ready in CATALOGUE.values()} == {"media", "analytics"}


def test_item_with_many_names_is_shown_by_its_pattern() -> None:
    (item,) = [item for item in register()["purposes"][-1]["items"] if "*" in item["name"]]
    assert (item["name"], item["kind"], item["lifetime"]) == ("yt-*", "local", "until you delete it")


@pytest.mark.parametrize(
    ("seconds", "kind", "words"),
    [
        (None, "cookie", "until the browser closes"),
        (None, "session", "until the browser closes"),
        (None, "local", "until you delete it"),
        (None, "indexeddb", "until you delete it"),
        (0, "cookie", "0 seconds"),
        (1, "cookie", "1 second"),
        (90, "cookie", "90 seconds"),
        (60, "cookie", "1 minute"),
        (30 * 60, "cookie", "30 minutes"),
        (3600, "cookie", "1 hour"),
        (DAY // 2, "cookie", "12 hours"),
        (36 * 3600, "cookie", "36 hours"),
        (DAY, "cookie", "1 day"),
        (182 * DAY, "cookie", "182 days"),
        (364 * DAY, "local", "364 days"),
        (365 * DAY, "cookie", "1 year"),
        (730 * DAY, "cookie", "2 years"),
        (400 * DAY, "cookie", "400 days"),
    ],
)
def test_lifetime_is_said_in_the_largest_unit_that_fits(seconds: int | None, kind: str, words: str) -> None:
    assert in_words(seconds, kind) == words
