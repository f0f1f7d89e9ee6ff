"""Mail over a real socket: servers that are down, slow, refuse or hang up, workers at once and one that is killed."""

from __future__ import annotations

import email
import os
import socket
import socketserver
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from outbox.models import Message
from outbox.services import BACK_OFF, queue, send_due
from tests import factories
from tests.conftest import IN_THREADS, Visitor, in_threads
from tests.forms import comments_path, filled_comment

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLINIC = "hello@clinic.example"
OK = "250 ok"
HANG_UP = ""
PATIENCE = 60


@pytest.fixture(autouse=True)
def clinic(site: Any) -> None:
    """Every mail here is to a clinic that has its address."""


# --- A mail server that does as it is told ---------------------------------------------------------------------------


class Held:
    """An answer that waits until the test lets it go."""

    def __init__(self, answer: str = OK) -> None:
        self.answer, self.reached, self.released = answer, Event(), Event()

    def wait(self) -> str:
        self.reached.set()
        self.released.wait(PATIENCE)
        return self.answer


Answer = str | Held
USUAL = {"CONNECT": "220 mail.example", "DATA": "354 go on", "QUIT": "221 bye"}


class Conversation(socketserver.StreamRequestHandler):
    """Answers each command in turn; END is the end of a mail's text."""

    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        said = self.reply("CONNECT")
        while said and (line := self.rfile.readline()):
            verb = line[:4].decode().upper()
            said = self.reply(verb)
            if verb == "QUIT":
                return
            if said.startswith("354"):
                said = self.read_mail()

    def read_mail(self) -> str:
        text = b"".join(iter(self.rfile.readline, b".\r\n"))
        answer = self.server.next_answer("END")
        if isinstance(answer, Held) or not answer.startswith(("4", "5")):
            self.server.mails.append(email.message_from_bytes(text))
        return self.say(answer)

    def reply(self, verb: str) -> str:
        return self.say(self.server.next_answer(verb))

    def say(self, answer: Answer) -> str:
        words = answer.wait() if isinstance(answer, Held) else answer
        self.wfile.write(f"{words}\r\n".encode() if words else b"")
        return words


class MailServer(socketserver.ThreadingTCPServer):
    """`mails` are those whose text it took, whatever became of its answer."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers: dict[str, deque[Answer]] = defaultdict(deque)
        self.mails: list[Mail] = []
        self.held: list[Held] = []
        self.connections = 0

    def hold(self, answer: str = OK) -> Held:
        """An answer that the test lets go of, at its end at the latest."""
        self.held.append(Held(answer))
        return self.held[-1]

    def will_answer(self, verb: str, *answers: Answer) -> None:
        self.answers[verb].extend(answers)

    def next_answer(self, verb: str) -> Answer:
        return self.answers[verb].popleft() if self.answers[verb] else USUAL.get(verb, OK)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Its other end was killed."""

    def let_go(self) -> None:
        for held in self.held:
            held.released.set()


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = PATIENCE
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        listening = Thread(target=server.serve_forever, args=(0.01,))
        listening.start()
        yield server
        server.let_go()
        server.shutdown()
        listening.join()


def port_of_nobody() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def to_clinic(number: int = 1) -> None:
    """Mails that are due now, each to the clinic about a request."""
    for _ in range(number):
        request = factories.make_request()
        queue(kind="booking.waiting", context={"request": str(request.pk)}, dedupe_key=str(request.pk))


def stored() -> list[tuple[str, int, str]]:
    """Status, attempts and last error of every mail."""
    return list(Message.objects.order_by("attempts").values_list("status", "attempts", "last_error"))


def message_ids(server: MailServer) -> list[str]:
    return [mail["Message-ID"] for mail in server.mails]


def reached(event: Event) -> None:
    assert event.wait(PATIENCE)


# --- What the server gets --------------------------------------------------------------------------------------------


def test_mail_is_plain_text_from_a_program_under_its_own_id(server: MailServer) -> None:
    to_clinic()
    assert send_due() == 1
    (mail,) = server.mails
    assert mail["To"] == CLINIC
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == Message.objects.get().message_id
    assert mail["Message-ID"].endswith("@127.0.0.1>")
    assert next(mail.walk()).get_content_type() == "text/plain"


