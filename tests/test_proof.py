"""Proof of work: a form that brings one is taken, one without is taken under tighter limits, a wrong one is refused."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import altcha
import pytest

from blog.models import BlogPage, ReaderComment
from booking.models import AppointmentRequest
from guard.models import FormProtection, SpentToken
from guard.views import UNPROVED_BURST
from outbox.models import Message
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import (
    BOOKING_PATH,
    BOOKING_TICKET_PATH,
    PRIVACY_PATH,
    PRIVACY_TICKET_PATH,
    comment_ticket_path,
    filled_booking,
    filled_privacy,
    send_comment,
)

pytestmark = pytest.mark.usefixtures("noon")
Parts = dict[str, Any]


@pytest.fixture
def post(site: Any) -> BlogPage:
    FormProtection.objects.update(proof=FormProtection.Proof.LIGHT)
    return factories.make_post()


def solution(challenge: Parts) -> Parts:
    """What a browser sends back for a challenge, before it is put into base64."""
    made = altcha.Challenge.from_dict(challenge)
    solved = altcha.solve_challenge(made)
    assert solved is not None
    return dict(altcha.Payload(made, solved).to_dict())


def encoded(parts: Any) -> str:
    text = parts if isinstance(parts, bytes) else json.dumps(parts).encode()
    return base64.b64encode(text).decode()


def proved(path: str) -> dict[str, str]:
    """A form's ticket with its solved challenge."""
    ticket = fetch_ticket(path)
    return {"ticket": ticket["ticket"], "proof": encoded(solution(ticket["challenge"]))}


# --- Asked for -------------------------------------------------------------------------------------------------------


def test_ticket_brings_a_challenge_of_its_own(post: BlogPage) -> None:
    first, second = (fetch_ticket(comment_ticket_path(post))["challenge"] for _ in range(2))
    asked = first["parameters"]
    assert (asked["algorithm"], asked["cost"], asked["keyPrefix"]) == ("PBKDF2/SHA-256", 1000, "00")
    assert first["signature"] != second["signature"]
    assert asked["salt"] != second["parameters"]["salt"]
    assert not SpentToken.objects.exists()


def test_challenge_costs_what_an_editor_chose(post: BlogPage) -> None:
    FormProtection.objects.update(proof=FormProtection.Proof.HEAVY)
    assert fetch_ticket(comment_ticket_path(post))["challenge"]["parameters"]["cost"] == 20_000


def test_site_asks_for_a_proof_before_anybody_has_set_anything(post: BlogPage) -> None:
    FormProtection.objects.all().delete()
    assert fetch_ticket(comment_ticket_path(post))["challenge"]["parameters"]["cost"] == 5_000
    assert not FormProtection.objects.exists()


def test_nothing_is_asked_for_where_an_editor_switched_it_off(post: BlogPage) -> None:
    FormProtection.objects.update(proof=FormProtection.Proof.OFF)
    assert fetch_ticket(comment_ticket_path(post))["challenge"] is None
    assert send_comment(post).status_code == 202
    assert "no_proof" not in ReaderComment.objects.get().signals


# --- Brought ---------------------------------------------------------------------------------------------------------


def test_comment_with_a_proof_is_taken_without_a_mark(post: BlogPage) -> None:
    assert send_comment(post, **proved(comment_ticket_path(post))).status_code == 202
    comment = ReaderComment.objects.get()
    assert (comment.status, "no_proof" in comment.signals) == ("pending", False)


def test_every_form_takes_a_proof(post: BlogPage) -> None:
    booking = filled_booking(**proved(BOOKING_TICKET_PATH))
    privacy = filled_privacy(**proved(PRIVACY_TICKET_PATH))
    assert Visitor().send("POST", BOOKING_PATH, booking).status_code == 201
    assert Visitor().send("POST", PRIVACY_PATH, privacy).status_code == 202
    assert AppointmentRequest.objects.get().status == "new"


