"""The frontend's two ways to the API give the same answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.test import RequestFactory
from rest_framework.renderers import JSONRenderer
from wagtail.contrib.redirects.models import Redirect

from blog.models import BlogPage
from consent.models import Receipt
from frontend import api as frontend_api
from frontend.api import LocalApi, RemoteApi, api_for
from tests import factories
from tests.conftest import NetworkHere, Visitor

HOST = "127.0.0.1:8000"


@pytest.fixture(autouse=True)
def network(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP to the API ends in this process."""
    settings.API_URL = "http://cms.internal/api/v1"
    client = NetworkHere(transport=httpx.WSGITransport(app=WSGIHandler()))
    monkeypatch.setattr(frontend_api, "_client", lambda: client)


@pytest.fixture
def post(site: Any) -> BlogPage:
    picture = factories.make_picture(presets=("hero", "body", "social", "portrait"))
    post = factories.make_post(
        slug="calf",
        title="Calf & heel",
        hero_image=picture,
        hero_alt="A calf",
        tags=["Calf raises"],
        topics=[factories.make_topic(slug="running")],
        authors=[factories.make_author(slug="maren-holt", photo=picture)],
    )
    root = factories.make_comment(post)
    factories.make_comment(post, parent=root, body="It did.")
    factories.make_practitioner(services=[factories.make_service()])
    factories.make_page(slug="about")
    Redirect.add_redirect("/old", redirect_to=post)
    return post


def request_of(**extra: Any) -> HttpRequest:
    return RequestFactory().get("/", headers={"Host": HOST}, **extra)


def as_json(data: Any) -> Any:
    return json.loads(JSONRenderer().render(data))


READS: list[tuple[str, dict[str, Any]]] = [
    ("site/", {}),
    ("pages/", {}),
    ("pages/", {"limit": 1, "offset": 1}),
    ("pages/by-path/", {"path": "/"}),
    ("pages/by-path/", {"path": "/about/"}),
    ("pages/by-path/", {"path": "/blog/"}),
    ("pages/by-path/", {"path": "/blog/calf/"}),
    ("pages/by-path/", {"path": "/old/"}),
    ("pages/by-path/", {"path": "/nowhere/"}),
    ("pages/by-path/", {}),
    ("preview/", {"content_type": "blog.blogpage", "token": "x"}),
    ("posts/", {}),
    ("posts/", {"limit": 1}),
    ("posts/", {"topic": "running", "author": "maren-holt"}),
    ("posts/", {"tag": "Calf raises"}),
    ("posts/", {"search": "calf & heel"}),
    ("posts/", {"topic": "unknown"}),
    ("posts/", {"limit": "x"}),
    ("posts/{post}/", {}),
    ("posts/{post}/comments/", {}),
    ("posts/{post}/comments/", {"limit": 1}),
    ("posts/{post}/comments/", {"cursor": "x"}),
    ("comments/", {"limit": 1}),
    ("comments/", {"post": 999999}),
    ("posts/999999/", {}),
    ("comments/{comment}/", {}),
    ("comments/00000000-0000-4000-8000-000000000000/", {}),
    ("consent/", {}),
    ("consent/choice/", {}),
    ("consent/receipts/AAAAAAAAAAAAAAAAAAAAAA/", {}),
    ("booking/options/", {}),
    ("forms/comment/ticket/", {}),
]


@pytest.mark.parametrize(("path", "params"), READS, ids=[f"{path}?{params}" for path, params in READS])
def test_both_ways_give_the_same_answer(post: BlogPage, path: str, params: dict[str, Any]) -> None:
    path = path.format(post=post.pk, comment=post.comments.first().pk)
    local, remote = LocalApi(request_of()), RemoteApi(request_of())
    here, there = local.get(path, **params), remote.get(path, **params)
    assert here.status == there.status
    assert as_json(here.data) == there.data
    assert here.tags == there.tags
    assert local.tags == remote.tags


@pytest.mark.parametrize("path", ["forms/booking/ticket/", "forms/comment/ticket/", "forms/privacy/ticket/"])
def test_both_ways_fetch_tickets(post: BlogPage, path: str) -> None:
    params = {"post": post.pk} if "comment" in path else {}
    here, there = (way(request_of()).get(path, **params) for way in (LocalApi, RemoteApi))
    assert here.status == there.status == 200
    assert as_json(here.data).keys() == there.data.keys()


@pytest.mark.parametrize("way", [LocalApi, RemoteApi])
def test_visitor_is_the_same_for_the_api(post: BlogPage, way: type[frontend_api.Api]) -> None:
    """What the API counts, refuses and remembers by reaches it on both ways."""
    body = {"revision": 1, "choices": {}}
    assert way(request_of(HTTP_SEC_FETCH_SITE="cross-site")).put("consent/choice/", body).status == 403
    assert way(request_of(HTTP_ORIGIN="https://evil.example")).put("consent/choice/", body).status == 403
    assert way(request_of(HTTP_SEC_GPC="1")).get("consent/choice/").data["gpc"] is True


@pytest.mark.parametrize("way", [LocalApi, RemoteApi])
def test_choice_travels_in_its_cookie_and_no_other_cookie_does(post: BlogPage, way: type[frontend_api.Api]) -> None:
    register = way(request_of()).get("consent/").data
    choices = {purpose["key"]: True for purpose in register["purposes"] if not purpose["required"]}
    answer = way(request_of()).put(
        "consent/choice/", {"revision": register["revision"], "choices": choices, "surface": "bar"}
    )
    assert answer.status == 200
    cookie = frontend_api.parse_cookies(answer)["consent"]
    request = request_of()
    request.COOKIES.update({"consent": cookie.value, "session": "secret"})
    api = way(request)
    assert api.get("consent/choice/").data["receipt"]["id"] == Receipt.objects.get().pk
    assert "secret" not in str(api._headers())


def test_way_is_chosen_by_the_setting(settings: Any) -> None:
    assert isinstance(api_for(request_of()), RemoteApi)
    settings.API_URL = ""
    assert isinstance(api_for(request_of()), LocalApi)


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_refuse, id="unreachable"),
        pytest.param(lambda request: httpx.Response(200, text="<html>"), id="not JSON"),
        pytest.param(lambda request: httpx.Response(502, json={}), id="failing"),
    ],
)
def test_visitor_gets_a_plain_page_while_the_api_is_away(
    site: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(frontend_api, "_client", lambda: client)
    visitor = Visitor()
    visitor.raise_request_exception = False
    response = visitor.get("/")
    assert response.status_code >= 500
    assert response["Cache-Control"] == "no-store"
    assert "Something went wrong" in response.text
