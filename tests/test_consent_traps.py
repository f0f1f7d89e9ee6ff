"""
The thirty traps of cookie consent, and where each is tested or why it is none here.

 1. Two halves of a choice that overwrite each other: a choice is one whole answer,
    `test_choice_must_decide_about_exactly_the_optional_purposes`, `test_of_fifty_choices_at_once_none_is_lost`.
 2. An error that looks like success: `assert_refused` and `test_field_that_makes_no_sense_is_named` in test_consent.
 3. A JSON body that does nothing: `test_choice_is_answered_and_kept`; a form where JSON is due, `test_choice_is_json`.
 4. A cached page that carries somebody's choice: `test_two_visitors_get_the_same_answer`,
    `test_two_visitors_take_turns_and_neither_gets_what_is_the_others`.
 5. A csrf cookie for everybody: `test_reading_sets_no_cookie_for_anybody` below.
 6. A session for everybody: the same, and `test_a_public_answer_says_that_any_cache_may_keep_it`.
 7. `__Host-` over http: `test_over_https_the_cookie_is_bound_to_this_host` and its neighbours in test_consent.
 8. `Domain=` beside `__Host-`: the same; the cookie has no domain anywhere.
 9. A provider's cookie that cannot be deleted: none is ever set on our own host. A player is cross-origin, and a
    counting script has no origin, `test_visit_runs_without_an_origin_and_reaches_its_provider_alone`.
10. A register cached in each process: it is read from the database,
    `test_change_of_the_register_makes_one_new_revision`, `test_packages_cache_decides_nothing` below.
11. Rows loaded in bulk that nobody notices: the same, as the package's cache decides nothing. `loaddata` makes no
    revision by itself, but the `migrate` of every start does,
    `test_rows_loaded_in_bulk_are_published_by_the_next_start` below.
12. A required purpose that reads as not accepted: it is no question at all,
    `test_before_a_choice_everything_optional_is_off`.
13. A filter's argument that ends in an error: only the package's documented form is used, in `probe` of test_consent.
14. An empty group that counts as accepted: `test_purpose_that_stores_and_loads_nothing_is_no_question`.
15. Dates as versions: `test_material_change_dates_its_own_purpose_anew` dates by revision numbers.
16. Six months that slide on for ever: `test_reading_a_choice_does_not_extend_it`, `test_choice_holds_for_182_days`.
17. An audit as an editor: tests/browser visits with a fresh browser that never signed in.
18. Private pages and their session: a stranger is shown none, tests/test_leaks.py, so nothing sets one.
19. bfcache and prerendering: `choice.js` reads the cookie again on `pageshow`; frames start on a press or after
    activation. Only a browser can say, so it stands in tests/browser.
20. A CDN that ignores `Vary: Cookie`: no answer needs it, `test_a_public_answer_says_that_any_cache_may_keep_it`.
21. Ad blockers that hide what is called "cookie": `test_names_that_ad_blockers_hide_are_not_used` below.
22. A banner that hides from automation: our scripts never look, `test_scripts_do_not_ask_who_drives_the_browser` below.
23. Consent Mode set after the tag: `test_consent_mode_is_denied_before_anything_is_loaded` below.
24. `sendBeacon`: `test_choice_is_sent_so_that_it_outlives_the_page` below.
25. A signal that a proxy strips, or that splits the cache: `test_signal_is_read_in_the_browser_too` below, and
    `test_register_is_the_same_for_everyone`.
26. A short key used for two purposes: `test_short_keys_are_never_used_twice` below.
27. Asking again because of a typo: `test_corrected_spelling_asks_nobody`, `test_who_refused_is_never_asked_again`.
28. A bot that fills the table: `test_choosing_over_and_over_is_refused_for_a_while`; and no address is stored,
    `test_no_table_keeps_who_chose`.
29. The visitor's clock: `test_time_of_a_choice_is_the_servers` below.
30. Receipt ids that get about: `test_receipt_id_is_in_no_address` below, `test_unknown_receipt_is_not_found`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cookie_consent.models import Cookie, CookieGroup
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from consent.models import Purpose, StorageItem
from tests import factories
from tests.choosing import RECEIPT_PATH, SETTINGS_PATH, YOUTUBE, choice_of, choose, payload, register
from tests.conftest import Visitor

SCRIPTS = Path(django_settings.BASE_DIR) / "frontend/static/site/js"
COUNTERS = Path(django_settings.BASE_DIR) / "consent/static/consent/visit"

pytestmark = pytest.mark.usefixtures("site")


def script(name: str) -> str:
    return (SCRIPTS / name).read_text()


def every_script() -> str:
    return "\n".join(path.read_text() for path in SCRIPTS.glob("*.js"))


def test_reading_sets_no_cookie_for_anybody(visitor: Visitor) -> None:
    factories.make_post(slug="post")
    for path in ("/", "/blog/post/", "/blog/post/comment/", "/book/", "/search/?q=a", SETTINGS_PATH, YOUTUBE):
        assert not visitor.get(path).cookies, path
    assert not visitor.cookies


def test_packages_cache_decides_nothing(visitor: Visitor) -> None:
    """A group made in bulk stays unknown to the package's cache; a choice neither needs it nor trusts it."""
    CookieGroup.objects.bulk_create([CookieGroup(varname="ghost", name="Ghost", description="")])
    assert choose(visitor, "media").status_code == 200
    assert choice_of(visitor)["choices"] == {"media": True}


