"""Whatever a stranger sends to whichever public route: a refusal they can read, and no row anywhere."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from unicodedata import normalize
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from blog.models import BlogPage, ReaderComment
from guard.models import Refusal
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import (
    BOOKING_PATH,
    BOOKING_TICKET_PATH,
    comment_ticket_path,
    comments_path,
    filled_booking,
    filled_comment,
)

CHOICE_PATH = "/api/v1/consent/choice/"
METHODS = {"get", "post", "put", "patch", "delete"}
MEGABYTE = 2**20
HUGE = "9" * 5000  # more digits than Python turns into a number


pytestmark = pytest.mark.usefixtures("post")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post()


@contextmanager
def nothing_written() -> Iterator[None]:
    """A block in which no table of the database gets or loses a row, but for the one that counts refusals."""
    before = rows()
    yield
    assert rows() == before


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {Refusal._meta.db_table}
        return {table: _count(cursor, table) for table in tables}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
    return int(cursor.fetchone()[0])


def assert_refused(response: Any, *expected: int, sent: Any = "") -> None:
    """A refusal in the one shape of the API."""
    statuses = expected or range(400, 500)
    assert response.status_code in statuses, (response.status_code, str(sent)[:200])
    assert response["Content-Type"] == "application/json", str(sent)[:200]
    body = response.json()
    assert set(body) == {"code", "detail", "errors"}
    assert isinstance(body["code"], str)
    assert isinstance(body["detail"], str)
    assert all(isinstance(message, str) for messages in body["errors"].values() for message in messages)
    assert response["Cache-Control"] == "no-store"


# --- What can be sent ------------------------------------------------------------------------------------------------


def choice(post: BlogPage, **fields: Any) -> dict[str, Any]:
    shown = Visitor().get("/api/v1/consent/").json()
    return {"revision": shown["revision"], "choices": {"media": False}} | fields


def comment(post: BlogPage, **fields: Any) -> dict[str, Any]:
    return filled_comment(post, **fields)


def booking(post: BlogPage, **fields: Any) -> dict[str, Any]:
    return filled_booking(**fields)


def send(fill: Any, post: BlogPage, body: Any) -> Any:
    """To the route that this body was filled in for."""
    method, path = {
        comment: ("POST", comments_path(post)),
        booking: ("POST", BOOKING_PATH),
        choice: ("PUT", CHOICE_PATH),
    }[fill]
    return Visitor().send(method, path, body)


FORMS = pytest.mark.parametrize("fill", [comment, booking, choice])


@FORMS
def test_what_these_tests_start_from_is_taken(fill: Any, post: BlogPage) -> None:
    """Otherwise they would show that nothing is taken."""
    assert send(fill, post, fill(post)).status_code in {200, 201, 202}


# --- Bodies ----------------------------------------------------------------------------------------------------------

BODIES = {
    "nothing": b"",
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "list": b"[]",
    "list of objects": b"[{}]",
    "empty object": b"{}",
    "cut off": b'{"ticket": "',
    "no JSON": b"ticket=x&body=y",
    "2 KB of [": b"[" * 2048,
    "60 KB of [": b"[" * 61_440,
    "deep objects": b'{"a":' * 2048,
    "not a number": b'{"author_name": NaN}',
    "infinity": b'{"author_name": -Infinity}',
    "5000 digits": f'{{"revision": {HUGE}}}'.encode(),
    "float beyond all bounds": b'{"revision": 1e99999}',
    "invalid UTF-8": b'{"body": "\xff\xfe"}',
    "surrogate in UTF-8": b'{"body": "\xed\xa0\x80"}',
    "UTF-16": json.dumps({"body": "x"}).encode("utf-16"),
    "raw NUL": b'{"body": "\x00"}',
    "lone surrogate": b'{"body": "\\ud800"}',
    "lone surrogate as a name": b'{"\\udfff": "x"}',
    "twice the limit": json.dumps({"body": "x" * 131_072}).encode(),
    "1 MB": json.dumps({"body": "x" * MEGABYTE}).encode(),
    "1 MB of [": b"[" * MEGABYTE,
}


@FORMS
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_body_that_is_no_form_is_refused(fill: Any, body: bytes, post: BlogPage) -> None:
    with nothing_written():
        response = send(fill, post, body)
    assert_refused(response, 413 if len(body) > 65_536 else 400)


@FORMS
@pytest.mark.parametrize("word", ["\\ud800", "\\udc00\\ud800", "\\ud800x"])
def test_lone_surrogate_is_refused_in_a_form_that_is_else_complete(fill: Any, word: str, post: BlogPage) -> None:
    whole = json.dumps(fill(post) | {"body": "WORD", "message": "WORD"}).replace("WORD", word).encode()
    with nothing_written():
        assert_refused(send(fill, post, whole), 400)


CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/xml",
    "application/json-seq",
    "nonsense",
    "",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_body_that_is_not_called_json_is_refused(content_type: str, post: BlogPage) -> None:
    with nothing_written():
        for method, path, body in [
            ("POST", comments_path(post), comment(post)),
            ("POST", BOOKING_PATH, booking(post)),
            ("PUT", CHOICE_PATH, choice(post)),
        ]:
            response = Visitor().generic(method, path, json.dumps(body), content_type=content_type)
            assert_refused(response, 415, sent=path)


# --- Fields ----------------------------------------------------------------------------------------------------------

CONTROLS = ["a\0b", "\x1b[31mred", "a\x07", "\x7f", "a\x85b", "\ufdd0", "\ue000"]
NO_TEXT = [None, [], {}, ["x"], {"x": "y"}, True]
NO_ID = ["", "x", [], {}, 5, 0, -1, True, 2**200, HUGE, str(uuid.UUID(int=5)), "١" * 32, "\0", [str(uuid.UUID(int=5))]]
NO_DATE = ["", "x", 5, None, [], {}, True, "2026-02-30", "0000-00-00", "9999-12-31", "1970-01-01", "\0"]


def wishes(**fields: Any) -> dict[str, Any]:
    return {"date": (timezone.localdate() + timedelta(days=2)).isoformat(), "part": "morning"} | fields


FIELDS: list[tuple[Any, str, list[Any]]] = [
    (comment, "author_name", [*NO_TEXT, *CONTROLS, "", "   ", "x" * 61, "a\nb", "a\u2028b"]),
    (comment, "body", [*NO_TEXT, *CONTROLS, "", "\n\n", "x" * 3001]),
    (comment, "email", [*NO_TEXT, *CONTROLS, 5, "x", "a@b", "a@b.example\nBcc: c@d.example", f"{'x' * 250}@b.example"]),
    (comment, "parent", NO_ID),
    (comment, "notify_replies", [None, "", "true", "x", 1, 0, [], {}]),
    (comment, "ticket", [*NO_TEXT, *CONTROLS, 5, "", "x", "x" * 999, ":" * 10, "é"]),
    (booking, "name", [*NO_TEXT, *CONTROLS, "", "   ", "x" * 101, "a\nb"]),
    (
        booking,
        "email",
        [*NO_TEXT, *CONTROLS, 5, "", "x", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"],
    ),
    (booking, "phone", [*NO_TEXT, *CONTROLS, 5, "x", "1" * 33, "+", "+999999999999999"]),
    (booking, "message", [*NO_TEXT, *CONTROLS, "x" * 1001]),
    (booking, "service", NO_ID[1:]),
    (booking, "practitioner", NO_ID[1:]),
    (booking, "preferences", [None, {}, "x", 5, True, [5], [None], [[]], [{}], ["x"], [{"date": "x"}], [wishes()] * 4]),
    (booking, "preferences", [[wishes(date=date)] for date in NO_DATE]),
    (booking, "preferences", [[wishes(part=part)] for part in ("", "night", 5, None, [], {}, "\0")]),
    (booking, "preferences", [[wishes(time="09:00")], [wishes(), wishes(part="x")]]),
    (
        booking,
        "consent",
        [None, True, "x", 5, [], {}, {"given": True}, {"version": "1"}, {"version": [], "given": True}],
    ),
    (choice, "revision", [None, "", "x", [], {}, 0, -1, 1.5, 2**40, HUGE, "\0"]),
    (choice, "surface", [None, "", "x", 5, [], {}, "\0"]),
    (
        choice,
        "choices",
        [None, "x", 5, [], {}, {"media": None}, {"media": []}, {"media": {}}, {"media": 2}, {"\0": True}],
    ),
]


@pytest.mark.parametrize(
    ("fill", "field", "values"), FIELDS, ids=[f"{fill.__name__} {field}" for fill, field, _ in FIELDS]
)
def test_field_that_makes_no_sense_is_named(fill: Any, field: str, values: list[Any], post: BlogPage) -> None:
    whole = fill(post)
    with nothing_written():
        for value in values:
            response = send(fill, post, whole | {field: value})
            assert_refused(response, 400, sent=value)
            assert list(response.json()["errors"]) == [field], value


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({"version": "0"}, 409, id="version of nothing"),
        pytest.param({"version": "99999"}, 409, id="version to come"),
        pytest.param({"version": HUGE}, 400, id="version too long"),
        pytest.param({"version": "\0"}, 400, id="version NUL"),
        pytest.param({"version": None}, 400, id="version null"),
        pytest.param({"given": False}, 400, id="not given"),
        pytest.param({"given": None}, 400, id="given null"),
        pytest.param({"given": "perhaps"}, 400, id="given perhaps"),
        pytest.param({"given": []}, 400, id="given list"),
        pytest.param({"by": "proxy"}, 400, id="unknown field"),
    ],
)
def test_request_needs_consent_to_the_current_text(given: dict[str, Any], status: int, post: BlogPage) -> None:
    whole = booking(post)
    with nothing_written():
        response = send(booking, post, whole | {"consent": whole["consent"] | given})
    assert_refused(response, status)


NO_FIELDS = ["id", "pk", "status", "is_staff", "post", "root", "created_at", "__class__", "é", "a\0b", "x" * 5000]


@FORMS
def test_field_that_nobody_knows_is_refused(fill: Any, post: BlogPage) -> None:
    whole = fill(post)
    with nothing_written():
        for name in NO_FIELDS:
            response = send(fill, post, whole | {name: 1})
            assert_refused(response, 400, sent=name)
            assert list(response.json()["errors"]) == [name]


def test_service_and_practitioner_that_do_not_meet_are_refused(post: BlogPage) -> None:
    alone, hidden = factories.make_service(), factories.make_service(is_offered=False)
    person, gone = factories.make_practitioner(), factories.make_practitioner(services=[alone], is_active=False)
    with nothing_written():
        for service, practitioner in [(alone, person), (alone, gone), (hidden, person)]:
            ids = {"service": str(service.pk), "practitioner": str(practitioner.pk)}
            assert_refused(send(booking, post, booking(post, **ids)), 400)


# --- Every route of the API ------------------------------------------------------------------------------------------


@pytest.fixture
def routes(post: BlogPage) -> dict[str, dict[str, Any]]:
    """Every path of the API with its operations, as OpenAPI describes them."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    assert {BOOKING_PATH, CHOICE_PATH, "/api/v1/posts/", "/api/v1/site/"} <= set(paths)
    return dict(paths)


