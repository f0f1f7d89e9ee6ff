"""A delivery network is told what is out of date, by tags, until it has taken it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cms import cdn
from home import changes
from home.changes import Change
from tests import factories
from tests.conftest import Visitor


class Network(ThreadingHTTPServer):
    """Notes what it is told; answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Told)
        self.status, self.told = 200, []  # type: ignore[var-annotated]


class Told(BaseHTTPRequestHandler):
    def do_PURGE(self) -> None:
        self._take(self.headers["Cache-Tag"].split(","))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Authorization"] == "Bearer secret"
        assert self.path == "/client/v4/zones/zone/purge_cache"
        self._take(json.loads(body)["tags"])

    def _take(self, tags: list[str]) -> None:
        self.server.told.append(tags)  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def network(settings: Any, site: Any) -> Iterator[Network]:
    Change.objects.all().delete()
    with Network() as network:
        threading.Thread(target=network.serve_forever).start()
        settings.CDN_PURGE = f"http://127.0.0.1:{network.server_port}"
        settings.WAGTAILFRONTENDCACHE = {"default": {"BACKEND": "cms.cdn.HTTPCache", "LOCATION": settings.CDN_PURGE}}
        yield network
        network.shutdown()


def test_each_change_is_told_once(network: Network) -> None:
    purges = cdn.Purges()
    post = factories.make_post()
    purges.turn()
    assert f"page-{post.pk}" in network.told[0]
    purges.turn()
    changes.record("comments-5", "comments")
    purges.turn()
    assert network.told[1:] == [["comments", "comments-5"]]


def test_what_was_not_taken_is_told_again(network: Network) -> None:
    purges = cdn.Purges()
    changes.record("posts")
    network.status = 503
    purges.turn()
    network.status = 200
    changes.record("site")
    purges.turn()
    purges.turn()
    assert network.told == [["posts"], ["posts", "site"]]


def test_worker_that_was_away_tells_what_it_missed(network: Network) -> None:
    changes.record("posts")
    cdn.Purges().turn()
    assert network.told == [["posts"]]


def test_cloudflare_is_told_thirty_at_once(network: Network, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WAGTAILFRONTENDCACHE = {
        "default": {"BACKEND": "cms.cdn.Cloudflare", "ZONEID": "zone", "BEARER_TOKEN": "secret"}
    }
    (backend,) = cdn.get_backends().values()
    there = backend.cloudflare_purge_endpoint_url.removeprefix("https://api.cloudflare.com")
    backend.cloudflare_purge_endpoint_url = f"http://127.0.0.1:{network.server_port}{there}"
    backend.purge_tags(f"page-{number}" for number in range(65))
    assert [len(tags) for tags in network.told] == [30, 30, 5]


def test_only_a_network_that_is_told_may_keep_pages(network: Network, settings: Any) -> None:
    factories.make_post(slug="calf")
    page = Visitor().get("/blog/calf/")
    assert page["CDN-Cache-Control"] == "max-age=86400"
    assert page["Cache-Control"] == "public, max-age=0, must-revalidate"
    # Out of date at midnight, without a change.
    assert "CDN-Cache-Control" not in Visitor().get("/api/v1/booking/options/")
    settings.CDN_PURGE = ""
    Visitor.page_cache.forget()
    assert "CDN-Cache-Control" not in Visitor().get("/blog/calf/")
