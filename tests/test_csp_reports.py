"""What the browser blocked is counted, within bounds, and shown to the editor."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from consent import reports
from consent.models import BlockedLoad
from tests.conftest import Visitor

PATH = "/csp-report/"
HEADING = "Something tried to load and was blocked"

pytestmark = pytest.mark.usefixtures("site")


def body(**fields: Any) -> bytes:
    report = {
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://tracker.example/t.js?visitor=1",
        "document-uri": "http://127.0.0.1:8000/blog/?q=secret#there",
    }
    return json.dumps({"csp-report": report | fields}).encode()


def send(data: bytes | None = None, **fields: Any) -> int:
    """As a browser sends it: without a word about where from."""
    data = body(**{name.replace("_", "-"): value for name, value in fields.items()}) if data is None else data
    return int(Visitor().post(PATH, data, content_type="application/csp-report").status_code)


def counted() -> list[tuple[str, str, str, int]]:
    return list(BlockedLoad.objects.order_by("pk").values_list("directive", "host", "path", "count"))


def test_page_tells_the_browser_where_to_report(visitor: Visitor) -> None:
    assert visitor.get("/")["Content-Security-Policy"].endswith("; report-uri /csp-report/")


def test_report_is_counted_without_addresses_in_full() -> None:
    assert [send(), send(), send(blocked_uri="inline")] == [204, 204, 204]
    assert counted() == [
        ("script-src-elem", "tracker.example", "/blog/", 2),
        ("script-src-elem", "inline", "/blog/", 1),
    ]


def test_reports_are_counted_by_day() -> None:
    with time_machine.travel("2026-11-24 12:00Z", tick=False) as clock:
        send()
        clock.move_to("2026-11-25 12:00Z")
        send()
    assert [str(load.day) for load in BlockedLoad.objects.order_by("day")] == ["2026-11-24", "2026-11-25"]


@pytest.mark.parametrize(
    "blocked",
    [
        "chrome-extension://abcdef/inject.js",
        "moz-extension://abcdef/x.js",
        "safari-web-extension://abcdef/",
        "about:blank",
        "file:///etc/passwd",
        "",
        "https://",
        "https://[",
        "self",
    ],
)
def test_what_is_the_visitors_own_business_is_not_counted(blocked: str) -> None:
    assert send(blocked_uri=blocked) == 204
    assert counted() == []


HOSTILE = {
    "empty": b"",
    "no JSON": b"<xml/>",
    "no UTF-8": b'{"csp-report": "\xff"}',
    "null": b"null",
    "list": b"[1]",
    "number": b"1",
    "long number": b'{"csp-report": ' + b"9" * 5000 + b"}",
    "other report": b'{"report": {}}',
    "report is null": b'{"csp-report": null}',
    "report is a list": b'{"csp-report": []}',
    "report is a word": b'{"csp-report": "x"}',
    "half a report": b'{"csp-report": {"blocked-uri": "https://a.example"}}',
    "deep": b'{"csp-report": ' + b"[" * 8000,
    "deep and closed": b'{"csp-report": ' + b"[" * 7000 + b"]" * 7000 + b"}",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    assert send(data) == 400
    assert counted() == []


STRANGE = {
    "page that is no address": {"document_uri": "https://["},
    "page that is nothing": {"document_uri": None},
    "half a character in the host": {"blocked_uri": "https://a\ud800.example/"},
    "half a character in the page": {"document_uri": "https://a.example/\udfff/"},
    "half a character in the directive": {"effective_directive": "script\ud800"},
    "null byte in the host": {"blocked_uri": "https://a\x00.example/"},
    "null byte in the page": {"document_uri": "https://a.example/\x00/"},
    "lists": {"blocked_uri": ["https://a.example"], "document_uri": {}, "effective_directive": []},
    "long": {
        "blocked_uri": f"https://{'a' * 3000}.example/",
        "document_uri": f"https://a.example/{'b' * 3000}",
        "effective_directive": "c" * 3000,
    },
    "markup": {"blocked_uri": "https://<script>/", "document_uri": "https://a.example/<script>alert(1)</script>"},
}


@pytest.mark.parametrize("fields", STRANGE.values(), ids=STRANGE)
def test_strange_report_breaks_nothing(fields: dict[str, Any]) -> None:
    assert send(**fields) in {204, 400}
    for directive, host, page, count in counted():
        assert (len(directive) <= 40, len(host) <= 120, len(page) <= 200, count) == (True, True, True, 1)
        assert (directive + host + page).isprintable()
    assert editor().get("/admin/").status_code == 200
    assert "<script>alert" not in editor().get("/admin/reports/cookie-choices/").content.decode()


def test_report_is_small() -> None:
    assert send(script_sample="x" * reports.MAX_BYTES) == 413
    assert counted() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_report_is_posted(method: str, visitor: Visitor) -> None:
    assert visitor.generic(method, PATH, body()).status_code == 405
    assert counted() == []


def test_day_has_so_many_rows_and_no_more() -> None:
    day = timezone.localdate()
    rows = (BlockedLoad(day=day, directive="x", host=str(n), path="/") for n in range(reports.MAX_ROWS_A_DAY))
    BlockedLoad.objects.bulk_create(rows)
    assert send() == 204
    assert BlockedLoad.objects.count() == reports.MAX_ROWS_A_DAY
    assert send(effective_directive="x", blocked_uri="https://7", document_uri="http://a/") == 204
    assert BlockedLoad.objects.get(host="7").count == 1


def test_count_has_an_end() -> None:
    send()
    BlockedLoad.objects.update(count=reports.MAX_COUNT)
    assert send() == 204
    assert BlockedLoad.objects.get().count == reports.MAX_COUNT


def editor() -> Visitor:
    visitor = Visitor()
    users = get_user_model().objects
    visitor.force_login(users.filter(username="editor").first() or users.create_superuser("editor"))
    return visitor


def test_editor_sees_it_on_the_first_page_and_in_the_report() -> None:
    assert HEADING not in editor().get("/admin/").content.decode()
    send()
    home = editor().get("/admin/").content.decode()
    assert HEADING in home
    assert "<strong>tracker.example</strong> on <code>/blog/</code>, 1 time" in home
    report = editor().get("/admin/reports/cookie-choices/").content.decode()
    assert "<td>script-src-elem</td><td>tracker.example</td><td>/blog/</td>" in report


def test_after_thirty_days_it_is_shown_no_more() -> None:
    with time_machine.travel("2026-10-01 12:00Z", tick=False):
        send()
    with time_machine.travel("2026-11-24 12:00Z", tick=False):
        assert HEADING not in editor().get("/admin/").content.decode()