@pytest.fixture
def real_path(post: BlogPage) -> Callable[[str], str]:
    """A path of the schema with ids of things that are there."""
    comment_id = factories.make_comment(post).pk
    receipt = send(choice, post, choice(post)).json()["receipt"]["id"]
    return lambda path: path.format(post_id=post.pk, comment_id=comment_id, receipt_id=receipt)


def parameters(routes: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in routes.items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                yield path, parameter


def test_method_that_a_route_has_not_is_refused(routes: Any, real_path: Any) -> None:
    with nothing_written():
        for path, operations in routes.items():
            for method in METHODS - operations.keys():
                response = Visitor().send(method.upper(), real_path(path), {"x": "y"})
                assert_refused(response, 405, sent=f"{method} {path}")


def test_asking_what_a_route_can_do_does_nothing(routes: Any, real_path: Any) -> None:
    with nothing_written():
        for path in routes:
            assert Visitor().options(real_path(path)).status_code == 200, path


NO_IDS = [
    "0",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x1",
    "x",
    "null",
    "9" * 18,
    "9" * 19,
    "9" * 30,
    HUGE,
    str(uuid.UUID(int=5)),
    str(uuid.UUID(int=5)).upper(),
    "%D9%A1",
    "%EF%BC%91",
    "%00",
    "1%00",
    "%201",
    "1%0A",
    "%FF",
    "%ED%A0%80",
    "..",
    "%2E%2E%2F",
    "'",
    "%C3%A9" * 22,
]


def test_id_of_nothing_is_not_found(routes: Any) -> None:
    with nothing_written():
        for path in routes:
            if "{" in path:
                for value in NO_IDS:
                    wrong = path.format(post_id=value, comment_id=value, receipt_id=value)
                    assert_refused(Visitor().get(wrong), 404, sent=wrong)


def test_comment_on_nothing_is_not_found(post: BlogPage) -> None:
    whole = comment(post)
    with nothing_written():
        for value in NO_IDS:
            response = Visitor().send("POST", f"/api/v1/posts/{value}/comments/", whole)
            assert_refused(response, 404, sent=value)


NO_NUMBERS = [
    "",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "x",
    "9" * 9,
    "9" * 30,
    "0" * 9 + "9" * 30,
    HUGE,
    "٣",
    "１",
    "\0",
    " 1",
    "1\n",
]


def test_number_that_is_none_is_refused(routes: Any, real_path: Any) -> None:
    names = set()
    with nothing_written():
        for path, parameter in parameters(routes):
            if parameter["schema"]["type"] == "integer" or parameter["name"] in {"limit", "offset"}:
                names.add(parameter["name"])
                # A journal may well have gone that far.
                values = NO_NUMBERS if parameter["name"] != "after" else set(NO_NUMBERS) - {"9" * 9}
                for value in values:
                    response = Visitor().get(f"{real_path(path)}?{parameter['name']}={quote(value)}")
                    assert_refused(response, 400, 404, sent=(path, parameter["name"], value))
    assert names == {"after", "limit", "offset", "post"}


HOSTILE = [
    "",
    "%00",
    "%FF",
    "%ED%A0%80",
    "%0A",
    "%1B",
    "%E2%80%AE",
    "x" * 3000,
    HUGE,
    "[]",
    "{}",
    "'",
    "%25",
    "a" * 101,
]


def test_no_parameter_breaks_an_answer(routes: Any, real_path: Any) -> None:
    with nothing_written():
        for path, parameter in parameters(routes):
            for value in HOSTILE:
                response = Visitor().get(f"{real_path(path)}?{parameter['name']}={value}")
                if response.status_code != 200:
                    assert_refused(response, 400, 404, sent=(path, parameter["name"], value))


@pytest.mark.parametrize("query", ["format=xml", "format=", "format=%00", "%00=%00", "%FF=%FF", "x" * 5000])
def test_no_query_breaks_an_answer(query: str, routes: Any, real_path: Any) -> None:
    with nothing_written():
        for path, operations in routes.items():
            if "get" in operations:
                response = Visitor().get(f"{real_path(path)}?{query}")
                if response.status_code != 200:
                    assert_refused(response, 400, 404, sent=path)


@pytest.mark.parametrize("accept", ["image/png", "text/html", "nonsense", "a/b/c;q=x", ""])
def test_answer_is_json_whatever_is_accepted(accept: str, routes: Any, real_path: Any) -> None:
    for path, operations in routes.items():
        if "get" in operations:
            response = Visitor().get(real_path(path), headers={"Accept": accept})
            assert response["Content-Type"] == "application/json", path
            assert response.status_code < 500, path


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/", "/api/v1/users/", "/api/v1/posts/x/", "/api/%00/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_path_of_nothing_is_not_found(method: str, path: str) -> None:
    with nothing_written():
        assert_refused(Visitor().send(method, path, {}), 404)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:x", "a b", ""])
def test_host_that_is_not_ours_is_refused(host: str) -> None:
    with nothing_written():
        assert_refused(Visitor(HTTP_HOST=host, SERVER_NAME="evil.example").get("/api/v1/site/"), 400)
        assert Visitor(HTTP_HOST=host, SERVER_NAME="evil.example").get("/").status_code == 400


# --- What is text stays text -----------------------------------------------------------------------------------------

LITERAL = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "]]><!-- --><![CDATA[",
    "&lt;b&gt; &amp; &#60;",
    "a<b && c>d",
    "[x](javascript:alert(1)) javascript:alert(1)",
    "{{ 7*7 }} {% load x %} ${7*7} %(name)s %s",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE blog_readercomment; --",
    "\u202eevil\u202c \u200b\u2066x\u2069",
    "Z\u0301\u0302\u0303\u0304algo \U0001f9b6\U0001f3fd",
    "//evil.example \\\\evil.example",
]


