"""Receipts: what they hold, and how anybody finds out that one was altered, added or taken away."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from consent.models import Receipt, Revision, Seal
from consent.records import canonical, digest
from tests.choosing import RECEIPT_PATH, choose, declare, register
from tests.conftest import Visitor

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILE_PATH = "/privacy-choices/receipt.json"
ALTERED = "receipts of that day were added, removed or altered."
DETACHED = "it does not follow the seal before it."

pytestmark = pytest.mark.usefixtures("site")


def sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def canonical_text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def faults(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `consent_verify` complains of; it ends with 1 if there is anything."""
    capsys.readouterr()
    returncode = 0
    try:
        call_command("consent_verify")
    except CommandError as error:
        returncode = error.returncode
    written = capsys.readouterr()
    assert (returncode, bool(written.out)) == ((1, False) if written.err else (0, True))
    return list(written.err.splitlines())


def seal(on: datetime) -> None:
    with time_machine.travel(on, tick=False):
        call_command("consent_seal")


@pytest.fixture
def clinic_week(visitor: Visitor) -> list[Receipt]:
    """Two choices on Monday, none on Tuesday, one on Wednesday; sealed on Thursday."""
    for after, granted in ((0, ["media"]), (1, []), (48, ["media"])):
        with time_machine.travel(MONDAY + timedelta(hours=after), tick=False):
            assert choose(visitor, *granted).status_code == 200
    seal(MONDAY + timedelta(days=3))
    return list(Receipt.objects.order_by("decided_at"))


@pytest.fixture
def now() -> Any:
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False) as clock:
        yield clock


# --- What a receipt holds --------------------------------------------------------------------------------------------


def test_receipt_holds_a_choice_and_nothing_of_a_person(visitor: Visitor) -> None:
    person = {"REMOTE_ADDR": "198.51.100.77", "HTTP_USER_AGENT": "Very Own Browser", "HTTP_REFERER": "/blog/secret/"}
    choose(Visitor(**person), "media")
    receipt = Receipt.objects.get()
    names = {field.name for field in Receipt._meta.get_fields()}
    assert names == {"id", "decided_at", "revision", "action", "choices", "surface", "gpc", "record", "digest"}
    record = json.loads(receipt.record)
    assert set(record) == names - {"record", "digest"} | {"revision_hash"}
    assert not [trace for trace in person.values() if trace in receipt.record]


def test_record_is_the_canonical_json_of_the_columns_and_digest_its_hash(visitor: Visitor) -> None:
    choose(visitor, "media", surface="bar")
    receipt = Receipt.objects.get()
    columns = {
        "id": receipt.pk,
        "decided_at": int(receipt.decided_at.timestamp()),
        "revision": 1,
        "revision_hash": register()["hash"],
        "action": "accept_all",
        "choices": {"media": True},
        "surface": "bar",
        "gpc": False,
    }
    assert receipt.record == canonical_text(columns)
    assert receipt.digest == sha256(receipt.record)


def test_downloaded_receipt_proves_itself(visitor: Visitor, committed: Any) -> None:
    """Its two hashes can be computed from the file alone, also after the register has changed."""
    choose(visitor, "media")
    with committed():
        declare("media")
    response = visitor.get(FILE_PATH)
    assert response["Content-Disposition"] == 'attachment; filename="cookie-receipt.json"'
    assert response["Cache-Control"] == "private, no-store"
    kept = json.loads(response.content)
    assert kept["revision_hash"] == sha256(canonical_text(kept["document"]))
    names = ("id", "revision", "revision_hash", "action", "choices", "surface", "gpc")
    columns = {name: kept[name] for name in names}
    columns["decided_at"] = int(datetime.fromisoformat(kept["decided_at"]).timestamp())
    assert kept["record"] == canonical_text(columns)
    assert kept["digest"] == sha256(kept["record"])


@pytest.mark.parametrize("path", [RECEIPT_PATH, FILE_PATH])
def test_receipt_of_somebody_without_a_choice_is_not_found(path: str, visitor: Visitor) -> None:
    choose(visitor)
    assert Visitor().get(path).status_code == 404
    assert visitor.get(path).status_code == 200


