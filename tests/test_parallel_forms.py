"""The same form many times at once, each on a connection of its own: taken once, refused in words, never an error."""

from __future__ import annotations

import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from blog import moderation, tokens
from blog.models import BlogPage, ReaderComment
from booking.models import AppointmentRequest
from guard.models import IdempotencyKey, RateEvent, SpentToken
from outbox.models import Message
from tests import factories
from tests.conftest import IN_THREADS, Visitor, in_threads
from tests.forms import BOOKING_PATH, comments_path, filled_booking, filled_comment

pytestmark = [IN_THREADS, pytest.mark.usefixtures("noon", "for_threads")]
TWENTY = 20


def alone(call: Any) -> Any:
    """What a call gives where the database of these tests is."""
    (given,) = in_threads([call])
    return given


def at_once(calls: list[Any]) -> list[Any]:
    return in_threads(calls, workers=len(calls))


def from_network(number: int) -> Visitor:
    return Visitor(REMOTE_ADDR=f"198.51.{number}.7")


def send(visitor: Visitor, path: str, body: Any, key: str = "", method: str = "POST", token: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return visitor.send(method, path, body, headers=headers | ({"Authorization": f"Comment {token}"} if token else {}))


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def count(*models: Any) -> Any:
    return alone(lambda: [model._default_manager.count() for model in models])


def test_ticket_that_is_sent_many_times_at_once_is_good_for_one() -> None:
    post, body = alone(lambda: (post := factories.make_post(), filled_comment(post)))
    answers = at_once([partial(send, from_network(n), comments_path(post), body) for n in range(TWENTY)])
    assert statuses(answers) == {202: 1, 400: TWENTY - 1}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"ticket_spent"}
    assert count(ReaderComment, SpentToken, Message) == [1, 1, 1]


def test_request_that_is_sent_many_times_at_once_is_one() -> None:
    body = alone(filled_booking)
    answers = at_once([partial(send, from_network(n), BOOKING_PATH, body) for n in range(TWENTY)])
    assert statuses(answers) == {201: 1, 400: TWENTY - 1}
    assert count(AppointmentRequest, Message) == [1, 2]


@pytest.mark.parametrize("form", ["comment", "booking"])
def test_key_that_comes_many_times_at_once_gets_one_answer(form: str) -> None:
    """A browser that lost the connection sends the whole form again, its ticket too."""

    def prepare() -> tuple[str, Any]:
        post = factories.make_post()
        return (comments_path(post), filled_comment(post)) if form == "comment" else (BOOKING_PATH, filled_booking())

    path, body = alone(prepare)
    key = str(uuid.uuid4())
    answers = at_once([partial(send, from_network(n), path, body, key) for n in range(TWENTY)])
    taken = [answer.json() for answer in answers if answer.status_code < 300]
    assert taken
    assert all(answer == taken[0] for answer in taken)
    refused = {(answer.status_code, answer.json()["code"]) for answer in answers if answer.status_code >= 300}
    assert refused <= {(409, "in_progress")}
    assert count(ReaderComment if form == "comment" else AppointmentRequest, IdempotencyKey) == [1, 1]
    assert alone(partial(send, Visitor(), path, body, key)).json() == taken[0]


def test_limit_is_exact_however_many_come_at_once() -> None:
    post, bodies = alone(lambda: (post := factories.make_post(), [filled_comment(post) for _ in range(50)]))
    answers = at_once([partial(send, Visitor(), comments_path(post), body) for body in bodies])
    assert statuses(answers) == {202: 3, 429: 47}
    assert count(ReaderComment) == [3]
    assert alone(lambda: set(RateEvent.objects.values_list("count", flat=True))) == {3}


def test_comments_from_many_networks_at_once_are_all_taken() -> None:
    post, bodies = alone(lambda: (post := factories.make_post(), [filled_comment(post) for _ in range(50)]))
    calls = [partial(send, from_network(n), comments_path(post), body) for n, body in enumerate(bodies)]
    answers = at_once(calls)
    assert statuses(answers) == {202: 50}
    stored = alone(lambda: {str(pk) for pk in ReaderComment.objects.values_list("pk", flat=True)})
    assert stored == {answer.json()["id"] for answer in answers}


