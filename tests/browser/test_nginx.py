"""The site behind the nginx that is shipped with it: the same answers, as fresh, and some without asking the site."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bench.nginx import SHIPPED, Nginx, Place, installed, make_certificate
from bench.processes import free_port
from cms.page_cache import KEYED, TRACKING
from tests.browser import people
from tests.browser.server import PASSWORD, ROOT, Server, wait_until

FRESH_SECONDS = 1.5  # an answer may be kept to the end of its second, and the site reads its journal ten times in one
ENCODINGS = ("identity", "gzip", "br, gzip")
# What is said about a connection, and what the site tells nginx alone.
OF_THE_CONNECTION = {"connection", "date", "server", "transfer-encoding", "x-accel-expires"}
SAFETY = (
    "access-control-allow-origin",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
)
PUBLISH = """
import time
from blog.models import BlogPage
page = BlogPage.objects.get(slug="glutes-and-running")
for number in range({times}):
    page.intro = f"Edition {{number}}."
    page.save_revision().publish()
    print(time.time(), page.intro, flush=True)
    time.sleep({pause})
"""
UNPUBLISH = """
import time
from blog.models import BlogPage
BlogPage.objects.get(slug="film-yourself-running").unpublish()
print(time.time())
"""
PROTECT = """
import time
from blog.models import BlogPage
from wagtail.models import PageViewRestriction
page = BlogPage.objects.get(slug="kneecap-pain-on-stairs")
PageViewRestriction.objects.create(page=page, restriction_type="login")
print(time.time())
"""


@dataclass
class Front:
    """A site, the nginx in front of it, and somebody who asks through that nginx."""

    site: Server
    nginx: Nginx
    place: Place
    client: httpx.Client
    trusted: ssl.SSLContext

    def directly(self, path: str, **headers: str) -> httpx.Response:
        """What the site says to nginx."""
        return httpx.get(
            self.site.url + path, headers={"Host": self.place.name, "X-Forwarded-Proto": "https"} | headers
        )

    def run(self, code: str) -> str:
        """In a process that is none of the site's."""
        environment = os.environ | {"DATA_DIR": str(self.site.data_dir), **self.site.variables}
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def program() -> str:
    found = installed()
    if found is None:
        pytest.skip("no nginx here: install nginx and libnginx-mod-http-brotli-static")
    return found


@contextmanager
def running(process: Server | Nginx) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.stop()


@pytest.fixture(scope="module")
def front(program: str, server: Server, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    directory = tmp_path_factory.mktemp("behind-nginx")
    server.copy_data(directory / "data")
    port = free_port()
    site = Server(directory / "data", static_root, SITE_URL=f"https://localhost:{port}")
    place = Place(directory / "nginx", site.data_dir, site.port, port, free_port())
    nginx = Nginx(place.directory, place.fill(SHIPPED.read_text(encoding="utf-8")), port=port)
    make_certificate(place.directory, place.name)
    trusted = ssl.create_default_context(cafile=place.directory / "fullchain.pem")
    with running(site), running(nginx), httpx.Client(base_url=site.variables["SITE_URL"], verify=trusted) as client:
        yield Front(site, nginx, place, client, trusted)


def said(response: httpx.Response) -> dict[str, str]:
    """The headers of an answer, but for those that each connection has of its own."""
    return {name: value for name, value in response.headers.items() if name not in OF_THE_CONNECTION}


# --- The configuration ----------------------------------------------------------------------------------------------


def test_configuration_is_valid(front: Front) -> None:
    checked = front.nginx.check()
    assert (checked.returncode, "warn" in checked.stderr) == (0, False), checked.stderr


def test_configuration_keeps_by_the_parameters_that_the_site_keeps_by() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    (keyed,) = re.findall(r'"~\^\(\(([\w|]+)\)=\[\^&\]\*', text)
    assert set(keyed.split("|")) == KEYED
    tracking = re.findall(r'"~\^\(\(([\w|]+)\)\[\^&\]\*', text)
    assert {tuple(names.split("|")) for names in tracking} == {TRACKING}


def test_browsers_are_offered_http_2(front: Front) -> None:
    context = ssl.create_default_context(cafile=front.place.directory / "fullchain.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", front.place.port)) as plain,
        context.wrap_socket(plain, server_hostname=front.place.name) as encrypted,
    ):
        assert encrypted.selected_alpn_protocol() == "h2"


