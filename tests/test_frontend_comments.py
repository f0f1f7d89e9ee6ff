"""The thread, its form and its feeds as a visitor's browser gets them, with the API in this process and over HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from django.utils import timezone

from blog.models import BlogPage, ReaderComment
from frontend import threads
from guard.models import FormProtection
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import comment_ticket_path

pytestmark = pytest.mark.usefixtures("site", "transport")
PATH = "/blog/calf/"
LONG_AGO = timezone.now() - timedelta(days=30)


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(slug="calf", title="Calf & heel")


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "COMMENTS_A_PAGE", 3)


def read(visitor: Visitor, path: str, status: int = 200) -> BeautifulSoup:
    response = visitor.get(path)
    assert response.status_code == status, response.content
    return BeautifulSoup(response.text, "html.parser")


def bodies(page: BeautifulSoup) -> list[str]:
    return [found.get_text() for found in page.select(".thread .comment-body")]


def href(page: BeautifulSoup | Tag, text: str) -> str:
    return str(next(link["href"] for link in page.select("a") if link.get_text().strip().startswith(text)))


def make_thread(post: BlogPage, name: str, answers: int, *, day: int = 0) -> ReaderComment:
    root = factories.make_comment(post, body=name, created_at=LONG_AGO + timedelta(days=day))
    for number in range(1, answers + 1):
        written = root.created_at + timedelta(hours=number)
        factories.make_comment(post, parent=root, body=f"{name}.{number}", created_at=written)
    return root


def test_answers_stand_under_what_they_answer_on_one_level(post: BlogPage, visitor: Visitor) -> None:
    first = make_thread(post, "A", 1)
    answer = ReaderComment.objects.get(root=first)
    factories.make_comment(post, parent=answer, body="A.2", author_name="Ben", created_at=LONG_AGO + timedelta(days=1))
    make_thread(post, "B", 0, day=2)
    page = read(visitor, PATH)
    assert bodies(page) == ["A", "A.1", "A.2", "B"]
    one, two = page.select(".thread > li")
    assert [found.get_text() for found in one.select(".thread-replies > li .comment-body")] == ["A.1", "A.2"]
    assert not two.select(".thread-replies")
    assert [found.get_text() for found in one.select(".comment-addressee")] == ["to Ada"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada", "A"), ("Ada M. Marsh", "AM"), ("“Jo” (Fay)", "JF"), ("e\u0301mile z", "e\u0301z"), ("!!!", "")],
)
def test_picture_is_the_writers_initials(post: BlogPage, visitor: Visitor, name: str, letters: str) -> None:
    comment = factories.make_comment(post, author_name=name)
    (picture,) = read(visitor, PATH).select(".thread .comment-picture")
    assert picture.get_text() == letters
    assert picture["aria-hidden"] == "true"
    assert picture["data-tone"] == str(int(comment.pk.hex[:2], 16) % 8)


def test_comment_says_that_it_was_edited_and_who_the_clinic_is(post: BlogPage, visitor: Visitor) -> None:
    factories.make_comment(post, edited_at=timezone.now(), is_staff=True)
    comment = read(visitor, PATH).select_one(".thread .comment")
    assert comment
    assert comment.select(".comment-edited")
    assert comment.select(".badge")


def test_removed_comment_leaves_its_place(post: BlogPage, visitor: Visitor) -> None:
    root = make_thread(post, "Gone", 1)
    ReaderComment.objects.filter(pk=root.pk).update(status=ReaderComment.Status.REMOVED)
    page = read(visitor, PATH)
    assert bodies(page) == ["Gone.1"]
    place = page.find(id=f"c-{root.pk}")
    assert isinstance(place, Tag)
    assert place.get_text().strip() == "This comment was removed."
    assert ">1 comment</h3>" in str(page)


@pytest.mark.usefixtures("short_pages")
def test_long_threads_are_read_page_by_page(post: BlogPage, visitor: Visitor) -> None:
    make_thread(post, "A", 4)
    make_thread(post, "B", 0, day=2)
    first = read(visitor, PATH)
    second = read(visitor, href(first, "More comments"))
    assert (bodies(first), bodies(second)) == (["A", "A.1", "A.2"], ["A.3", "A.4", "B"])
    assert not first.find("a", string="Earlier comments")
    assert href(second, "Earlier comments") == href(second, "Earlier in this thread")
    assert bodies(read(visitor, href(second, "Earlier comments"))) == bodies(first)
    assert second.select('meta[name="robots"][content="noindex"]')
    assert not first.select('meta[name="robots"]')


@pytest.mark.usefixtures("short_pages")
def test_page_between_two_leads_both_ways(post: BlogPage, visitor: Visitor) -> None:
    for day, name in enumerate("ABCDEFG"):
        make_thread(post, name, 0, day=day)
    second = read(visitor, href(read(visitor, PATH), "More comments"))
    third = read(visitor, href(second, "More comments"))
    assert bodies(third) == ["G"]
    assert bodies(read(visitor, href(third, "Earlier comments"))) == ["D", "E", "F"]


@pytest.mark.parametrize("cursor", ["", "1", "x" * 22, "f" * 22, "0" * 21, "0" * 44 + "0"])
def test_wrong_cursor_is_no_page(post: BlogPage, visitor: Visitor, cursor: str) -> None:
    factories.make_comment(post)
    read(visitor, f"{PATH}?comments={cursor}", status=404)


def test_link_of_a_comment_leads_to_the_page_that_shows_it(post: BlogPage, visitor: Visitor) -> None:
    comment = factories.make_comment(post)
    address = visitor.get(f"/api/v1/comments/{comment.pk}/").json()["page_url"]
    assert read(visitor, address.split("#")[0]).find(id=address.split("#")[1])


def test_answer_to_a_comment_of_another_post_is_none(post: BlogPage, visitor: Visitor) -> None:
    elsewhere = factories.make_comment(factories.make_post(slug="heel"))
    page = read(visitor, f"{PATH}comment/?parent={elsewhere.pk}")
    assert not page.select(".replying-to")
    assert page.select_one('[name="parent"]')["value"] == ""  # type: ignore[index]


def test_wish_for_mail_goes_along_to_the_page_to_check(post: BlogPage, visitor: Visitor) -> None:
    typed = {"author_name": "Ada", "email": "ada@visitor.example", "body": "It hurt.", "notify_replies": "on"}
    check = BeautifulSoup(visitor.post(f"{PATH}comment/", typed).text, "html.parser")
    sent = {str(field["name"]): str(field["value"]) for field in check.select("main form input")}
    sent["ticket"] = fetch_ticket(comment_ticket_path(post))["ticket"]
    assert visitor.post(f"{PATH}comment/", sent).status_code == 303
    comment = ReaderComment.objects.get()
    assert (comment.notify_replies, comment.email) == (True, "ada@visitor.example")


def test_mail_about_answers_needs_an_address(post: BlogPage, visitor: Visitor) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    typed = {"author_name": "Ada", "body": "It hurt.", "notify_replies": "on", "ticket": ticket}
    response = visitor.post(f"{PATH}comment/", typed)
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 400
    assert page.select('.error-summary a[href="#email"]')
    assert page.select("#notify_replies[checked]")
    assert page.select_one("#body").get_text() == "It hurt."  # type: ignore[union-attr]


def test_refused_form_brings_a_fresh_ticket_with_its_challenge(post: BlogPage, visitor: Visitor) -> None:
    FormProtection.objects.update(proof=FormProtection.Proof.LIGHT)
    old = fetch_ticket(comment_ticket_path(post))["ticket"]
    typed = {"author_name": "Ada", "body": "It hurt.", "ticket": old, "proof": "bm9uc2Vuc2U="}
    page = BeautifulSoup(visitor.post(f"{PATH}comment/", typed).text, "html.parser")
    assert page.select_one('[name="ticket"]')["value"] not in {"", old}  # type: ignore[index]
    challenge = json.loads(str(page.select_one('[name="proof"]')["data-challenge"]))  # type: ignore[index]
    assert challenge["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert page.select_one('[name="body"]')["value"] == "It hurt."  # type: ignore[index]
    assert not ReaderComment.objects.exists()


PRIVACY = {"label": "Privacy", "url": "/privacy/", "page": None}


@pytest.mark.parametrize(("menu", "link"), [([], None), ([PRIVACY], "/privacy/")], ids=["none", "one"])
def test_form_links_to_the_privacy_notice_that_a_menu_has(
    post: BlogPage, visitor: Visitor, menu: list[dict[str, str]], link: str | None
) -> None:
    factories.make_settings(footer_menu=[("link", entry) for entry in menu])
    links = [found["href"] for found in read(visitor, PATH).select("#email-hint a")]
    assert links == ([link] if link else [])


def test_search_engines_are_told_the_first_comments(post: BlogPage, visitor: Visitor) -> None:
    for number in range(12):
        factories.make_comment(post, body=f"</script> {number}")
    gone = make_thread(post, "Gone", 1, day=-9)
    ReaderComment.objects.filter(pk=gone.pk).update(status=ReaderComment.Status.REMOVED)
    (found,) = [
        entry
        for script in read(visitor, PATH).select('script[type="application/ld+json"]')
        if (entry := json.loads(script.get_text()))["@type"] == "BlogPosting"
    ]
    assert len(found["comment"]) == 10
    assert found["comment"][0]["text"] == "Gone.1"
    assert found["comment"][1]["text"].startswith("</script>")
    assert found["comment"][1]["author"] == {"@type": "Person", "name": "Ada"}
    assert found["commentCount"] == 13


def entries(visitor: Visitor, path: str) -> list[dict[str, str]]:
    response = visitor.get(path)
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/rss+xml")
    items = ElementTree.fromstring(response.content).iter("item")  # noqa: S314
    return [{child.tag.rpartition("}")[2]: child.text or "" for child in item} for item in items]


def test_comments_of_the_site_are_a_feed(post: BlogPage, visitor: Visitor) -> None:
    factories.make_comment(post, body="Older", created_at=LONG_AGO)
    factories.make_comment(factories.make_post(slug="heel"), author_name="Ben", body="a < b\n\n& <b>c</b>")
    factories.make_comment(post, status=ReaderComment.Status.PENDING, body="Held back")
    newest, older = entries(visitor, "/feed/comments/")
    assert (newest["creator"], older["title"]) == ("Ben", "Ada on “Calf & heel”")
    assert newest["description"] == "<p>a &lt; b</p><p>&amp; &lt;b&gt;c&lt;/b&gt;</p>"
    assert newest["link"] == newest["guid"]
    path, place = newest["link"].removeprefix("http://127.0.0.1:8000").split("#")
    assert read(visitor, path).find(id=place)


def test_comments_of_one_post_are_a_feed_that_its_page_names(post: BlogPage, visitor: Visitor) -> None:
    factories.make_comment(post, body="Here")
    factories.make_comment(factories.make_post(slug="heel"), body="Elsewhere")
    links = [link["href"] for link in read(visitor, PATH).select('link[rel="alternate"]')]
    assert links == ["/feed/", f"{PATH}feed/"]
    assert [entry["description"] for entry in entries(visitor, links[1])] == ["<p>Here</p>"]


@pytest.mark.parametrize("path", ["/blog/feed/", "/blog/hidden/feed/", "/nowhere/feed/"])
def test_what_has_no_comments_has_no_feed_of_them(post: BlogPage, visitor: Visitor, path: str) -> None:
    factories.make_post(slug="hidden", comments_mode="hidden")
    read(visitor, path, status=404)


def test_new_comment_reaches_every_page_that_shows_comments(post: BlogPage, visitor: Visitor) -> None:
    for path in ("/feed/comments/", f"{PATH}feed/"):
        tags = set(re.split(",", visitor.get(path)["Cache-Tag"]))
        assert tags & {"comments", f"comments-{post.pk}"}