@pytest.mark.parametrize("field", ["name", "email"])
def test_line_break_in_a_header_is_refused_before_anybody_is_asked(field: str, server: MailServer) -> None:
    factories.make_settings(**{field: "clinic@clinic.example\nBcc: someone@else.example"})
    factories.make_comment(factories.make_post(), status="pending")
    queue(kind="blog.comments_waiting", context={}, dedupe_key="waiting")
    assert send_due() == 0
    assert stored() == [("dead", 1, "BadHeaderError")]
    assert server.connections == 0


def test_server_that_hangs_up_after_its_answer_got_the_mail(server: MailServer) -> None:
    to_clinic()
    server.will_answer("QUIT", HANG_UP)
    assert [send_due(), send_due()] == [1, 0]
    assert len(server.mails) == 1


# --- A server in trouble ---------------------------------------------------------------------------------------------


def test_comment_is_announced_once_the_server_is_back(server: MailServer, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, port_of_nobody()
    with time_machine.travel(NOON, tick=False) as clock:
        post = factories.make_post()
        assert Visitor().send("POST", comments_path(post), filled_comment(post)).status_code == 202
        clock.shift(timedelta(minutes=15))
        assert [send_due(), send_due()] == [0, 0]
        assert stored() == [("queued", 1, "ConnectionRefusedError")]
        settings.EMAIL_PORT = port
        clock.shift(BACK_OFF[0])
        assert send_due() == 1
    assert [mail["Subject"] for mail in server.mails] == ["1 comment waits on Tern Street Clinic"]


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("CONNECT", "421 too busy", "SMTPConnectError"),
        ("MAIL", "451 not now", "SMTPSenderRefused"),
        ("RCPT", "450 greylisted", "SMTPRecipientsRefused"),
        ("RCPT", "421 too busy", "SMTPRecipientsRefused"),
        ("DATA", "451 not now", "SMTPDataError"),
        ("END", "452 disk full", "SMTPDataError"),
        ("RCPT", HANG_UP, "SMTPServerDisconnected"),
    ],
)
def test_server_that_asks_to_wait_gets_the_mail_later(verb: str, answer: str, error: str, server: MailServer) -> None:
    server.will_answer(verb, answer)
    with time_machine.travel(NOON, tick=False) as clock:
        to_clinic()
        assert [send_due(), send_due()] == [0, 0]
        assert stored() == [("queued", 1, error)]
        clock.shift(BACK_OFF[0])
        assert send_due() == 1
    assert stored() == [("sent", 2, "")]
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("MAIL", "550 not from you", "SMTPSenderRefused"),
        ("RCPT", "550 no such mailbox", "SMTPRecipientsRefused"),
        ("DATA", "554 no", "SMTPDataError"),
        ("END", "554 looks like spam", "SMTPDataError"),
    ],
)
def test_mail_that_is_refused_for_good_is_tried_once(verb: str, answer: str, error: str, server: MailServer) -> None:
    to_clinic()
    server.will_answer(verb, answer)
    assert send_due() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert send_due() == 0
    assert stored() == [("dead", 1, error)]
    assert (server.connections, server.mails) == (1, [])


def test_mail_whose_acceptance_was_lost_goes_once_more_under_the_same_id(server: MailServer) -> None:
    server.will_answer("END", HANG_UP)
    with time_machine.travel(NOON, tick=False) as clock:
        to_clinic()
        assert send_due() == 0
        clock.shift(BACK_OFF[0])
        assert [send_due(), send_due()] == [1, 0]
    assert message_ids(server) == [Message.objects.get().message_id] * 2


def test_server_that_says_nothing_holds_up_one_mail_and_not_all(server: MailServer, settings: Any) -> None:
    to_clinic(3)
    settings.EMAIL_TIMEOUT = 0.2
    server.will_answer("CONNECT", server.hold())
    assert send_due() == 0
    assert server.connections == 1
    assert [attempts for _, attempts, _ in stored()] == [0, 0, 1]
    assert send_due() == 2


