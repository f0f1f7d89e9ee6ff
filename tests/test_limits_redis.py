"""Limits that several machines share through Redis, and what becomes of them while Redis is away."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import redis
import time_machine

from blog.models import BlogPage, ReaderComment
from guard import counters
from guard.models import FormProtection, RateEvent
from guard.views import UNPROVED_BURST
from tests import factories
from tests.conftest import IN_THREADS, Visitor, in_threads
from tests.forms import comments_path, filled_comment, send_comment

URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
CLOSED = "redis://127.0.0.1:1/0"
KEYS = "gait:limit:*"


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def next_hour() -> Iterator[Any]:
    """A clock that stands still in the hour to come: Redis has its own, and forgets at once what has expired."""
    hour = datetime.now(UTC).replace(minute=0, second=10, microsecond=0) + timedelta(hours=1)
    with time_machine.travel(hour, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shared(settings: Any, next_hour: Any) -> Iterator[Any]:
    """A Redis with no counts of ours in it."""
    with redis.Redis.from_url(URL, socket_connect_timeout=1, decode_responses=True) as client:
        try:
            client.ping()
        except redis.RedisError:
            pytest.skip(f"no Redis answers at {URL}; name another one in TEST_REDIS_URL")
        forget(client)
        settings.REDIS_URL = URL
        yield client
        forget(client)
    let_go(URL)


def forget(client: Any) -> None:
    for key in client.scan_iter(KEYS):
        client.delete(key)


def let_go(url: str) -> None:
    counters._redis(url).close()


def statuses(number: int, post: BlogPage, **meta: str) -> list[int]:
    return [send_comment(post, Visitor(**meta)).status_code for _ in range(number)]


# --- Redis is there --------------------------------------------------------------------------------------------------


def test_limit_holds(shared: Any, post: BlogPage) -> None:
    assert statuses(5, post) == [202, 202, 202, 429, 429]
    assert ReaderComment.objects.count() == 3
    assert not RateEvent.objects.exists()


def test_other_networks_are_not_held_up(shared: Any, post: BlogPage) -> None:
    assert statuses(4, post, REMOTE_ADDR="2001:db8:1:2::1")[-1] == 429
    assert statuses(1, post, REMOTE_ADDR="2001:db8:1:2:ffff::1") == [429]
    assert statuses(1, post, REMOTE_ADDR="2001:db8:1:3::1") == [202]


def test_what_another_machine_counted_counts_here(shared: Any, post: BlogPage) -> None:
    statuses(1, post)
    (minute,) = [key for key in shared.scan_iter(KEYS) if ":60s@" in key]
    shared.incrby(minute, 2)
    assert statuses(1, post) == [429]


def test_counts_are_forgotten_when_their_window_ends(shared: Any, post: BlogPage, next_hour: Any) -> None:
    statuses(1, post)
    keys = list(shared.scan_iter(KEYS))
    assert len(keys) == 3
    for key in keys:
        seconds, begins = key.rpartition(":")[2].split("s@")
        assert shared.execute_command("EXPIRETIME", key) == int(begins) + int(seconds)


def test_next_minute_is_a_new_one(shared: Any, post: BlogPage, next_hour: Any) -> None:
    assert statuses(4, post)[-1] == 429
    next_hour.shift(timedelta(minutes=1))
    assert statuses(1, post) == [202]


def test_counts_name_nobody(shared: Any, post: BlogPage) -> None:
    statuses(1, post, REMOTE_ADDR="198.51.100.7")
    assert not [key for key in shared.scan_iter(KEYS) if "198.51" in key]


def test_one_network_can_not_use_up_what_all_may_send_without_a_proof(shared: Any, post: BlogPage) -> None:
    FormProtection.objects.update(proof=FormProtection.Proof.LIGHT)
    flood = statuses(UNPROVED_BURST[0].count + 5, post, REMOTE_ADDR="198.51.100.7")
    assert flood[:3] == [202, 202, 429]
    assert statuses(1, post, REMOTE_ADDR="203.0.113.7") == [202]


@IN_THREADS
@pytest.mark.usefixtures("shared", "for_threads")
def test_limit_is_exact_however_many_come_at_once() -> None:
    def prepare() -> Any:
        post = factories.make_post()
        return comments_path(post), [filled_comment(post) for _ in range(50)]

    ((path, bodies),) = in_threads([prepare])
    answers = in_threads([partial(Visitor().send, "POST", path, body) for body in bodies], workers=50)
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 47


# --- Redis is away ---------------------------------------------------------------------------------------------------


def test_while_redis_is_away_the_database_counts_half_as_much(post: BlogPage, settings: Any, noon: Any) -> None:
    settings.REDIS_URL = CLOSED
    assert statuses(2, post) == [202, 429]
    noon.shift(timedelta(minutes=1))
    assert statuses(1, post) == [202]
    assert RateEvent.objects.exists()


def test_nobody_waits_for_a_redis_that_is_away(post: BlogPage, settings: Any, noon: Any) -> None:
    settings.REDIS_URL = CLOSED
    assert seconds_for(post) < 2
    assert seconds_for(post) < 1


def test_nobody_waits_for_a_redis_that_hangs(post: BlogPage, settings: Any, noon: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        assert seconds_for(post) < 2
        assert seconds_for(post) < 1
        let_go(settings.REDIS_URL)


def seconds_for(post: BlogPage) -> float:
    body = filled_comment(post)
    began = time.perf_counter()
    assert Visitor().send("POST", comments_path(post), body).status_code in {202, 429}
    return time.perf_counter() - began


def test_redis_that_is_back_counts_again(shared: Any, post: BlogPage, settings: Any, monkeypatch: Any) -> None:
    settings.REDIS_URL = CLOSED
    assert statuses(1, post) == [202]
    assert not list(shared.scan_iter(KEYS))
    settings.REDIS_URL = URL
    monkeypatch.setattr(counters, "_away_until", 0.0)
    assert statuses(1, post) == [202]
    assert list(shared.scan_iter(KEYS))
