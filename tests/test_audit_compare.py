from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from consent.audit import report, states
from consent.audit.compare import Finding, Level, Load, Site, Stored, Visit, all_findings, findings_of, never_seen
from consent.audit.pages import fetch_pages
from consent.audit.register import AuditError, Host, Item, Register, parse

DAY = 86400
SITE = Site("https://www.clinic.example")
OURS = SITE.host
PLAYER = "www.youtube-nocookie.com"


def service(key: str, **hosts: list[str]) -> dict[str, Any]:
    return {"key": key, "hosts": {directive.replace("_", "-"): found for directive, found in hosts.items()}}


def item(name: str, *, seconds: int | None = None, kind: str = "cookie", party: str = "first") -> dict[str, Any]:
    return {"name": name, "kind": kind, "party": party, "lifetime_seconds": seconds}


def purpose(key: str, *, required: bool = False, services: Any = (), items: Any = ()) -> dict[str, Any]:
    return {
        "key": key,
        "name": key.title(),
        "required": required,
        "services": list(services),
        "items": list(items),
    }


@pytest.fixture
def register() -> Register:
    youtube = service("youtube", frame_src=[f"https://{PLAYER}"])
    analytics = service(
        "googleanalytics",
        script_src=["https://www.googletagmanager.com"],
        connect_src=["https://*.google-analytics.com"],
    )
    necessary = [item("consent", seconds=182 * DAY), item("theme", kind="local")]
    player = [item("YSC", party="third"), item("yt-*", kind="local", party="third")]
    return parse(
        {
            "revision": 7,
            "hash": "sha256:abc",
            "published_at": "2026-11-24T10:00:00Z",
            "purposes": [
                purpose("necessary", required=True, items=necessary),
                purpose("analytics", services=[analytics], items=[item("_ga_*", seconds=60 * DAY)]),
                purpose("media", services=[youtube], items=player),
            ],
        }
    )


def visit(*granted: str, stored: Any = (), loads: Any = (), blocked: Any = (), problem: str = "") -> Visit:
    return Visit(
        "some",
        "desktop",
        "/",
        frozenset(granted),
        loads=list(loads),
        stored=list(stored),
        blocked=list(blocked),
        problem=problem,
    )


def found(register: Register, seen: Visit) -> list[tuple[str, str]]:
    return [(finding.level, finding.why) for finding in findings_of(seen, register, SITE)]


def cookie(name: str, *, days: float | None = None, domain: str = OURS, was_there: bool = False) -> Stored:
    return Stored("cookie", name, domain, None if days is None else days * DAY, was_there)


@pytest.mark.parametrize(
    ("pattern", "name", "is_meant"),
    [
        ("_ga", "_ga", True),
        ("_ga", "_gat", False),
        ("_ga_*", "_ga_ABC123", True),
        ("_ga_*", "_ga", False),
        ("*", "anything", True),
        ("a*z", "a-to-z", True),
        ("a*z", "a-to-zed", False),
        ("a.b", "a-b", False),
        ("[ab]", "a", False),
        ("yt*", "yt\nremote", True),
    ],
)
def test_star_stands_for_any_characters(pattern: str, name: str, is_meant: bool) -> None:
    assert Item(pattern, "local", False, None, "media").names(name) is is_meant


@pytest.mark.parametrize("name", ["consent", "__Host-consent", "__Secure-consent"])
def test_prefix_of_https_is_left_out_of_our_own_names(name: str) -> None:
    assert Item("consent", "cookie", True, None, "necessary").names(name)


def test_prefix_belongs_to_the_name_of_a_provider() -> None:
    assert not Item("YEC", "cookie", False, None, "media").names("__Secure-YEC")
    assert Item("__Secure-YEC", "cookie", False, None, "media").names("__Secure-YEC")


