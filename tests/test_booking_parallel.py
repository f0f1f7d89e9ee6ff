"""Many people at one moment, and a server that dies in the middle: one time, one appointment, and nothing lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from booking import slots
from booking.models import Appointment, AppointmentRequest, Service, SlotClaim
from booking.tokens import manage_token, slot_id
from tests import factories
from tests.browser.server import ROOT, wait_until
from tests.conftest import IN_THREADS, in_threads
from tests.forms import (
    APPOINTMENTS_PATH,
    BOOKING_PATH,
    MANAGE_PATH,
    filled_appointment,
    filled_booking,
    somebody,
)

pytestmark = [IN_THREADS, pytest.mark.usefixtures("for_threads")]
THREADS = 25
Answers = list[Any]
DAY = timezone.localdate() + timedelta(days=10)


def clinic(**fields: Any) -> Service:
    factories.ask_no_proof()
    return factories.make_live(**fields)


def ids(service: Service, *, number: int = 1) -> list[str]:
    """The first times of a day, as visitors are offered them."""
    found = slots.offered(service, None, DAY, DAY)[DAY]
    return [slot_id(slot) for slot in found[:number]]


def posting(path: str, body: dict[str, Any], **headers: str) -> Callable[[], Any]:
    return partial(somebody().send, "POST", path, body, **headers)


def at_once(calls: list[Callable[[], Any]]) -> Answers:
    """All of them wait for each other before the first one goes."""
    gate = threading.Barrier(min(THREADS, len(calls)))

    def started(call: Callable[[], Any], is_first: bool) -> Any:
        if is_first:
            gate.wait()
        return call()

    waiting = [partial(started, call, number < gate.parties) for number, call in enumerate(calls)]
    answers = in_threads(waiting, workers=THREADS)
    assert all(answer.status_code < 500 for answer in answers), [answer.content for answer in answers]
    return answers


def codes(answers: Answers) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def prepared(make: Callable[[], Any]) -> Any:
    """What is made in the database that the threads use."""
    (made,) = in_threads([make])
    return made


def diary() -> list[tuple[Any, ...]]:
    """The appointments that stand and how many claims each has; no two of one practitioner overlap."""
    rows = list(Appointment.objects.standing().order_by("starts_at"))
    for one in rows:
        others = [row for row in rows if row.pk != one.pk and row.practitioner_id == one.practitioner_id]
        assert not [row for row in others if row.starts_at < one.ends_at and one.starts_at < row.ends_at]
    return [(row.status, SlotClaim.objects.filter(appointment=row).count()) for row in rows]


# --- At one moment ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("practitioners", [1, 2])
def test_of_fifty_who_book_one_time_one_has_it_for_each_practitioner(practitioners: int) -> None:
    def prepare() -> list[dict[str, Any]]:
        (slot,) = ids(clinic(practitioners=practitioners))
        return [filled_appointment(slot, email=f"v{number}@visitor.example") for number in range(50)]

    answers = at_once([posting(APPOINTMENTS_PATH, body) for body in prepared(prepare)])
    assert codes(answers) == {201: practitioners, 409: 50 - practitioners}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"slot_taken"}
    assert all(len(refusal["alternatives"]) == 3 for refusal in refusals)
    assert prepared(diary) == [("booked", 12)] * practitioners
    assert prepared(Appointment.objects.count) == practitioners


def test_times_that_overlap_are_booked_as_far_as_they_do_not() -> None:
    """Nine, a quarter past and half past: of an hour each, one of them."""

    def prepare() -> list[dict[str, Any]]:
        wanted = ids(clinic(), number=3)
        return [filled_appointment(wanted[number % 3]) for number in range(30)]

    answers = at_once([posting(APPOINTMENTS_PATH, body) for body in prepared(prepare)])
    assert codes(answers) == {201: 1, 409: 29}
    assert prepared(diary) == [("booked", 12)]


def somebody_at(service: Service, *, hour: int) -> Appointment:
    """Somebody who comes on that day already, and wants to change it."""
    start = datetime.combine(DAY, time(hour), tzinfo=timezone.get_default_timezone())
    return factories.make_appointment(service, start)


def test_who_moves_and_who_book_one_time_get_it_once() -> None:
    def prepare() -> list[Callable[[], Any]]:
        service = clinic(hours={"ends": time(14)})
        (slot,) = ids(service)
        moving = [somebody_at(service, hour=hour) for hour in (10, 11, 12)]
        moves = [posting(f"{MANAGE_PATH}move/", {"token": manage_token(one), "slot_id": slot}) for one in moving]
        return [*moves, *(posting(APPOINTMENTS_PATH, filled_appointment(slot)) for _ in range(9))]

    answers = at_once(prepared(prepare))
    assert {code: number for code, number in codes(answers).items() if code < 400} in ({200: 1}, {201: 1})
    moved = any(answer.status_code == 200 for answer in answers)
    assert prepared(diary) == [("booked", 12)] * (3 if moved else 4)


def test_who_swap_their_times_get_no_error_and_both_keep_one() -> None:
    def prepare() -> list[Callable[[], Any]]:
        service = clinic()
        first = slots.Slot(somebody_at(service, hour=9).starts_at, service.pk, _place(service), None)
        second = slots.Slot(somebody_at(service, hour=10).starts_at, service.pk, _place(service), None)
        nine, ten = Appointment.objects.order_by("starts_at")
        pairs = [(nine, second), (ten, first)] * 6
        bodies = [{"token": manage_token(one), "slot_id": slot_id(slot)} for one, slot in pairs]
        return [posting(f"{MANAGE_PATH}move/", body) for body in bodies]

    assert set(codes(at_once(prepared(prepare)))) <= {200, 409}
    assert prepared(diary) == [("booked", 12)] * 2


def _place(service: Service) -> uuid.UUID:
    return service.practitioners.get().rules.first().location_id


def test_cancelled_and_moved_at_once_is_one_or_the_other_in_turn() -> None:
    def prepare() -> list[Callable[[], Any]]:
        service = clinic()
        (slot,) = ids(service)
        token = manage_token(somebody_at(service, hour=11))
        moves = [posting(f"{MANAGE_PATH}move/", {"token": token, "slot_id": slot}) for _ in range(6)]
        return [*moves, *(posting(f"{MANAGE_PATH}cancel/", {"token": token}) for _ in range(6))]

    answers = at_once(prepared(prepare))
    cancelled = [
        answer.json() for answer in answers if answer.status_code == 200 and answer.json()["status"] == "cancelled"
    ]
    assert len(cancelled) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "already_cancelled",
        "slot_taken",
    }
    (appointment,) = prepared(lambda: list(Appointment.objects.all()))
    assert appointment.status == "cancelled"
    assert appointment.sequence == codes(answers)[200]
    assert prepared(SlotClaim.objects.count) == 0


def test_one_key_sent_twenty_times_books_once() -> None:
    key = str(uuid.uuid4())

    def prepare() -> dict[str, Any]:
        (slot,) = ids(clinic(practitioners=3))
        return filled_appointment(slot)

    body = prepared(prepare)
    answers = at_once([posting(APPOINTMENTS_PATH, body, HTTP_IDEMPOTENCY_KEY=key) for _ in range(20)])
    receipts = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"in_progress", "ticket_spent"}
    assert prepared(diary) == [("booked", 12)]
    (again,) = at_once([posting(APPOINTMENTS_PATH, body, HTTP_IDEMPOTENCY_KEY=key)])
    assert again.status_code == 201
    assert receipts == [again.json()] * len(receipts)
    assert receipts


# --- A server that is killed -----------------------------------------------------------------------------------------

PEOPLE = 500
KILLED_AFTER = 120
ROUNDS = 5
NOT_NOW = 503  # what a database that is busy for too long is answered with: as good as no answer
GRANIAN = ["--interface=wsgi", "--workers=1", "--blocking-threads=16", "--no-ws", "--http=1", "--log-level=error"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def database_url() -> str:
    """The database that threads write to, for another process."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


