"""Mail about comments: asked for, confirmed, ended with one click, and never a way to write to a stranger."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from blog import moderation, tokens
from blog.models import BlogPage, ReaderComment
from home.models import SiteSettings
from outbox.models import Message
from outbox.services import send_due
from tests import factories
from tests.conftest import Visitor
from tests.forms import send_comment

pytestmark = pytest.mark.usefixtures("noon")
ADA, BEN = "ada@visitor.example", "ben@visitor.example"
CONFIRM, UNSUBSCRIBE = "/api/v1/comments/confirm/", "/api/v1/comments/unsubscribe/"


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(title="Sore calves")


@pytest.fixture
def moderator(site: Any) -> Any:
    return get_user_model().objects.create_user("moderator")


def leave(post: BlogPage, email: str = ADA, network: int = 1, **fields: Any) -> ReaderComment:
    visitor = Visitor(REMOTE_ADDR=f"198.51.{network}.7")
    answer = send_comment(post, visitor, email=email, **({"notify_replies": bool(email)} | fields))
    assert answer.status_code == 202, answer.content
    return ReaderComment.objects.get(pk=answer.json()["id"])


def mails_to(address: str, mailoutbox: list[Any]) -> list[Any]:
    """What an address has got once everything due was sent."""
    send_due()
    return [mail for mail in mailoutbox if mail.to == [address]]


def token_in(mail: Any) -> str:
    (token,) = re.findall(r"token=(\S+)", mail.body)
    return str(token)


def confirm(token: str) -> int:
    return int(Visitor().send("POST", CONFIRM, {"token": token}).status_code)


def subscribed(post: BlogPage, moderator: Any) -> ReaderComment:
    """An approved comment whose writer waits for answers."""
    comment = leave(post)
    assert confirm(tokens.confirm_token(comment)) == 204
    return decide(comment, moderator)


def decide(comment: ReaderComment, moderator: Any, action: str = "approve") -> ReaderComment:
    return moderation.decide(comment_id=comment.pk, action=action, user=moderator)


def answer(post: BlogPage, asked: ReaderComment, **fields: Any) -> ReaderComment:
    return leave(post, **({"email": "", "parent": str(asked.pk), "network": 2, "body": "An answer."} | fields))


# --- Is this your address? -------------------------------------------------------------------------------------------


def test_address_is_asked_only_if_answers_are_wanted(post: BlogPage, mailoutbox: list[Any]) -> None:
    leave(post, notify_replies=False)
    assert mails_to(ADA, mailoutbox) == []
    leave(post, body="Another.")
    (mail,) = mails_to(ADA, mailoutbox)
    assert "Sore calves" in mail.body


def test_answers_are_not_mailed_without_an_address(post: BlogPage) -> None:
    refused = send_comment(post, notify_replies=True)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["email"])


def test_mail_to_an_unconfirmed_address_carries_no_word_of_the_sender(post: BlogPage, mailoutbox: list[Any]) -> None:
    leave(post, author_name="zznamezz", body="zzbodyzz http://zz.example")
    (mail,) = mails_to(ADA, mailoutbox)
    assert "zz" not in str(mail.message()).replace(token_in(mail), "")
    assert not mail.message().is_multipart()
    assert mail.reply_to == []
    assert re.findall(r"https?://([^/\s]+)", mail.body) == ["127.0.0.1:8000"]


def test_address_gets_three_such_mails_a_day_at_most(post: BlogPage, mailoutbox: list[Any], noon: Any) -> None:
    for number in range(6):
        leave(post, ADA.upper() if number % 2 else ADA, network=number, body=f"Comment {number}.")
    send_due()
    assert len([mail for mail in mailoutbox if mail.to[0].lower() == ADA]) == 3
    leave(post, BEN, network=9)
    assert len(mails_to(BEN, mailoutbox)) == 1
    noon.shift(timedelta(days=1))
    leave(post, network=10, body="Tomorrow.")
    send_due()
    assert len([mail for mail in mailoutbox if mail.to[0].lower() == ADA]) == 4


def test_spam_asks_nobody(post: BlogPage, mailoutbox: list[Any]) -> None:
    factories.make_settings(name="Tern Street Clinic")
    comment = leave(post)
    ReaderComment.objects.filter(pk=comment.pk).update(status="spam")
    assert mails_to(ADA, mailoutbox) == []


def test_address_that_was_erased_before_the_mail_went_gets_none(
    post: BlogPage, moderator: Any, mailoutbox: list[Any]
) -> None:
    moderation.erase(comment_id=leave(post).pk, user=moderator)
    assert mails_to(ADA, mailoutbox) == []


# --- Tokens ----------------------------------------------------------------------------------------------------------


def test_token_in_the_mail_confirms_the_address(post: BlogPage, mailoutbox: list[Any]) -> None:
    comment = leave(post)
    (mail,) = mails_to(ADA, mailoutbox)
    assert confirm(token_in(mail)) == 204
    comment.refresh_from_db()
    assert comment.email_confirmed_at is not None


@pytest.mark.parametrize("path", [CONFIRM, UNSUBSCRIBE])
def test_reading_a_link_changes_nothing(path: str, post: BlogPage) -> None:
    comment = leave(post)
    made = {CONFIRM: tokens.confirm_token, UNSUBSCRIBE: tokens.unsubscribe_token}[path](comment)
    for address in (f"{path}?token={made}", f"{path.removeprefix('/api/v1')}?token={made}"):
        Visitor().get(address)
        Visitor().head(address)
        Visitor().options(address)
    comment.refresh_from_db()
    assert (comment.email_confirmed_at, comment.notify_replies) == (None, True)


def test_token_is_good_for_its_own_purpose_alone(post: BlogPage) -> None:
    comment = leave(post)
    made = {
        "edit": tokens.edit_token(comment),
        CONFIRM: tokens.confirm_token(comment),
        UNSUBSCRIBE: tokens.unsubscribe_token(comment),
    }
    for path in (CONFIRM, UNSUBSCRIBE):
        wrong = [token for purpose, token in made.items() if purpose != path] + ["x", "é", ":" * 9, "x" * 300]
        answers = [Visitor().send("POST", path, {"token": token}) for token in wrong]
        assert {response.status_code for response in answers} == {404}
        assert len({response.content for response in answers}) == 1
    comment.refresh_from_db()
    assert (comment.email_confirmed_at, comment.notify_replies) == (None, True)


@pytest.mark.parametrize("token", [None, "", 5, [], {}, "x" * 301, "a\0b"], ids=lambda value: repr(value)[:9])
@pytest.mark.parametrize("path", [CONFIRM, UNSUBSCRIBE])
def test_token_that_makes_no_sense_is_refused(path: str, token: Any, site: Any) -> None:
    assert Visitor().send("POST", path, {"token": token}).status_code in {400, 404}


def test_token_dies_with_its_address(post: BlogPage, moderator: Any) -> None:
    comment = leave(post)
    made = tokens.confirm_token(comment)
    ReaderComment.objects.filter(pk=comment.pk).update(email=BEN, email_digest="other")
    assert confirm(made) == 404
    ReaderComment.objects.filter(pk=comment.pk).update(email="", email_digest="")
    assert confirm(made) == 404


def test_address_is_confirmed_within_a_week(post: BlogPage, noon: Any) -> None:
    made = tokens.confirm_token(leave(post))
    noon.shift(timedelta(days=7, seconds=1))
    assert confirm(made) == 404


def test_old_mail_still_lets_its_reader_go(post: BlogPage, moderator: Any, noon: Any) -> None:
    comment = subscribed(post, moderator)
    made = tokens.unsubscribe_token(comment)
    noon.shift(timedelta(days=1000))
    assert Visitor().send("POST", UNSUBSCRIBE, {"token": made}).status_code == 204
    comment.refresh_from_db()
    assert not comment.notify_replies


def test_other_site_confirms_nothing(post: BlogPage) -> None:
    made = tokens.confirm_token(leave(post))
    foreign = Visitor(HTTP_SEC_FETCH_SITE="cross-site")
    assert foreign.send("POST", CONFIRM, {"token": made}).status_code == 403


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_answer_is_mailed_once_it_is_approved(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = subscribed(post, moderator)
    reply = answer(post, asked, author_name="Ben", body="zzbodyzz")
    assert [mail for mail in mails_to(ADA, mailoutbox) if "answer" in mail.subject] == []
    decide(reply, moderator)
    (mail,) = [mail for mail in mails_to(ADA, mailoutbox) if "answer" in mail.subject]
    assert "Ben" in mail.body
    assert f"#c-{reply.pk}" in mail.body
    assert "zzbodyzz" not in str(mail.message())
    assert not mail.message().is_multipart()


def replies(mailoutbox: list[Any], address: str = ADA) -> int:
    return len([mail for mail in mails_to(address, mailoutbox) if "answer" in mail.subject])


def test_answer_is_mailed_once(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    reply = answer(post, subscribed(post, moderator))
    for action in ("approve", "remove", "approve", "spam", "approve"):
        decide(reply, moderator, action)
    assert replies(mailoutbox) == 1


def test_answer_of_the_clinic_is_mailed(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = subscribed(post, moderator)
    moderation.reply_as_clinic(parent=asked, body="Come and see us.", user=moderator)
    assert replies(mailoutbox) == 1


@pytest.mark.parametrize("action", ["reject", "spam"])
def test_answer_that_was_turned_down_is_not_mailed(
    action: str, post: BlogPage, moderator: Any, mailoutbox: list[Any]
) -> None:
    decide(answer(post, subscribed(post, moderator)), moderator, action)
    assert replies(mailoutbox) == 0


def test_answer_that_was_removed_before_the_mail_went_is_not_mailed(
    post: BlogPage, moderator: Any, mailoutbox: list[Any]
) -> None:
    reply = decide(answer(post, subscribed(post, moderator)), moderator)
    decide(reply, moderator, "remove")
    assert replies(mailoutbox) == 0


def test_answer_to_oneself_is_not_mailed(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = subscribed(post, moderator)
    decide(answer(post, asked, email=ADA.upper(), notify_replies=False), moderator)
    assert replies(mailoutbox) == 0


def test_address_that_nobody_confirmed_gets_no_answers(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = decide(leave(post), moderator)
    decide(answer(post, asked), moderator)
    assert replies(mailoutbox) == 0


def test_whoever_wants_no_more_mail_gets_none(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = subscribed(post, moderator)
    decide(answer(post, asked), moderator)
    (mail,) = [mail for mail in mails_to(ADA, mailoutbox) if "answer" in mail.subject]
    decide(answer(post, asked, body="A second one.", network=3), moderator)
    assert Visitor().send("POST", UNSUBSCRIBE, {"token": token_of(mail)}).status_code == 204
    decide(answer(post, asked, body="A third one.", network=4), moderator)
    assert replies(mailoutbox) == 1


def token_of(mail: Any) -> str:
    """The token that a mail program finds in the header (RFC 8058)."""
    return str(mail.extra_headers["List-Unsubscribe"].removesuffix(">").partition("token=")[2])


def test_mail_program_finds_the_way_out(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    decide(answer(post, subscribed(post, moderator)), moderator)
    (mail,) = [mail for mail in mails_to(ADA, mailoutbox) if "answer" in mail.subject]
    assert mail.extra_headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/comments/unsubscribe/?token=")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
    assert f"token={token_of(mail)}" in mail.body


def test_whoever_was_erased_gets_no_more_mail(post: BlogPage, moderator: Any, mailoutbox: list[Any]) -> None:
    asked = subscribed(post, moderator)
    decide(answer(post, asked), moderator)
    moderation.erase(comment_id=asked.pk, user=moderator)
    assert replies(mailoutbox) == 0


# --- To the clinic ---------------------------------------------------------------------------------------------------


def test_clinic_is_told_once_a_quarter_of_an_hour(post: BlogPage, mailoutbox: list[Any], noon: Any) -> None:
    for number in range(3):
        leave(post, "", network=number, author_name="zznamezz", body=f"zzbodyzz {number}")
    assert mails_to("hello@clinic.example", mailoutbox) == []
    noon.shift(timedelta(minutes=15))
    (mail,) = mails_to("hello@clinic.example", mailoutbox)
    assert "3 comments wait" in mail.subject
    assert "zz" not in str(mail.message())
    assert "token" not in mail.body


# --- Known writers ---------------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(site: Any) -> None:
    factories.make_settings(comments_moderation=SiteSettings.Moderation.KNOWN)


def newcomer(post: BlogPage, network: int = 5, **fields: Any) -> ReaderComment:
    """Sent by somebody who takes their time."""
    comment = leave(post, network=network, **({"body": "Second thoughts."} | fields))
    ReaderComment.objects.filter(pk=comment.pk).update(signals=[name for name in comment.signals if name != "quick"])
    return comment


def is_shown(comment: ReaderComment) -> bool:
    return Visitor().get(f"/api/v1/comments/{comment.pk}/").status_code == 200


def test_known_writer_is_shown_once_the_address_is_confirmed(trusting: None, post: BlogPage, moderator: Any) -> None:
    subscribed(post, moderator)
    comment = newcomer(post)
    assert not is_shown(comment)
    assert confirm(tokens.confirm_token(comment)) == 204
    assert is_shown(comment)
    comment.refresh_from_db()
    assert comment.decided_by is None


def test_writer_is_not_known_by_an_address_alone(trusting: None, post: BlogPage, moderator: Any) -> None:
    subscribed(post, moderator)
    assert not is_shown(newcomer(post))


def test_writer_of_whom_nothing_was_approved_is_held(trusting: None, post: BlogPage) -> None:
    first, second = leave(post), newcomer(post)
    for comment in (first, second):
        confirm(tokens.confirm_token(comment))
        assert not is_shown(comment)


def test_what_nobody_read_makes_nobody_known(trusting: None, post: BlogPage, moderator: Any) -> None:
    first = subscribed(post, moderator)
    second = newcomer(post)
    confirm(tokens.confirm_token(second))
    decide(first, moderator, "spam")
    third = newcomer(post, network=6, body="Third thoughts.")
    confirm(tokens.confirm_token(third))
    assert not is_shown(third)


def test_anything_odd_is_read_first(trusting: None, post: BlogPage, moderator: Any) -> None:
    subscribed(post, moderator)
    comment = newcomer(post, body="http://a.example http://b.example http://c.example")
    confirm(tokens.confirm_token(comment))
    assert not is_shown(comment)


def test_clinic_that_reads_everything_first_trusts_nobody(post: BlogPage, moderator: Any) -> None:
    subscribed(post, moderator)
    comment = newcomer(post)
    confirm(tokens.confirm_token(comment))
    assert not is_shown(comment)
    assert Message.objects.exists()