def test_http_is_sent_on_to_https(front: Front) -> None:
    url = f"http://127.0.0.1:{front.place.http_port}/blog/?topic=running"
    answer = httpx.get(url, headers={"Host": front.place.name})
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/blog/?topic=running")


def test_names_that_are_not_ours_get_no_answer(front: Front) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{front.place.http_port}/", headers={"Host": "elsewhere.example"})
    with socket.create_connection(("127.0.0.1", front.place.port)) as plain, pytest.raises(ssl.SSLError):
        front.trusted.wrap_socket(plain, server_hostname="elsewhere.example")


# --- The same answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "path", [people.POST, "/", "/blog/?topic=running", "/nowhere/", "/api/v1/posts/?limit=20", "/feed/"]
)
def test_answers_are_those_of_the_site(path: str, encoding: str, front: Front) -> None:
    direct = front.directly(path, **{"Accept-Encoding": encoding})
    for _ in range(3):  # from the site, from the cache, from either
        answer = front.client.get(path, headers={"Accept-Encoding": encoding})
        assert (answer.status_code, answer.content) == (direct.status_code, direct.content)
        assert said(answer) == said(direct)
    assert answer.headers.get("content-encoding", "identity") == encoding.split(",")[0]


def test_browser_that_has_the_page_is_told_so(front: Front) -> None:
    etag = front.client.get(people.POST).headers["etag"]
    for _ in range(2):
        answer = front.client.get(people.POST, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert front.client.get(people.POST, headers={"If-None-Match": '"another"'}).status_code == 200


def test_head_has_the_headers_and_no_body(front: Front) -> None:
    for path in (people.POST, "/healthz"):
        page = front.client.get(path, headers={"Accept-Encoding": "identity"})
        answer = front.client.head(path, headers={"Accept-Encoding": "identity"})
        assert (answer.status_code, answer.content, said(answer)) == (200, b"", said(page))


def test_path_is_taken_as_it_was_sent(front: Front) -> None:
    """nginx takes one path for another where the site does not: neither may be shown the other's answer."""
    lines = f"GET /x/..{people.POST} HTTP/1.1", f"Host: {front.place.name}", "Connection: close", "", ""
    with (
        socket.create_connection(("127.0.0.1", front.place.port)) as plain,
        front.trusted.wrap_socket(plain, server_hostname=front.place.name) as encrypted,
    ):
        assert front.client.get(people.POST, headers={"Accept-Encoding": "identity"}).status_code == 200
        encrypted.sendall("\r\n".join(lines).encode())
        assert encrypted.recv(100).startswith(b"HTTP/1.1 404")
    assert front.client.get(people.POST, headers={"Accept-Encoding": "identity"}).status_code == 200


def test_parameter_that_is_named_twice_is_not_taken_for_the_first(front: Front) -> None:
    """The site goes by the last."""
    paths = ("/api/v1/posts/?limit=1&offset=0&offset=1", "/api/v1/posts/?limit=1&offset=0")
    twice, once = (front.client.get(path).content for path in paths)
    assert (twice, once) == tuple(front.directly(path).content for path in paths)
    assert twice != once


# --- As fresh as the site -------------------------------------------------------------------------------------------


class Reader(threading.Thread):
    """Asks for the post in every encoding, again and again: what it said when."""

    def __init__(self, front: Front) -> None:
        super().__init__(daemon=True)
        self.front = front
        self.seen: list[tuple[float, str, str]] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(0.02):
            for encoding in ENCODINGS:
                asked = time.time()
                page = self.front.client.get(people.POST, headers={"Accept-Encoding": encoding}).text
                edition = re.search(r"Edition \d+\.", page)
                self.seen.append((asked, encoding, edition[0] if edition else ""))

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.is_over.set()
        self.join()


def test_publishing_shows_in_time_and_the_old_text_never_comes_back(front: Front) -> None:
    with Reader(front) as reader:
        lines = front.run(PUBLISH.format(times=4, pause=FRESH_SECONDS + 0.5)).splitlines()
    published = [(float(line.split(maxsplit=1)[0]), line.split(maxsplit=1)[1]) for line in lines]
    assert len(published) == 4
    for number, (at, edition) in enumerate(published):
        until = published[number + 1][0] if number + 1 < len(published) else float("inf")
        late = {text for asked, _, text in reader.seen if at + FRESH_SECONDS < asked < until - 0.1}
        assert late == {edition}
    for encoding in ENCODINGS:
        editions = [text for _, kind, text in reader.seen if kind == encoding]
        assert editions == sorted(editions)


@pytest.mark.parametrize(("code", "path"), [(UNPUBLISH, people.FILM), (PROTECT, people.DISCUSSED)])
def test_page_that_was_taken_back_is_gone_in_time(code: str, path: str, front: Front) -> None:
    assert front.client.get(path).status_code == 200
    taken_at = float(front.run(code))
    wait_until(lambda: time.time() > taken_at + FRESH_SECONDS, seconds=5, what="the time that an answer is kept")
    assert [front.client.get(path, headers={"Accept-Encoding": kind}).status_code for kind in ENCODINGS] == [404] * 3


# --- Files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_static_file_is_kept_for_ever_and_was_compressed_before(encoding: str, front: Front) -> None:
    path = re.findall(r'href="(/static/[^"]+\.css)"', front.client.get("/").text)[0]
    answer = front.client.get(path, headers={"Accept-Encoding": encoding})
    suffix = {"identity": "", "gzip": ".gz"}.get(encoding, ".br")
    assert int(answer.headers["content-length"]) == (front.site.data_dir / f"{path[1:]}{suffix}").stat().st_size
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == front.directly(path).content


def test_files_have_the_safety_headers_of_the_site(front: Front) -> None:
    page = front.client.get(people.POST).text
    static = re.findall(r'src="(/static/[^"]+\.js)"', page)[0]
    picture = re.findall(r'/media/images/[^"\s]+', page)[0]
    for path in (static, picture):
        through, direct = said(front.client.get(path)), said(front.directly(path))
        for name in SAFETY:
            assert through.get(name) == direct.get(name), (path, name)
    assert through["cache-control"] == direct["cache-control"]
    assert through["content-type"] == direct["content-type"]


def test_originals_and_the_rest_of_the_data_stay_on_the_machine(front: Front) -> None:
    original = next((front.site.data_dir / "media" / "original_images").iterdir()).name
    for path in (
        f"/media/original_images/{original}",
        f"/media/images/..%2foriginal_images/{original}",
        "/static/..%2fsecret_key",
        "/secret_key",
        "/gait.sqlite3",
        "/media/images/",
        "/static/",
    ):
        assert front.client.get(path, follow_redirects=True).status_code == 404, path


# --- What is sent ---------------------------------------------------------------------------------------------------


def test_form_of_a_page_works(front: Front) -> None:
    choice = {"action": "reject", "revision": "1", "next": "/"}
    origin = {"Origin": front.site.variables["SITE_URL"], "Sec-Fetch-Site": "same-origin"}
    answer = front.client.post("/privacy-choices/", data=choice, headers=origin)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "__Host-consent=" in answer.headers["set-cookie"]
    front.client.cookies.clear()


def test_site_counts_the_address_that_nginx_saw(front: Front) -> None:
    """Whoever writes addresses of their own is still one visitor, and only that one."""
    booking = "/api/v1/booking/requests/"
    version = front.client.get("/api/v1/booking/options/").json()["consent"]["version"]
    tickets = [front.client.get("/api/v1/forms/booking/ticket/").json() for _ in range(4)]
    time.sleep(tickets[0]["min_seconds"] + 0.1)  # nobody who fills a form in is faster
    forms = [
        {
            "ticket": ticket["ticket"],
            "name": "Ada Marsh",
            "email": "ada@visitor.example",
            "preferences": [{"date": people.next_weekday().isoformat(), "part": "morning"}],
            "consent": {"version": version, "given": True},
        }
        for ticket in tickets
    ]
    statuses = [
        front.client.post(booking, json=form, headers={"X-Forwarded-For": f"198.51.{number}.1"}).status_code
        for number, form in enumerate(forms[:3])
    ]
    assert statuses == [201, 201, 429]
    headers = {"Host": front.place.name, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"}
    assert httpx.post(front.site.url + booking, json=forms[3], headers=headers).status_code == 201


def test_too_much_is_refused_before_the_site_reads_it(front: Front) -> None:
    too_much = "x" * 65 * 1024
    assert front.client.post("/privacy-choices/", content=too_much).status_code == 413
    answer = front.client.post("/api/v1/booking/requests/", content=too_much)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert front.client.post("/admin/login/", content=too_much).status_code == 403  # the site's own: no csrf token


def test_too_many_from_one_address_are_refused(front: Front) -> None:
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2", verify=front.trusted)
    with httpx.Client(base_url=front.client.base_url, transport=elsewhere) as sender:
        statuses = [sender.post("/api/v1/nowhere/").status_code for _ in range(60)]
        refused = sender.post("/api/v1/nowhere/")
        assert sender.get(people.POST).status_code == 200
    assert statuses[0] == 404
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert front.client.post("/api/v1/nowhere/").status_code == 404


def test_editor_can_sign_in_and_sees_the_admin(front: Front) -> None:
    with httpx.Client(base_url=front.site.variables["SITE_URL"], verify=front.trusted) as editor:
        editor.get("/admin/login/")
        token = editor.cookies["__Host-csrf"]
        form = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token}
        referer = {"Referer": f"{front.site.variables['SITE_URL']}/admin/login/"}
        assert editor.post("/admin/login/", data=form, headers=referer).status_code == 302
        for _ in range(2):
            assert "Tern Street" in editor.get("/admin/").text
    assert front.client.get("/admin/").status_code == 302


# --- While the site is down -----------------------------------------------------------------------------------------


@pytest.fixture
def down(front: Front) -> Iterator[Front]:
    """A site that ended after its pages were read."""
    for path in (people.POST, "/blog/?topic=running"):
        front.client.get(path, headers={"Accept-Encoding": "gzip"})
    front.site.stop()
    yield front
    front.site.start()


def test_last_good_copy_is_shown_while_the_site_is_down(down: Front) -> None:
    def status(path: str, **headers: str) -> int:
        return down.client.get(path, headers={"Accept-Encoding": "gzip"} | headers).status_code

    assert status(people.POST) == 200
    assert status(f"{people.POST}?utm_source=news&fbclid=1") == 200  # the same page, whoever follows the link
    assert status("/blog/?topic=running") == 200
    assert status("/blog/?topic=running&unknown=1") == 503  # the site has to say what this is
    assert status(people.POST, Cookie="a=b; __Host-session=1") == 503  # and what somebody signed in sees
    assert status(people.POST, Cookie="__Host-consent=1") == 200


def test_what_is_not_kept_says_when_to_come_back(down: Front) -> None:
    page, data = down.client.get("/privacy-choices/"), down.client.get("/api/v1/consent/choice/")
    assert [answer.status_code for answer in (page, data)] == [503, 503]
    assert [answer.headers["retry-after"] for answer in (page, data)] == ["10", "10"]
    assert "Back in a moment" in page.text
    assert data.json()["code"] == "unavailable"
