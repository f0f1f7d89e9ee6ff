"""Pages that a mail's link opens, and the form for one's own data, with the API in this process and over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail, signing

from blog import tokens
from blog.models import BlogPage, ReaderComment
from blog.rules import address_digest
from cms.models import DataRequest
from tests import factories
from tests.conftest import Visitor, fetch_ticket

pytestmark = pytest.mark.usefixtures("site", "transport")
ADDRESS = "ada@visitor.example"
CONFIRM, UNSUBSCRIBE, YOUR_DATA = "/comments/confirm/", "/comments/unsubscribe/", "/your-data/confirm/"
PRIVACY_TICKET = "/api/v1/forms/privacy/ticket/"


@pytest.fixture
def comment(site: Any) -> ReaderComment:
    post: BlogPage = factories.make_post(slug="calf", title="Calf & heel")
    fields = {"author_name": "Adalbert", "body": "Quite secret", "notify_replies": True, "status": "pending"}
    return factories.make_comment(post, email=ADDRESS, email_digest=address_digest(ADDRESS), **fields)


def links(comment: ReaderComment) -> dict[str, str]:
    asked = DataRequest.objects.create(kind="export", email=ADDRESS)
    return {
        CONFIRM: tokens.confirm_token(comment),
        UNSUBSCRIBE: tokens.unsubscribe_token(comment),
        YOUR_DATA: signing.dumps(asked.pk.hex, salt="cms.data_request"),
    }


def press(visitor: Visitor, path: str, token: str) -> Any:
    """Open the link and press the button of its page, as a browser sends its form."""
    page = BeautifulSoup(visitor.get(f"{path}?token={token}").text, "html.parser")
    form = page.select_one("main form")
    assert form
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    return visitor.post(str(form["action"]), fields)


@pytest.mark.parametrize("path", [CONFIRM, UNSUBSCRIBE, YOUR_DATA])
def test_opening_the_link_changes_and_tells_nothing(comment: ReaderComment, visitor: Visitor, path: str) -> None:
    token = links(comment)[path]
    response = visitor.get(f"{path}?token={token}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["X-Robots-Tag"] == "noindex"
    assert "Cache-Tag" not in response
    assert not any(secret in response.text for secret in ("Adalbert", "Quite secret", "Calf", ADDRESS))
    page = BeautifulSoup(response.text, "html.parser")
    addresses = [str(found.get(name, "")) for found in page.find_all(True) for name in ("href", "src", "action")]
    assert not any(token in address for address in addresses)
    assert len(page.select("main button")) == 1
    comment.refresh_from_db()
    assert (comment.email_confirmed_at, comment.notify_replies) == (None, True)


def test_made_up_link_looks_like_a_real_one(comment: ReaderComment, visitor: Visitor) -> None:
    real = links(comment)[CONFIRM]
    pages = [visitor.get(f"{CONFIRM}?token={token}").text.replace(token, "") for token in (real, "made-up")]
    assert pages[0] == pages[1]


def test_address_is_confirmed_by_the_button(comment: ReaderComment, visitor: Visitor) -> None:
    response = press(visitor, CONFIRM, tokens.confirm_token(comment))
    assert response.status_code == 200
    assert "Your address is confirmed" in response.text
    comment.refresh_from_db()
    assert comment.email_confirmed_at


def test_mail_is_stopped_by_the_button(comment: ReaderComment, visitor: Visitor) -> None:
    response = press(visitor, UNSUBSCRIBE, tokens.unsubscribe_token(comment))
    assert "You get no more mail" in response.text
    comment.refresh_from_db()
    assert not comment.notify_replies


def test_mail_is_stopped_by_a_mail_program(comment: ReaderComment) -> None:
    """RFC 8058: no page of ours, no browser, and a body that knows no token."""
    program = Visitor(HTTP_SEC_FETCH_SITE="")
    del program.defaults["HTTP_SEC_FETCH_SITE"]
    response = program.post(
        f"{UNSUBSCRIBE}?token={tokens.unsubscribe_token(comment)}",
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200
    comment.refresh_from_db()
    assert not comment.notify_replies


@pytest.mark.parametrize("path", [CONFIRM, UNSUBSCRIBE, YOUR_DATA])
@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000, "\x00"], ids=["none", "made up", "long", "unprintable"])
def test_token_that_is_none_is_told_so(site: Any, visitor: Visitor, path: str, token: str) -> None:
    response = visitor.post(path, {"token": token})
    assert response.status_code == 404
    assert "This link is used up or too old" in response.text
    assert response["Referrer-Policy"] == "strict-origin"


def test_button_pressed_from_another_site_does_nothing(comment: ReaderComment) -> None:
    stranger = Visitor(HTTP_SEC_FETCH_SITE="cross-site")
    response = stranger.post(UNSUBSCRIBE, {"token": tokens.unsubscribe_token(comment)})
    assert response.status_code == 403
    comment.refresh_from_db()
    assert comment.notify_replies


def ask(visitor: Visitor, **fields: str) -> Any:
    return visitor.post("/your-data/", {"email": ADDRESS, "kind": "export"} | fields)


def test_copy_is_asked_for_without_javascript(comment: ReaderComment, visitor: Visitor) -> None:
    check = ask(visitor)
    assert "Check what you ask for" in check.text
    assert check["Cache-Control"] == "private, no-store"
    response = ask(visitor, ticket=fetch_ticket(PRIVACY_TICKET)["ticket"])
    assert (response.status_code, response["Location"]) == (303, "/your-data/received/")
    assert "Look in your mailbox" in visitor.get(response["Location"]).text
    assert DataRequest.objects.get().kind == "export"


@pytest.mark.parametrize(("field", "words"), [("kind", "Choose what you ask for."), ("email", "Enter your e-mail")])
def test_what_is_missing_is_named(site: Any, visitor: Visitor, field: str, words: str) -> None:
    response = ask(visitor, **{field: "", "ticket": "x"})
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 400
    (link,) = page.select(".error-summary a")
    assert link.get_text().startswith(words)
    assert page.select(str(link["href"]))


def test_copy_is_a_file_for_the_reader_of_the_mail_alone(comment: ReaderComment, visitor: Visitor) -> None:
    response = press(visitor, YOUR_DATA, links(comment)[YOUR_DATA])
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "private, no-store"
    assert response.json()["comments"][0]["comment"] == "Quite secret"


def test_erasure_says_that_it_is_done(comment: ReaderComment, visitor: Visitor) -> None:
    asked = DataRequest.objects.create(kind="erase", email=ADDRESS)
    response = press(visitor, YOUR_DATA, signing.dumps(asked.pk.hex, salt="cms.data_request"))
    assert "It is erased" in response.text
    assert not ReaderComment.objects.filter(email=ADDRESS).exists()
    assert not mail.outbox


def test_footer_and_cookie_settings_lead_to_the_form(site: Any, visitor: Visitor) -> None:
    for path in ("/", "/privacy-choices/"):
        page = BeautifulSoup(visitor.get(path).text, "html.parser")
        where = page.select("footer a" if path == "/" else "main a")
        assert "/your-data/" in [link.get("href") for link in where], path