@pytest.mark.parametrize(
    ("pattern", "host", "is_meant"),
    [
        ("plausible.io", "plausible.io", True),
        ("plausible.io", "Plausible.IO", True),
        ("plausible.io", "evil-plausible.io", False),
        ("plausible.io", "plausible.io.evil.example", False),
        ("*.google-analytics.com", "region1.google-analytics.com", True),
        ("*.google-analytics.com", "google-analytics.com", False),
        ("*.google-analytics.com", "evilgoogle-analytics.com", False),
        ("127.0.0.1:9000", "127.0.0.1:9000", True),
        ("127.0.0.1:9000", "127.0.0.1", False),
    ],
)
def test_host_is_named_with_its_port_and_subdomains_only_by_star(pattern: str, host: str, is_meant: bool) -> None:
    assert Host(pattern, "analytics").names(host) is is_meant


def test_hosts_of_every_directive_are_declared_once(register: Register) -> None:
    names = [host.pattern for host in register.hosts]
    assert names == ["www.googletagmanager.com", "*.google-analytics.com", PLAYER]


@pytest.mark.parametrize(
    ("url", "domain", "is_ours"),
    [
        ("https://www.clinic.example", "www.clinic.example", True),
        ("https://www.clinic.example", ".clinic.example", True),
        ("https://www.clinic.example", "clinic.example", True),
        ("https://www.clinic.example", "stats.clinic.example", False),
        ("https://www.clinic.example", ".inic.example", False),
        ("http://127.0.0.1:8000", "127.0.0.1", True),
        ("http://127.0.0.1:8000", "localhost", False),
    ],
)
def test_cookie_is_ours_if_the_site_would_send_it(url: str, domain: str, is_ours: bool) -> None:
    assert Site(url).owns_cookie_of(domain) is is_ours


def test_necessary_things_are_allowed_without_a_yes(register: Register) -> None:
    kept = [cookie("__Host-consent", days=181), Stored("local", "theme", OURS)]
    assert found(register, visit(stored=kept, loads=[Load(OURS)])) == []


@pytest.mark.parametrize(
    "stored",
    [
        cookie("tracker"),
        cookie("tracker", domain="ads.example"),
        Stored("local", "tracker", OURS),
        Stored("session", "tracker", OURS),
        Stored("indexeddb", "tracker", OURS),
        Stored("cache", "tracker", OURS),
        Stored("worker", "/", OURS),
        cookie("consent", domain="ads.example"),
        Stored("session", "theme", OURS),
    ],
    ids=str,
)
def test_thing_that_the_register_does_not_name_is_an_error(register: Register, stored: Stored) -> None:
    everything = visit("analytics", "media", stored=[stored])
    assert found(register, everything) == [("error", "The register does not name it.")]


@pytest.mark.parametrize("stored", [cookie("YSC", domain=".youtube.com"), cookie("_ga_X", days=60)], ids=str)
def test_optional_thing_waits_for_the_yes_to_its_own_purpose(register: Register, stored: Stored) -> None:
    mine, other = ("analytics", "media") if stored.name == "_ga_X" else ("media", "analytics")
    assert found(register, visit(mine, stored=[stored])) == []
    why = f"Nothing of “{mine.title()}” may happen without a yes, and there was none."
    assert found(register, visit(stored=[stored])) == [("error", why)]
    assert found(register, visit(other, stored=[stored])) == [("error", why)]


def test_our_thing_that_outlives_its_yes_is_an_error(register: Register) -> None:
    left = cookie("_ga_X", days=60, was_there=True)
    assert found(register, visit(stored=[left])) == [("error", "Still there after the yes was taken back.")]


def test_thing_of_a_provider_that_outlives_its_yes_is_only_told(register: Register) -> None:
    ((level, why),) = found(register, visit(stored=[cookie("YSC", domain=".youtube.com", was_there=True)]))
    assert level == "warning"
    assert "only the provider or the visitor can delete it" in why


@pytest.mark.parametrize(("days", "is_fine"), [(None, True), (1, True), (182, True), (182.9, True), (183.1, False)])
def test_cookie_may_outlive_its_declared_lifetime_by_a_day(
    register: Register, days: float | None, is_fine: bool
) -> None:
    levels = [level for level, _ in found(register, visit(stored=[cookie("consent", days=days)]))]
    assert levels == ([] if is_fine else ["error"])