def test_proof_of_an_open_form_stays_good_when_none_is_asked_for_any_more(post: BlogPage) -> None:
    form = proved(comment_ticket_path(post))
    FormProtection.objects.update(proof=FormProtection.Proof.OFF)
    assert send_comment(post, **form).status_code == 202


def test_proof_of_an_open_form_stays_good_when_a_harder_one_is_asked_for(post: BlogPage) -> None:
    form = proved(comment_ticket_path(post))
    FormProtection.objects.update(proof=FormProtection.Proof.HEAVY)
    assert send_comment(post, **form).status_code == 202
    assert "no_proof" not in ReaderComment.objects.get().signals


def test_proof_is_good_once(post: BlogPage) -> None:
    form = proved(comment_ticket_path(post))
    assert send_comment(post, **form).status_code == 202
    again = send_comment(post, **form, body="Something else.")
    assert (again.status_code, again.json()["code"]) == (400, "ticket_spent")
    assert ReaderComment.objects.count() == 1


def test_form_that_was_refused_keeps_its_proof(post: BlogPage) -> None:
    form = proved(comment_ticket_path(post))
    assert send_comment(post, **form, body="").status_code == 400
    assert send_comment(post, **form).status_code == 202


def test_proof_grows_old_with_its_form(post: BlogPage, noon: Any) -> None:
    form = proved(comment_ticket_path(post))
    noon.shift(timedelta(hours=1, minutes=59, seconds=50))
    assert send_comment(post, **form).status_code == 202
    form = proved(comment_ticket_path(post))
    noon.shift(timedelta(hours=2))
    late = send_comment(post, **form)
    assert (late.status_code, late.json()["code"]) == (400, "ticket_expired")


# --- Not brought -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [{}, {"proof": ""}, {"proof": None}])
def test_comment_without_a_proof_is_taken_with_a_mark(nothing: Parts, post: BlogPage) -> None:
    assert send_comment(post, **nothing).status_code == 202
    comment = ReaderComment.objects.get()
    assert (comment.status, "no_proof" in comment.signals) == ("pending", True)


def test_sender_is_not_told_of_the_mark(post: BlogPage) -> None:
    without, having = send_comment(post), send_comment(post, **proved(comment_ticket_path(post)))
    own = {"id": "", "edit_token": ""}
    assert without.json() | own == having.json() | own
    assert without.headers == having.headers


def test_fewer_comments_are_taken_without_a_proof(post: BlogPage) -> None:
    assert [send_comment(post).status_code for _ in range(3)] == [202, 202, 429]
    assert send_comment(post, **proved(comment_ticket_path(post))).status_code == 202


def test_fewer_requests_are_taken_without_a_proof(post: BlogPage) -> None:
    answers = [Visitor().send("POST", PRIVACY_PATH, filled_privacy()).status_code for _ in range(3)]
    assert answers == [202, 202, 429]
    assert Visitor().send("POST", BOOKING_PATH, filled_booking()).status_code == 201


def test_many_networks_together_can_not_flood_one_post_without_proofs(post: BlogPage) -> None:
    allowed = UNPROVED_BURST[0].count
    networks = [Visitor(REMOTE_ADDR=f"198.51.{number}.7") for number in range(allowed + 2)]
    answers = [send_comment(post, network).status_code for network in networks]
    assert answers == [202] * allowed + [429, 429]
    other = Visitor(REMOTE_ADDR="203.0.113.7")
    assert send_comment(post, other, **proved(comment_ticket_path(post))).status_code == 202
    assert send_comment(factories.make_post(), other).status_code == 202


def test_flood_is_over_after_its_ten_minutes(post: BlogPage, noon: Any) -> None:
    for number in range(UNPROVED_BURST[0].count):
        send_comment(post, Visitor(REMOTE_ADDR=f"198.51.{number}.7"))
    late = Visitor(REMOTE_ADDR="203.0.113.7")
    refused = send_comment(post, late)
    assert (refused.status_code, refused["Retry-After"]) == (429, "590")
    noon.shift(timedelta(seconds=590))
    assert send_comment(post, late).status_code == 202