def test_mail_that_is_refused_holds_up_no_other(server: MailServer) -> None:
    to_clinic(3)
    server.will_answer("RCPT", "550 no such mailbox")
    assert send_due() == 2
    assert sorted(status for status, _, _ in stored()) == ["dead", "sent", "sent"]


# --- Visitors, and other workers, while a server is slow -------------------------------------------------------------


def beside(slow: Callable[[], Any], steps: Callable[[], Any], *, server: MailServer) -> None:
    """Run these steps while something slow goes on, which ends in any case."""

    def directed() -> None:
        try:
            steps()
        finally:
            server.let_go()

    in_threads([slow, directed])


def seconds_of(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
def test_visitor_and_other_workers_do_not_wait_for_a_slow_server(server: MailServer) -> None:
    held = server.hold()
    server.will_answer("END", held)

    def slow() -> None:
        to_clinic()
        assert send_due() == 1

    def steps() -> None:
        reached(held.reached)
        post = factories.make_post()
        comment = filled_comment(post)

        def write() -> None:
            assert Visitor().send("POST", comments_path(post), comment).status_code == 202

        assert seconds_of(write) < 0.5
        assert seconds_of(send_due) < 0.5
        assert Message.objects.filter(kind="blog.comments_waiting").exists()

    beside(slow, steps, server=server)
    assert len(server.mails) == 1


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize("answer", [OK, "451 not now", "550 no"])
def test_worker_that_lost_its_lease_decides_nothing(answer: str, server: MailServer) -> None:
    first, second, ended = server.hold(answer), server.hold(), Event()
    server.will_answer("END", first, second)

    def slow() -> None:
        to_clinic()
        send_due()
        ended.set()

    def taking_over() -> None:
        reached(first.reached)
        Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert send_due() == 1
        assert stored() == [("sent", 2, "")]

    def steps() -> None:
        reached(second.reached)
        before = list(Message.objects.values())
        first.released.set()
        reached(ended)
        assert list(Message.objects.values()) == before

    beside(lambda: in_threads([slow, taking_over]), steps, server=server)
    assert len(set(message_ids(server))) == 1


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
def test_many_workers_send_each_mail_once(server: MailServer) -> None:
    in_threads([lambda: to_clinic(20)])
    assert sum(in_threads([send_due] * 4)) == 20
    assert len(set(message_ids(server))) == len(server.mails) == 20
    assert in_threads([stored]) == [[("sent", 1, "")] * 20]


# --- Workers that are killed -----------------------------------------------------------------------------------------


def worker(*arguments: str, data_dir: Path, server: MailServer) -> subprocess.Popen[bytes]:
    """`manage.py worker` on this test's database, for this test's mail server."""
    variables = {"DATA_DIR": str(data_dir), "EMAIL_URL": "smtp://{}:{}".format(*server.server_address)}
    if connection.vendor != "sqlite":
        place = connection.settings_dict
        host = f"{place['HOST'] or '127.0.0.1'}:{place['PORT'] or 5432}"
        variables["DATABASE_URL"] = f"postgres://{place['USER']}:{place['PASSWORD']}@{host}/{place['NAME']}"
    command = [sys.executable, "manage.py", "worker", *arguments]
    return subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=os.environ | variables)


@IN_THREADS
@pytest.mark.usefixtures("for_threads")
@pytest.mark.parametrize(("verb", "copies"), [("RCPT", 1), ("END", 2)])
def test_mail_of_a_killed_worker_goes_out_when_its_lease_ended(
    verb: str, copies: int, server: MailServer, tmp_path: Path
) -> None:
    held = server.hold()
    server.will_answer(verb, held)
    in_threads([to_clinic])
    killed = worker(data_dir=tmp_path, server=server)
    try:
        reached(held.reached)
    finally:
        killed.kill()
        killed.wait()
    server.let_go()

    def end_lease() -> None:
        assert stored() == [("queued", 1, "")]
        assert send_due() == 0
        assert Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1)) == 1

    in_threads([end_lease])
    assert worker("--once", data_dir=tmp_path, server=server).wait(PATIENCE) == 0
    assert in_threads([stored]) == [[("sent", 2, "")]]
    assert len(server.mails) == copies
    assert len(set(message_ids(server))) == 1