@contextmanager
def granian(data_dir: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The web server on the same database, with the keys of this process; killed at the end, if it still runs."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "NUM_PROXIES": "1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "granian", *GRANIAN, "--host=127.0.0.1", f"--port={port}", "cms.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        wait_until(partial(_answers, port), seconds=120, what="the server answers")
        yield process
    finally:
        kill(process)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """All of it at once, as a power cut would; the session is the server's own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Crowd:
    """People who each send one form, and send it again if they got no answer; `answers` by person."""

    def __init__(self, forms: list[tuple[str, dict[str, Any]]], client: httpx.Client) -> None:
        self.forms, self.client = forms, client
        self.keys = [str(uuid.uuid4()) for _ in forms]
        self.answers: dict[int, httpx.Response] = {}

    def send(self, *, until: Callable[[], bool] = lambda: False, then: Callable[[], None] = lambda: None) -> None:
        """Everybody without an answer; after `until` comes true, `then` is done once and the rest goes nowhere."""
        once = threading.Lock()

        def one(number: int) -> None:
            try:
                answer = self._post(number)
            except httpx.TransportError:
                return
            if answer.status_code != NOT_NOW:
                self.answers[number] = answer
            if until() and once.acquire(blocking=False):
                then()

        waiting = [number for number in range(len(self.forms)) if number not in self.answers]
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(one, waiting))

    def _post(self, number: int) -> httpx.Response:
        path, body = self.forms[number]
        high, low = divmod(number, 250)
        headers = {
            "Idempotency-Key": self.keys[number],
            "X-Forwarded-For": f"10.{high}.{low}.1",
            "Sec-Fetch-Site": "same-origin",
        }
        return self.client.post(path, json=body, headers=headers)

    @property
    def references(self) -> list[str]:
        return [answer.json()["reference"] for answer in self.answers.values() if answer.status_code == 201]


def crowd_of(number: int) -> list[tuple[str, dict[str, Any]]]:
    """Half of them book a time, each another one; half of them ask."""
    factories.ask_no_proof()
    hours = {"starts": time(8), "ends": time(20)}
    service = factories.make_live(duration_minutes=15, practitioners=1, hours=hours)
    person = service.practitioners.get()
    days = list(slots.days_between(DAY, DAY + timedelta(days=number // 80 + 1)))
    diary = slots.Diary(service, [person], days[0], days[-1])
    free = [slot for day in days for slot in diary.free(day)][: number // 2]
    forms = [(APPOINTMENTS_PATH, filled_appointment(slot_id(slot))) for slot in free]
    forms += [(BOOKING_PATH, filled_booking()) for _ in range(number // 2)]
    for place, (_, body) in enumerate(forms):
        body["email"] = f"v{place}@visitor.example"
    return [form for pair in zip(forms[: number // 2], forms[number // 2 :], strict=True) for form in pair]


def emails() -> Counter[str]:
    rows = [model.objects.values_list("email", flat=True) for model in (Appointment, AppointmentRequest)]
    return Counter(email for emails in rows for email in emails)


def references() -> set[str]:
    rows = [model.objects.values_list("reference", flat=True) for model in (Appointment, AppointmentRequest)]
    return {reference for found in rows for reference in found}


def test_what_was_answered_survives_a_kill_and_nothing_is_there_twice(tmp_path: Path) -> None:
    forms, port = prepared(partial(crowd_of, PEOPLE)), free_port()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        survive(Crowd(forms, client), tmp_path, port)
    assert prepared(emails) == {body["email"]: 1 for _, body in forms}
    assert len(prepared(diary)) == PEOPLE // 2


def survive(crowd: Crowd, data_dir: Path, port: int) -> None:
    """The server is killed while they send; after that all of them are answered, and what was answered is stored."""
    with granian(data_dir, port) as process:
        crowd.send(until=lambda: len(crowd.answers) >= KILLED_AFTER, then=partial(kill, process))
    assert KILLED_AFTER <= len(crowd.answers) < PEOPLE
    assert {answer.status_code for answer in crowd.answers.values()} == {201}
    assert set(crowd.references) <= prepared(references)
    assert max(prepared(emails).values()) == 1
    with granian(data_dir, port):
        for _ in range(ROUNDS):
            crowd.send()
    assert len(crowd.answers) == PEOPLE
    assert {answer.status_code for answer in crowd.answers.values()} == {201}
    assert set(crowd.references) == prepared(references)
