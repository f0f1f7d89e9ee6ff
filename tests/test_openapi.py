"""The description of the API is valid, complete and true."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework.response import Response
from rest_framework.views import APIView
from wagtail.models import Page

from cms.api_urls import urlpatterns
from tests import factories
from tests.conftest import Visitor, fetch_ticket

UNDESCRIBED = {"/api/v1/schema/", "/api/v1/docs/"}
HOST = "http://127.0.0.1:8000"


@pytest.fixture
def schema(site: Page, visitor: Visitor) -> dict[str, Any]:
    return dict(json.loads(visitor.get("/api/v1/schema/").content))


def check(schema: dict[str, Any], method: str, route: str, answer: Any) -> None:
    """An answer against what the schema promises for that route, method and status."""
    responses = schema["paths"][route][method.lower()]["responses"]
    promised = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft4Validator(openapi_to_json_schema({**promised, "components": schema["components"]}))
    errors = [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(answer.json())]
    assert errors == [], route


def openapi_to_json_schema(value: Any) -> Any:
    """
    OpenAPI 3.0 says `nullable` where JSON Schema has an alternative of null. A page's type stands in `meta.type`, which
    is no discriminator: more than one of the union may fit, and each type is checked by itself below.
    """
    if isinstance(value, list):
        return [openapi_to_json_schema(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    converted = {name: openapi_to_json_schema(entry) for name, entry in value.items()}
    if "oneOf" in converted and "discriminator" not in converted:
        converted["anyOf"] = converted.pop("oneOf")
    if converted.pop("nullable", False) is True:
        return {"anyOf": [converted, {"type": "null"}]}
    return converted


@pytest.fixture
def world(site: Page) -> dict[str, Any]:
    post = factories.make_rich_post(slug="rich")
    factories.make_page(slug="about", body=post.body, hero_image=post.hero_image)
    service = factories.make_service(price="62.00")
    factories.make_service()
    factories.make_practitioner(services=[service])
    hours = [("hours", {"days": ["monday"], "opens": "08:00", "closes": "19:00"})]
    link = [("link", {"label": "About", "page": None, "url": "/about/"})]
    factories.make_settings(
        street="14 Tern Street",
        phone="01632 960 214",
        latitude="51.5",
        longitude="-0.12",
        opening_hours=hours,
        menu=link,
        footer_menu=link,
        social=link,
        logo=factories.make_picture(presets=("logo",)),
    )
    return {"post": post, "comment": post.comments.first(), "service": service, "live": factories.make_live()}


def test_the_schema_is_valid_and_without_a_warning(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert capsys.readouterr().err == ""


def described(schema: dict[str, Any]) -> set[str]:
    return {re.sub(r"{\w+}", "{}", path) for path in schema["paths"]}


def routes(patterns: Any, prefix: str = "/api/v1/") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        found |= routes(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else {route}
    return {re.sub(r"<[^>]+>|\(\?P<\w+>[^)]*\)", "{}", route) for route in found}


def test_every_route_is_described(schema: dict[str, Any]) -> None:
    assert routes(urlpatterns) - described(schema) == UNDESCRIBED
    assert described(schema) <= routes(urlpatterns)


def test_every_operation_has_a_name_and_a_summary_of_its_own(schema: dict[str, Any]) -> None:
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation.get("summary") for operation in operations)
    assert all("security" not in operation or operation["security"] == [{}] for operation in operations)


def test_every_answer_to_a_get_is_as_described(schema: dict[str, Any], world: dict[str, Any], visitor: Visitor) -> None:
    ids = {"post_id": world["post"].pk, "comment_id": world["comment"].pk, "receipt_id": receipt(visitor)}
    queries = {
        "/api/v1/pages/by-path/": "?path=/blog/rich/",
        "/api/v1/forms/comment/ticket/": f"?post={ids['post_id']}",
        "/api/v1/booking/slots/": f"?service={world['live'].pk}",
    }
    asked = [route for route, methods in schema["paths"].items() if "get" in methods and "preview" not in route]
    for route in asked:
        answer = visitor.get(route.format(**ids) + queries.get(route, ""))
        assert answer.status_code == 200, route
        check(schema, "get", route, answer)


def receipt(visitor: Visitor) -> str:
    return str(choose(visitor).json()["receipt"]["id"])


def choose(visitor: Visitor) -> Any:
    revision = visitor.get("/api/v1/consent/").json()["revision"]
    return visitor.send("PUT", "/api/v1/consent/choice/", {"revision": revision, "choices": {"media": True}})


@pytest.mark.parametrize("path", ["/", "/about/", "/blog/", "/blog/rich/"])
def test_every_type_of_page_is_as_described(
    path: str, schema: dict[str, Any], world: dict[str, Any], visitor: Visitor
) -> None:
    answer = visitor.get(f"/api/v1/pages/by-path/?path={path}")
    # The union of all types would take a page of any type: name the one that is meant.
    label = answer.json()["meta"]["type"]
    names = {"home.HomePage": "HomePage", "home.StandardPage": "StandardPage", "blog.BlogIndexPage": "BlogIndexPage"}
    one = {"$ref": f"#/components/schemas/{names.get(label, 'Post')}"}
    document = openapi_to_json_schema({"allOf": [one], "components": schema["components"]})
    jsonschema.Draft4Validator(document).validate(answer.json())


def test_a_preview_is_as_described(schema: dict[str, Any], world: dict[str, Any], visitor: Visitor) -> None:
    preview = world["post"].create_page_preview()
    query = f"?content_type=blog.blogpage&token={preview.token}"
    check(schema, "get", "/api/v1/preview/", visitor.get(f"/api/v1/preview/{query}"))


def test_what_was_sent_is_answered_as_described(
    schema: dict[str, Any], world: dict[str, Any], visitor: Visitor
) -> None:
    check(schema, "put", "/api/v1/consent/choice/", choose(visitor))
    check(schema, "delete", "/api/v1/consent/choice/", visitor.delete("/api/v1/consent/choice/"))
    route, post = "/api/v1/posts/{post_id}/comments/", world["post"].pk
    ticket = fetch_ticket(f"/api/v1/forms/comment/ticket/?post={post}")["ticket"]
    comment = {"ticket": ticket, "author_name": "Ada", "body": "Yes."}
    check(schema, "post", route, visitor.send("POST", route.format(post_id=post), comment))
    options = visitor.get("/api/v1/booking/options/").json()
    wish = {
        "ticket": fetch_ticket("/api/v1/forms/booking/ticket/")["ticket"],
        "name": "Ada",
        "email": "ada@visitor.example",
        "consent": {"version": options["consent"]["version"], "given": True},
    }
    check(schema, "post", "/api/v1/booking/requests/", visitor.send("POST", "/api/v1/booking/requests/", wish))


@pytest.mark.parametrize(
    ("method", "route", "path"),
    [
        ("GET", "/api/v1/posts/", "/api/v1/posts/?limit=none"),
        ("GET", "/api/v1/posts/{post_id}/", "/api/v1/posts/999999/"),
        ("GET", "/api/v1/pages/by-path/", "/api/v1/pages/by-path/?path=/no/"),
        ("GET", "/api/v1/pages/by-path/", "/api/v1/pages/by-path/"),
        ("POST", "/api/v1/booking/requests/", "/api/v1/booking/requests/"),
        ("PUT", "/api/v1/consent/choice/", "/api/v1/consent/choice/"),
    ],
)
def test_refusals_are_as_described(
    method: str, route: str, path: str, schema: dict[str, Any], visitor: Visitor
) -> None:
    answer = visitor.get(path) if method == "GET" else visitor.send(method, path, {})
    assert answer.status_code in {400, 404}
    check(schema, method, route, answer)
    assert set(answer.json()) == {"code", "detail", "errors"}


def test_the_schema_names_no_other_host(schema: dict[str, Any]) -> None:
    assert "paths" in schema
    assert not re.findall(r"https?://(?!www\.w3\.org)[^\"' ]+", json.dumps(schema["paths"]))


def test_the_docs_load_nothing_from_another_host(visitor: Visitor, site: Page) -> None:
    answer = visitor.get("/api/v1/docs/")
    page = answer.content.decode()
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page)
    assert loaded
    assert all((url.startswith("/") and not url.startswith("//")) or url.startswith(HOST) for url in loaded), loaded
    policy = answer["Content-Security-Policy"]
    assert "http" not in policy
    assert "script-src 'self';" in policy
    script = visitor.get("/api/v1/docs/?script=").content.decode()
    assert "//" not in re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE).replace(HOST, "")


def test_a_view_that_says_nothing_is_denied() -> None:
    class Forgotten(APIView):
        def get(self, request: Any) -> Response:
            return Response({"secret": 1})

    answer = Forgotten.as_view()(RequestFactory().get("/"))
    assert answer.status_code == 403
    assert "secret" not in str(answer.data)


def views(patterns: Any) -> list[Any]:
    found: list[Any] = []
    for pattern in patterns:
        found += views(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern.callback.cls]
    return found


def test_every_public_view_says_so_and_knows_no_session(db: None) -> None:
    assert get_resolver().url_patterns
    for view in views(urlpatterns):
        assert [permission.__name__ for permission in view.permission_classes] in (["AllowAny"], ["Public"]), view
        assert view.authentication_classes == [], view