def test_refused_uses_of_one_network_count_for_nobody_else(post: BlogPage) -> None:
    flooding = Visitor(REMOTE_ADDR="198.51.100.7")
    answers = [send_comment(post, flooding).status_code for _ in range(UNPROVED_BURST[0].count + 5)]
    assert set(answers[2:]) == {429}
    assert send_comment(post, Visitor(REMOTE_ADDR="203.0.113.7")).status_code == 202


# --- Wrong -----------------------------------------------------------------------------------------------------------


def within(name: str, value: Any) -> Callable[[Parts], str]:
    """A proof of which one parameter of the challenge was changed, and which was solved again for that."""

    def spoil(parts: Parts) -> str:
        challenge = parts["challenge"]
        challenge["parameters"][name] = value
        return encoded({"challenge": challenge, "solution": parts["solution"]})

    return spoil


def easier(parts: Parts) -> str:
    """Solved honestly, but at a price that the sender chose."""
    parts["challenge"]["parameters"]["cost"] = 1
    return encoded(solution(parts["challenge"]))


def one_digit(parts: Parts) -> str:
    """Solved honestly, but with half of the prefix."""
    parts["challenge"]["parameters"]["keyPrefix"] = "0"
    return encoded(solution(parts["challenge"]))


def signed_by_the_sender(parts: Parts) -> str:
    data = parts["challenge"]["parameters"]["data"]
    made = altcha.create_challenge("PBKDF2/SHA-256", 1, data=data, hmac_secret="guessed")
    return encoded(solution(made.to_dict()))


def with_solution(**fields: Any) -> Callable[[Parts], str]:
    return lambda parts: encoded(parts | {"solution": parts["solution"] | fields})


def twice_named(parts: Parts) -> str:
    """Two expiries, the signed one first: a verifier that reads one and checks the other is fooled."""
    return encoded(re.sub(r'"expiresAt": \d+', r'\g<0>, "expiresAt": 9999999999', json.dumps(parts)).encode())


def twice_the_data(parts: Parts) -> str:
    text = json.dumps(parts)
    return encoded(text.replace('"data":', '"data": {"ticket": "x"}, "cost": 1, "data":', 1).encode())


WRONG: dict[str, Callable[[Parts], Any]] = {
    "cost lowered": within("cost", 1),
    "cost lowered and solved": easier,
    "cost beyond all bounds": within("cost", 10**12),
    "cost of no number": within("cost", "1"),
    "prefix emptied": within("keyPrefix", ""),
    "prefix shortened and solved": one_digit,
    "prefix of no text": within("keyPrefix", None),
    "expiry moved": within("expiresAt", 9_999_999_999),
    "expiry gone": within("expiresAt", None),
    "key shortened": within("keyLength", 1),
    "another salt": within("salt", "00"),
    "salt of no hexadecimals": within("salt", "zz"),
    "another algorithm": within("algorithm", "SHA-256"),
    "unknown algorithm": within("algorithm", "ROT13"),
    "for no ticket": within("data", {}),
    "data of another kind": within("data", "ticket"),
    "signed by the sender": signed_by_the_sender,
    "signature gone": lambda parts: encoded(parts | {"challenge": parts["challenge"] | {"signature": None}}),
    "signature emptied": lambda parts: encoded(parts | {"challenge": parts["challenge"] | {"signature": ""}}),
    "signature of no text": lambda parts: encoded(parts | {"challenge": parts["challenge"] | {"signature": [1]}}),
    "another number": with_solution(counter=10**9),
    "number below nothing": with_solution(counter=-1),
    "number beyond all bounds": with_solution(counter=2**70),
    "number of no number": with_solution(counter="x"),
    "another key": with_solution(derivedKey="00" * 32),
    "key emptied": with_solution(derivedKey=""),
    "key of no text": with_solution(derivedKey=None),
    "no solution": lambda parts: encoded({"challenge": parts["challenge"]}),
    "no challenge": lambda parts: encoded({"solution": parts["solution"]}),
    "data named twice": twice_the_data,
    "expiry named twice": twice_named,
    "empty object": lambda parts: encoded({}),
    "list": lambda parts: encoded([parts]),
    "number only": lambda parts: encoded(5),
    "null only": lambda parts: encoded(None),
    "deep lists": lambda parts: encoded(b"[" * 3000),
    "deep objects": lambda parts: encoded(b'{"challenge":' * 230),
    "longer than allowed": lambda parts: encoded(parts | {"x": "x" * 5000}),
    "5 KB of nothing": lambda parts: "A" * 5120,
    "60 KB": lambda parts: "A" * 61_440,
    "no base64": lambda parts: "!!!",
    "not ASCII": lambda parts: "é" * 40,
    "no JSON": lambda parts: encoded(b"challenge=1"),
    "no UTF-8": lambda parts: encoded(b"\xff\xfe"),
    "a space": lambda parts: " ",
}