def test_rows_loaded_in_bulk_are_published_by_the_next_start(committed: Any) -> None:
    group = CookieGroup.objects.get(varname="marketing")
    with committed():
        Cookie.objects.bulk_create([Cookie(cookiegroup=group, name="bulk", description="Counts.")])
        StorageItem.objects.bulk_create([StorageItem(cookie=Cookie.objects.get(name="bulk"))])
    assert "marketing" not in payload()["choices"]
    with committed():
        call_command("migrate", verbosity=0)
    assert "marketing" in payload()["choices"]


def test_names_that_ad_blockers_hide_are_not_used(visitor: Visitor) -> None:
    shown = visitor.get("/").content.decode()
    names = [
        *re.findall(r'(?:class|id)="([^"]*)"', shown),
        *re.findall(r'<(?:script|link)[^>]*?(/static/[^"]+)', shown),
    ]
    assert names
    assert not [name for name in names if re.search("cookie|consent|gdpr", name, re.IGNORECASE)]


def test_scripts_do_not_ask_who_drives_the_browser() -> None:
    assert not re.search(r"webdriver|headless|userAgent", every_script())


def test_consent_mode_is_denied_before_anything_is_loaded() -> None:
    counter = (COUNTERS / "googleanalytics.js").read_text()
    steps = ['gtag("consent", "default"', 'gtag("consent", "update"', 'gtag("config"', "append(script)"]
    places = [counter.index(step) for step in steps]
    assert places == sorted(places)
    assert {"ad_storage", "ad_user_data", "ad_personalization"} == set(re.findall(r'(\bad_\w+): "denied"', counter))
    assert not re.search(r'ad_\w+: "granted"', counter)


def test_choice_is_sent_so_that_it_outlives_the_page() -> None:
    assert "keepalive: true" in script("choices.js")
    assert "sendBeacon" not in every_script()


def test_signal_is_read_in_the_browser_too() -> None:
    assert "globalPrivacyControl" in script("choice.js")


def test_short_keys_are_never_used_twice() -> None:
    keys = list(Purpose.objects.values_list("short_key", flat=True))
    assert len(keys) == len(set(keys)) == 5
    group = CookieGroup.objects.create(varname="other", name="Other", description="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Purpose.objects.create(group=group, short_key=keys[0])
    assert not Purpose._meta.get_field("short_key").editable


def test_time_of_a_choice_is_the_servers(visitor: Visitor) -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        answer = choose(visitor, "media", decided="2036-01-01T00:00:00Z")
        assert answer.status_code == 400
        answer = visitor.send(
            "PUT", "/api/v1/consent/choice/", payload("media"), HTTP_DATE="Thu, 01 Jan 2036 00:00:00 GMT"
        )
    assert datetime.fromisoformat(answer.json()["decided"]) == now


def test_receipt_id_is_in_no_address(visitor: Visitor) -> None:
    receipt = choose(visitor, "media").json()["receipt"]["id"]
    assert len(receipt) == 22
    for path in (SETTINGS_PATH, RECEIPT_PATH, YOUTUBE, "/"):
        response = visitor.get(path)
        assert not [
            url for url in re.findall(r'(?:href|src|action)="([^"]*)"', response.content.decode()) if receipt in url
        ]
        assert response["Referrer-Policy"] in {"same-origin", "strict-origin-when-cross-origin", "no-referrer"}
    assert receipt not in str(register())