@pytest.mark.parametrize("text", LITERAL, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_what_a_visitor_writes_comes_back_as_it_was(text: str, post: BlogPage) -> None:
    sent = send(comment, post, comment(post, author_name=text, body=text))
    assert sent.status_code == 202
    ReaderComment.objects.filter(pk=sent.json()["id"]).update(status="approved", is_shown=True)
    expected = normalize("NFC", text)
    for path in (f"/api/v1/comments/{sent.json()['id']}/", comments_path(post), "/api/v1/comments/"):
        body = Visitor().get(path).json()
        (shown,) = body.get("results", [body])
        assert (shown["author_name"], shown["body"]) == (expected, expected)


@pytest.mark.parametrize("text", LITERAL, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_what_a_visitor_writes_is_text_on_the_page_and_for_programs(text: str, post: BlogPage) -> None:
    factories.make_comment(post, author_name=text[:60], body=text)
    page = Visitor().get(f"/blog/{post.slug}/").content.decode()
    elements = Elements()
    elements.feed(page)
    assert not elements.found & {"svg/onload", "b"}
    assert "alert(1)" not in "".join(elements.scripts)
    assert not [value for value in elements.addresses if value.startswith(("javascript:", "//evil", "\\\\evil"))]
    for script in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        json.loads(script)
    for feed in ("/feed/", "/feed/comments/", f"/blog/{post.slug}/feed/"):
        answer = Visitor().get(feed)
        if answer.status_code == 200:
            ElementTree.fromstring(answer.content)  # noqa: S314


class Elements(HTMLParser):
    """What a browser would make of a page: the names of its elements, its addresses, and its inline scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.is_program = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        values = dict(attrs)
        assert not [name for name in values if name.startswith("on")], values
        self.addresses += [value for name in ("href", "src", "action") if (value := values.get(name))]
        self.is_program = tag == "script" and values.get("type") != "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self.is_program:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.is_program = False


# --- Pages and forms of the site -------------------------------------------------------------------------------------

PAGES = [
    "/",
    "/blog/",
    "/search/",
    "/book/",
    "/book/received/",
    "/privacy-choices/",
    "/privacy-choices/bar.css",
    "/privacy-choices/receipt/",
    "/preview/",
    "/feed/",
    "/sitemap.xml",
    "/robots.txt",
    "/theme.css",
    "/.well-known/gpc.json",
    "/.well-known/security.txt",
    "/healthz",
    "/readyz",
    "/api/v1/docs/",
    "/api/v1/schema/",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_query_breaks_a_page(path: str) -> None:
    names = ("page", "q", "topic", "tag", "author", "content_type", "token", "saved", "parent", "lang", "version", "v")
    with nothing_written():
        for value in HOSTILE:
            query = "&".join(f"{name}={value}" for name in names)
            assert Visitor().get(f"{path}?{query}").status_code < 500, value


@pytest.mark.parametrize("path", sorted({*PAGES} - {"/book/", "/privacy-choices/"}))
def test_page_takes_nothing(path: str) -> None:
    with nothing_written():
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert 400 <= Visitor().send(method, path, {"x": "y"}).status_code < 500, method


@pytest.mark.parametrize(
    "path",
    [
        "/%00/",
        "/blog/%00/",
        "/blog/%FF/",
        "/blog/%ED%A0%80/",
        "/blog/..%2f..%2fetc%2fpasswd/",
        "/blog/nothing/comment/",
        "/blog/comment/",
        f"/blog/{'x' * 5000}/",
        f"/{'x/' * 1000}",
        "/media/images/%00",
        "/media/images/..%2f..%2fsecret_key",
        "/media/images/nothing.jpg",
        f"/media/images/{'x' * 300}",
        "/media/original_images/picture.jpg",
        "/static/..%2fsecret_key",
        "/static/%00",
        f"/static/{'x' * 300}.css",
    ],
    ids=lambda path: path[:40],
)
def test_address_of_nothing_is_not_found(path: str, settings: Any) -> None:
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    with nothing_written():
        assert Visitor().get(path).status_code == 404


URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def site_forms(post: BlogPage) -> dict[str, bytes]:
    """The site's own forms by their paths, each whole and with a ticket: as they stand they would be taken."""
    comment_ticket, booking_ticket = fetch_ticket(comment_ticket_path(post)), fetch_ticket(BOOKING_TICKET_PATH)
    version = booking(post)["consent"]["version"]
    return {
        f"/blog/{post.slug}/comment/": f"ticket={comment_ticket['ticket']}&author_name=Ada&body=Hello".encode(),
        "/book/": f"ticket={booking_ticket['ticket']}&name=Ada&email=a@visitor.example&consent={version}".encode(),
        "/privacy-choices/": f"action=reject&revision={choice(post)['revision']}".encode(),
    }


def test_forms_these_tests_start_from_are_taken(site_forms: dict[str, bytes]) -> None:
    for path, form in site_forms.items():
        assert Visitor().post(path, form, URLENCODED).status_code == 303, path


SPOILERS = {
    "nothing filled in": lambda form: b"",
    "only nonsense": lambda form: b"\xff\x00=&&&=%00%FF&[]=x",
    "JSON inside": lambda form: b'{"action": "accept"}',
    "3 MB": lambda form: form + b"&x=" + b"x" * 3 * MEGABYTE,
    "too many fields": lambda form: form + b"&x=1" * 10_001,
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS)
def test_spoilt_form_is_refused(spoil: Any, site_forms: dict[str, bytes]) -> None:
    with nothing_written():
        for path, form in site_forms.items():
            response = Visitor().post(path, spoil(form), URLENCODED)
            assert 400 <= response.status_code < 500, path
            assert not response.cookies


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x"])
def test_form_of_another_type_is_refused(content_type: str, site_forms: dict[str, bytes]) -> None:
    with nothing_written():
        for path, form in site_forms.items():
            response = Visitor().post(path, form, content_type)
            assert 400 <= response.status_code < 500, path


@pytest.mark.parametrize("field", ["body", "author_name", "email", "message", "name", "phone", "service", "date_1"])
def test_field_of_a_site_form_that_makes_no_sense_is_refused(field: str, site_forms: dict[str, bytes]) -> None:
    del site_forms["/privacy-choices/"]
    with nothing_written():
        for path, form in site_forms.items():
            for value in ("%00", "a%00b", "%1B", "%FF%00", "x" * MEGABYTE):
                response = Visitor().post(path, form + f"&{field}={value}".encode(), URLENCODED)
                assert 400 <= response.status_code < 500, (path, value[:9])


@pytest.mark.parametrize(
    "value", ["", "x", "0", "-1", HUGE, "%00", "%FF", "1e3", "x" * MEGABYTE], ids=lambda value: value[:6]
)
def test_revision_that_makes_no_sense_is_refused(value: str) -> None:
    with nothing_written():
        response = Visitor().post("/privacy-choices/", f"action=reject&revision={value}".encode(), URLENCODED)
    assert 400 <= response.status_code < 500


def test_file_in_a_form_is_not_stored(site_forms: dict[str, bytes], settings: Any) -> None:
    with nothing_written():
        for path in site_forms:
            body = b'--x\r\nContent-Disposition: form-data; name="body"; filename="a.html"\r\n\r\nhello\r\n--x--\r\n'
            assert Visitor().post(path, body, "multipart/form-data; boundary=x").status_code == 400
    assert not settings.MEDIA_ROOT.exists()