def test_lifetimes_are_named(register: Register) -> None:
    ((_, why),) = found(register, visit(stored=[cookie("consent", days=400)]))
    assert why == "It lives 400 days; the register says 182 days."


def test_cookie_of_a_session_may_not_live_for_days(register: Register) -> None:
    ((level, why),) = found(register, visit("media", stored=[cookie("YSC", domain=".youtube.com", days=30)]))
    assert level == "warning"
    assert why == "It lives 30 days; the register says the end of the browser’s session."


def test_worker_of_a_provider_is_told_since_nothing_can_declare_it(register: Register) -> None:
    worker = Stored("worker", "/", PLAYER)
    assert [level for level, _ in found(register, visit("media", stored=[worker]))] == ["warning"]
    assert [level for level, _ in found(register, visit(stored=[worker]))] == ["error"]


def test_host_waits_for_the_yes_to_its_own_purpose(register: Register) -> None:
    why = "Nothing of “Media” may happen without a yes, and there was none."
    assert found(register, visit("media", loads=[Load(PLAYER)])) == []
    assert found(register, visit(loads=[Load(PLAYER)])) == [("error", why)]
    assert found(register, visit("analytics", loads=[Load(PLAYER)])) == [("error", why)]


def test_unknown_host_is_an_error_in_our_own_page_and_a_warning_in_an_allowed_player(register: Register) -> None:
    own, inside = Load("i.ytimg.com"), Load("i.ytimg.com", frozenset({PLAYER}))
    assert [level for level, _ in found(register, visit("media", loads=[own]))] == ["error"]
    assert [level for level, _ in found(register, visit("media", loads=[inside]))] == ["warning"]
    assert [level for level, _ in found(register, visit(loads=[inside]))] == ["error"]
    through_stranger = Load("i.ytimg.com", frozenset({"ads.example"}))
    assert [level for level, _ in found(register, visit("media", loads=[through_stranger]))] == ["error"]


def test_host_is_told_once_a_page(register: Register) -> None:
    assert len(found(register, visit(loads=[Load("ads.example")] * 3))) == 1


def test_blocked_host_is_a_warning(register: Register) -> None:
    assert [level for level, _ in found(register, visit(blocked=["ads.example", "ads.example"]))] == ["warning"]


def test_page_that_was_not_seen_is_an_error(register: Register) -> None:
    assert found(register, visit(problem="It answers 500.")) == [("error", "It answers 500.")]


def unseen(register: Register, *visits: Visit, is_offline: bool = False) -> set[str]:
    missed = list(never_seen(visits, register, SITE, is_offline=is_offline))
    assert {finding.level for finding in missed} <= {Level.WARNING}
    return {finding.name for finding in missed}


def test_declared_thing_that_never_turns_up_is_a_warning_where_it_could(register: Register) -> None:
    assert unseen(register, visit()) == {"consent", "theme"}
    assert unseen(register, visit(), visit("media")) == {"consent", "theme", "YSC", "yt-*", PLAYER}
    seen = [cookie("consent"), cookie("YSC", domain=".youtube.com"), Stored("local", "yt-remote", PLAYER)]
    assert unseen(register, visit("media", stored=seen, loads=[Load(PLAYER)])) == {"theme"}


def test_things_of_providers_are_not_missed_offline(register: Register) -> None:
    assert unseen(register, visit("media"), is_offline=True) == {"consent", "theme", PLAYER}


def test_whole_run_adds_what_was_never_seen(register: Register) -> None:
    findings = all_findings([visit(stored=[cookie("tracker")])], register, SITE, is_offline=True)
    assert [(finding.name, finding.page) for finding in findings] == [("tracker", "/"), ("consent", ""), ("theme", "")]


def test_states_cover_every_purpose(register: Register) -> None:
    names = [state.name for state in states.chosen_states(register, "")]
    assert names == [
        "untouched",
        "rejected",
        "accepted",
        "analytics",
        "media",
        "withdrawn",
        "gpc",
        "no-js",
        "no-js-rejected",
        "no-js-accepted",
    ]
    by_name = {state.name: state for state in states.all_states(register)}
    assert by_name["accepted"].choices[-1].granted == {"analytics", "media"}
    assert by_name["withdrawn"].choices[-1].granted == frozenset()
    assert by_name["media"].choices[-1].granted == {"media"}