def assert_nothing_came_of(response: Any) -> None:
    assert response.status_code == 400
    assert response.json().keys() == {"code", "detail", "errors"}
    assert not ReaderComment.objects.exists()
    assert not Message.objects.exists()
    assert not SpentToken.objects.exists()


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_wrong_proof_is_refused(spoil: Callable[[Parts], str], post: BlogPage) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))
    began = time.perf_counter()
    parts = solution(ticket["challenge"])
    solving = time.perf_counter() - began
    proof = spoil(json.loads(json.dumps(parts)))
    began = time.perf_counter()
    response = send_comment(post, ticket=ticket["ticket"], proof=proof)
    assert time.perf_counter() - began < 5 + solving
    assert_nothing_came_of(response)
    assert response.json()["code"] == "invalid_proof"
    assert list(response.json()["errors"]) == ["ticket"]
    assert send_comment(post, ticket=ticket["ticket"], proof=encoded(parts)).status_code == 202


@pytest.mark.parametrize("value", [5, 0, 1.5, True, False, [], {}, ["x"], {"challenge": {}}], ids=repr)
def test_proof_that_is_no_text_is_refused(value: Any, post: BlogPage) -> None:
    response = send_comment(post, proof=value)
    assert_nothing_came_of(response)
    assert response.json()["code"] == "invalid"
    assert list(response.json()["errors"]) == ["proof"]


def test_proof_of_another_ticket_is_refused(post: BlogPage) -> None:
    bought = proved(comment_ticket_path(post))["proof"]
    response = send_comment(post, proof=bought)
    assert_nothing_came_of(response)
    assert response.json()["code"] == "invalid_proof"


def test_proof_of_another_form_is_refused(post: BlogPage) -> None:
    response = send_comment(post, proof=proved(BOOKING_TICKET_PATH)["proof"])
    assert_nothing_came_of(response)
    assert response.json()["code"] == "invalid_proof"


def test_proof_dies_with_the_secret_key(post: BlogPage, settings: Any) -> None:
    bought = proved(comment_ticket_path(post))
    settings.SECRET_KEY = "another key"
    assert_nothing_came_of(send_comment(post, **bought))


@pytest.mark.parametrize(("path", "fill"), [(BOOKING_PATH, filled_booking), (PRIVACY_PATH, filled_privacy)])
def test_wrong_proof_is_refused_by_every_form(path: str, fill: Any, post: BlogPage) -> None:
    response = Visitor().send("POST", path, fill(proof="AAAA"))
    assert_nothing_came_of(response)
    assert response.json()["code"] == "invalid_proof"
    assert not AppointmentRequest.objects.exists()