# --- Seals -----------------------------------------------------------------------------------------------------------


def test_every_whole_day_is_sealed_and_chained(clinic_week: list[Receipt]) -> None:
    seals = list(Seal.objects.all())
    assert [(seal.day.day, seal.count) for seal in seals] == [(23, 2), (24, 0), (25, 1)]
    previous = ""
    for seal_of_day in seals:
        digests = sorted((r.pk, r.digest) for r in clinic_week if r.decided_at.date() == seal_of_day.day)
        lines = [previous, seal_of_day.day.isoformat(), *(value for _, value in digests)]
        assert seal_of_day.previous_hash == previous
        assert seal_of_day.hash == sha256("".join(f"{line}\n" for line in lines))
        previous = seal_of_day.hash


def test_today_is_not_sealed(visitor: Visitor) -> None:
    with time_machine.travel(MONDAY, tick=False):
        choose(visitor)
        call_command("consent_seal")
    assert not Seal.objects.exists()
    seal(MONDAY.replace(hour=23, minute=59, second=59))
    assert not Seal.objects.exists()
    seal(MONDAY.replace(hour=0) + timedelta(days=1))
    assert Seal.objects.get().day == date(2026, 11, 23)


def test_sealing_again_seals_nothing_twice(clinic_week: list[Receipt], capsys: pytest.CaptureFixture[str]) -> None:
    before = list(Seal.objects.values())
    seal(MONDAY + timedelta(days=3))
    assert list(Seal.objects.values()) == before
    assert capsys.readouterr().out.endswith("0 days sealed.\n")