def _own_comment() -> tuple[BlogPage, str, str]:
    post = factories.make_post()
    comment = factories.make_comment(post, status="pending")
    return post, f"/api/v1/comments/{comment.pk}/", tokens.edit_token(comment)


def test_comment_that_is_taken_back_many_times_at_once_goes_once() -> None:
    _, path, token = alone(_own_comment)
    answers = at_once([partial(send, from_network(n), path, None, method="DELETE", token=token) for n in range(TWENTY)])
    assert statuses(answers) == {204: 1, 404: TWENTY - 1}
    assert count(ReaderComment) == [0]


def test_changes_at_once_come_one_after_the_other() -> None:
    _, path, token = alone(_own_comment)
    calls = [
        partial(send, from_network(n), path, {"body": f"Version {n}"}, method="PATCH", token=token)
        for n in range(TWENTY)
    ]
    assert statuses(at_once(calls)) == {200: TWENTY}
    assert alone(lambda: ReaderComment.objects.get().revision) == TWENTY + 1


def test_changes_meet_a_comment_that_is_taken_back() -> None:
    _, path, token = alone(_own_comment)
    calls = [
        partial(send, from_network(n), path, {"body": f"Version {n}"}, method=method, token=token)
        for n, method in enumerate(["PATCH", "PATCH", "DELETE", "PATCH"] * 3)
    ]
    found = statuses(at_once(calls))
    assert set(found) <= {200, 204, 404}
    assert found[204] == 1
    assert count(ReaderComment) == [0]


def test_moderator_approves_what_was_read_or_nothing() -> None:
    """The writer changes the text at the moment of the decision: one of them comes too late, and learns it."""
    _, path, token = alone(_own_comment)
    user = alone(lambda: get_user_model().objects.create_user("moderator"))
    comment_id = alone(lambda: ReaderComment.objects.get().pk)

    def approve() -> bool:
        try:
            moderation.decide(comment_id=comment_id, action="approve", user=user, revision=1)
        except moderation.DecisionRefused:
            return False
        return True

    change = partial(send, Visitor(), path, {"body": "Buy pills."}, method="PATCH", token=token)
    was_approved, answer = at_once([approve, change])
    assert (was_approved, answer.status_code) in [(True, 409), (False, 200)]
    stored = alone(lambda: ReaderComment.objects.get())
    assert (stored.status, stored.body) == (("approved", "That helped.") if was_approved else ("pending", "Buy pills."))


def test_decision_that_is_made_twice_at_once_is_made_once() -> None:
    alone(_own_comment)
    users = alone(lambda: [get_user_model().objects.create_user(f"moderator-{n}") for n in range(8)])
    comment_id = alone(lambda: ReaderComment.objects.get().pk)

    def approve(user: Any) -> bool:
        try:
            moderation.decide(comment_id=comment_id, action="approve", user=user)
        except moderation.DecisionRefused:
            return False
        return True

    assert sum(at_once([partial(approve, user) for user in users])) == 1


def test_answers_meet_the_comment_that_is_taken_back() -> None:
    """An answer is taken or refused; one that was taken is there, and shown under a place at most."""

    def prepare() -> tuple[Any, ...]:
        post = factories.make_post()
        parent = factories.make_comment(post)
        bodies = [filled_comment(post, parent=str(parent.pk)) for _ in range(8)]
        return post, bodies, f"/api/v1/comments/{parent.pk}/", tokens.edit_token(parent)

    post, bodies, path, token = alone(prepare)
    calls = [partial(send, from_network(n), comments_path(post), body) for n, body in enumerate(bodies)]
    calls.insert(3, partial(send, Visitor(), path, None, method="DELETE", token=token))
    answers = at_once(calls)
    assert set(statuses(answers)) <= {202, 204, 400}
    taken = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert taken <= alone(lambda: {str(pk) for pk in ReaderComment.objects.values_list("pk", flat=True)})


def test_address_that_is_confirmed_many_times_at_once_is_confirmed() -> None:
    def prepare() -> str:
        comment = factories.make_comment(
            factories.make_post(), status="pending", email="ada@visitor.example", email_digest="x" * 32
        )
        return tokens.confirm_token(comment)

    token = alone(prepare)
    calls = [partial(send, from_network(n), "/api/v1/comments/confirm/", {"token": token}) for n in range(8)]
    assert statuses(at_once(calls)) == {204: 8}