def test_unknown_state_is_refused_by_name(register: Register) -> None:
    assert [state.name for state in states.chosen_states(register, "gpc, untouched")] == ["gpc", "untouched"]
    with pytest.raises(AuditError, match=r"No such state: drunk\. There are: untouched,"):
        states.chosen_states(register, "gpc,drunk")


@pytest.fixture
def audit(register: Register) -> report.Audit:
    nasty = cookie('<b>&"\x00', domain="ads.example")
    fine = visit("media", loads=[Load(PLAYER)])
    started = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    return report.Audit(
        SITE,
        register,
        states.all_states(register),
        ["/"],
        [visit(stored=[nasty]), fine],
        "156.0",
        is_offline=True,
        started_at=started,
        seconds=2.5,
    )


def test_junit_has_a_case_a_visit_and_one_for_the_register(audit: report.Audit) -> None:
    (suite,) = ElementTree.fromstring(report.junit(audit))  # noqa: S314
    cases = list(suite)
    assert [case.get("name") for case in cases] == ["/", "/", "declared and seen"]
    assert [len(case.findall("failure")) for case in cases] == [1, 0, 0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert "cookie consent: Declared" in cases[2].findtext("system-out", "")


def test_page_for_people_escapes_names_and_loads_nothing(audit: report.Audit) -> None:
    page = report.html(audit)
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page
    assert re.search(r"<(script|img|link|iframe|form)\b", page) is None
    assert not re.search(r"\s(src|href|on\w+)=", page)
    for fact in ("24 November 2026", "Revision 7", "sha256:abc", "https://www.clinic.example", "What this method can"):
        assert fact in page


def test_same_finding_is_told_once_with_its_places(register: Register) -> None:
    same = [
        Finding(Level.WARNING, "host", "ads.example", "ads.example", "Why.", "gpc", "phone", f"/{n}/") for n in range(8)
    ]
    worse = Finding(Level.ERROR, "cookie", "tracker", OURS, "Why.", "gpc", "phone", "/")
    first, second = report.matters([*same, worse])
    assert report.title(first.finding) == f"cookie tracker of {OURS}"
    assert report.title(second.finding) == "host ads.example"
    assert second.shown_places[-1] == "and 2 more"


@pytest.mark.django_db
def test_own_register_is_understood(client: Client) -> None:
    register = parse(client.get("/api/v1/consent/", headers={"host": "127.0.0.1"}).json())
    assert register.services["youtube"] == "media"
    assert register.optional == {"media"}
    assert [item.name for item in register.items_naming("__Host-consent", kind="cookie", is_first_party=True)] == [
        "consent"
    ]
    assert register.hosts_naming("www.youtube-nocookie.com")


def test_pages_are_those_of_the_sitemap_with_the_forms_early(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer:
        text = (
            "<loc>http://other.example/</loc><loc> http://other.example/a/?b=1&amp;c=2 </loc>"
            "<loc>http://other.example/</loc>"
        )

    monkeypatch.setattr("consent.audit.pages._get", lambda url: Answer)
    pages = fetch_pages("http://127.0.0.1", only="", limit=0)
    assert pages == ["/", "/book/", "/search/?q=a", "/privacy-choices/", "/a/?b=1&c=2"]
    assert fetch_pages("http://127.0.0.1", only="", limit=2) == ["/", "/book/"]
    assert fetch_pages("http://127.0.0.1", only="/x/, /y/", limit=0) == ["/x/", "/y/"]


def test_site_that_does_not_answer_is_an_audit_that_could_not_be_made() -> None:
    with pytest.raises(AuditError, match="could not be read"):
        fetch_pages("http://127.0.0.1:1", only="", limit=0)


def test_missing_playwright_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("run", "browser", "recorder"):
        monkeypatch.delitem(sys.modules, f"consent.audit.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(CommandError, match=r"Playwright is missing.*requirements-dev\.txt") as caught:
        call_command("consent_audit")
    assert caught.value.returncode == 2