def test_without_receipts_there_is_nothing_to_seal(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("consent_seal")
    assert not Seal.objects.exists()
    assert faults(capsys) == []


def test_worker_seals_by_itself(visitor: Visitor, now: Any) -> None:
    choose(visitor)
    now.shift(timedelta(days=1))
    call_command("worker", once=True)
    assert Seal.objects.get().count == 1


# --- Verifying -------------------------------------------------------------------------------------------------------


def test_untouched_record_is_as_it_was(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert faults(capsys) == []
    call_command("consent_verify")
    assert capsys.readouterr().out == "3 receipts and 3 seals are as they were recorded.\n"


def alter(receipt: Receipt, **columns: Any) -> Receipt:
    """As somebody would who reaches the database."""
    Receipt.objects.filter(pk=receipt.pk).update(**columns)
    return Receipt.objects.select_related("revision").get(pk=receipt.pk)


COLUMNS: dict[str, Any] = {
    "action": "reject_all",
    "choices": {"media": False},
    "decided_at": MONDAY + timedelta(seconds=1),
    "gpc": True,
    "surface": "bar",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_altered_column_is_found_and_its_byte_named(
    column: str, clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    altered = alter(clinic_week[0], **{column: COLUMNS[column]})
    pairs = zip(altered.record, altered.expected_record(), strict=False)
    place = next(number for number, (was, is_now) in enumerate(pairs) if was != is_now)
    around = altered.record[max(0, place - 20) : place + 20]
    assert f'"{column}":' in altered.record[:place]
    assert faults(capsys) == [
        f"Receipt {altered.pk}: its columns differ from its record at byte {place}, near {around!r}."
    ]


def test_receipt_moved_to_another_revision_is_found(
    clinic_week: list[Receipt], committed: Any, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with committed():
        declare("media")
    alter(clinic_week[0], revision_id=2)
    (fault,) = faults(capsys)
    assert fault.startswith(f"Receipt {clinic_week[0].pk}: its columns differ from its record at byte ")


def test_altered_record_is_found(clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    receipt = clinic_week[0]
    alter(receipt, record=receipt.record.replace("accept_all", "reject_all"))
    not_its_digest, differs = faults(capsys)
    assert not_its_digest == f"Receipt {receipt.pk}: its record is not the one its digest was made of."
    assert differs.startswith(f"Receipt {receipt.pk}: its columns differ from its record at byte 11, near ")


def test_altered_digest_is_found(clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    alter(clinic_week[0], digest=sha256("anything"))
    assert faults(capsys) == [
        f"Receipt {clinic_week[0].pk}: its record is not the one its digest was made of.",
        f"Seal of 2026-11-23: {ALTERED}",
    ]


def test_receipt_that_was_forged_throughout_is_found_by_its_days_seal(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = alter(clinic_week[0], choices={"media": False}, action="reject_all")
    alter(forged, record=forged.expected_record(), digest=sha256(forged.expected_record()))
    assert faults(capsys) == [f"Seal of 2026-11-23: {ALTERED}"]


def test_deleted_receipt_is_found(clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    clinic_week[2].delete()
    assert faults(capsys) == [f"Seal of 2026-11-25: {ALTERED}"]


def test_added_receipt_is_found(clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    added = Receipt(pk="A" * 22, decided_at=MONDAY + timedelta(days=1), revision=Revision.objects.get())
    added.action, added.choices, added.surface = "accept_all", {"media": True}, "bar"
    added.save()
    assert faults(capsys) == [f"Seal of 2026-11-24: {ALTERED}"]


def change_hash(days: Any) -> None:
    days.filter(day="2026-11-24").update(hash=sha256("anything"))


def change_count(days: Any) -> None:
    days.filter(day="2026-11-24").update(count=7)


def remove(day: str) -> Callable[[Any], None]:
    return lambda days: days.filter(day=day).delete()


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        pytest.param(
            change_hash,
            [f"Seal of 2026-11-24: {ALTERED}", f"Seal of 2026-11-25: {DETACHED}"],
            id="altered hash",
        ),
        pytest.param(change_count, [f"Seal of 2026-11-24: {ALTERED}"], id="altered count"),
        pytest.param(remove("2026-11-24"), [f"Seal of 2026-11-25: {DETACHED}"], id="missing"),
        pytest.param(remove("2026-11-23"), [f"Seal of 2026-11-24: {DETACHED}"], id="first missing"),
    ],
)
def test_altered_or_missing_seal_is_found(
    tamper: Callable[[Any], None],
    found: list[str],
    clinic_week: list[Receipt],
    now: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tamper(Seal.objects.all())
    assert faults(capsys) == found


def test_altered_revision_is_found(clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    revision = Revision.objects.get()
    Revision.objects.update(document={**revision.document, "wording": {}})
    assert faults(capsys) == ["Revision 1: its document is not the one its hash was made of."]


def test_revision_that_was_forged_throughout_is_found_by_its_receipts(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = {**Revision.objects.get().document, "wording": {}}
    Revision.objects.update(document=forged, hash=digest(canonical(forged)))
    found = faults(capsys)
    assert [re.match(r"Receipt (.{22}): its columns differ", fault)[1] for fault in found] == [
        receipt.pk for receipt in clinic_week
    ]


# --- Keeping ---------------------------------------------------------------------------------------------------------


def test_receipts_go_after_three_years_and_their_seals_stay(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    seals = list(Seal.objects.values_list("day", "count", "previous_hash", "hash"))
    now.move_to(MONDAY + timedelta(days=3 * 365 + 1))
    call_command("consent_prune")
    assert capsys.readouterr().out == "2 receipts deleted.\n"
    assert list(Receipt.objects.all()) == [clinic_week[2]]
    assert list(Seal.objects.values_list("day", "count", "previous_hash", "hash")) == seals
    assert Revision.objects.count() == 1
    assert faults(capsys) == []


def test_younger_receipts_are_still_guarded_after_that(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now.move_to(MONDAY + timedelta(days=3 * 365 + 1))
    call_command("consent_prune")
    clinic_week[2].delete()
    assert faults(capsys) == [f"Seal of 2026-11-25: {ALTERED}"]


def test_nothing_goes_before_three_years(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now.move_to(MONDAY + timedelta(days=3 * 365))
    call_command("consent_prune")
    assert Receipt.objects.count() == 3
    assert faults(capsys) == []


def test_day_that_was_marked_as_deleted_too_soon_is_found(
    clinic_week: list[Receipt], now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic_week[2].delete()
    Seal.objects.filter(day="2026-11-25").update(is_pruned=True)
    assert faults(capsys) == [f"Seal of 2026-11-25: {ALTERED}"]
