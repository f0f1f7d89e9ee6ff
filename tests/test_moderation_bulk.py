"""One decision about many comments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page

from blog import services
from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of, decide_together, said, statuses, ticked


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def moderator(site: Page) -> Client:
    return client_of(group="Comment moderators")


@pytest.fixture
def four(post: BlogPage) -> list[ReaderComment]:
    """Three that wait, and one under spam."""
    made = [factories.make_comment(post, status="pending", author_name=f"N{number}") for number in range(3)]
    return [*made, factories.make_comment(post, status="spam", author_name="Spam")]


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected"), ("spam", "spam")])
def test_the_ticked_ones_are_decided_one_by_one(
    action: str, status: str, four: list[ReaderComment], moderator: Client
) -> None:
    answer = decide_together(moderator, action, comment=ticked(*four[:2]))
    assert statuses() == {"N0": status, "N1": status, "N2": "pending", "Spam": "spam"}
    assert said(answer, moderator)[0].startswith("2 ")
    assert ModelLogEntry.objects.filter(action="blog.decide_comment").count() == 2


def test_what_may_not_follow_is_left_and_said(four: list[ReaderComment], moderator: Client) -> None:
    form = ticked(*four)
    services.edit_comment(comment=four[0], body="Buy my pills")
    services.withdraw_comment(comment=four[1])
    answer = decide_together(moderator, "spam", comment=form)
    assert statuses() == {"N0": "pending", "N2": "spam", "Spam": "spam"}
    words = said(answer, moderator)[0]
    assert words.startswith("1 put under spam.")
    assert "1 left as it is: This comment is spam already." in words
    assert "has changed this comment" in words
    assert "taken back" in words


def test_what_a_colleague_decided_meanwhile_stands(four: list[ReaderComment], moderator: Client) -> None:
    form = ticked(*four[:2])
    decide_together(client_of(group="Comment moderators"), "reject", comment=ticked(four[0]))
    answer = decide_together(moderator, "approve", comment=form)
    assert said(answer, moderator)[0] == "1 approved. 1 left as it is: This comment is rejected already."
    assert statuses()["N0"] == "rejected"


def test_all_is_what_the_list_shows(four: list[ReaderComment], moderator: Client) -> None:
    asked = decide_together(moderator, "approve", all="1")
    assert "Approve 3 comments" in asked.content.decode()
    assert set(statuses().values()) == {"pending", "spam"}
    decide_together(moderator, "approve", all="1", confirmed="1")
    assert statuses() == {"N0": "approved", "N1": "approved", "N2": "approved", "Spam": "spam"}


@pytest.mark.parametrize("listed", ["", "status=all", "status=nonsense", "status=pending&sender=nonsense"])
def test_all_without_a_filter_is_refused(listed: str, four: list[ReaderComment], moderator: Client) -> None:
    before = statuses()
    answer = decide_together(moderator, "erase", all="1", list=listed, confirmed="1")
    assert statuses() == before
    assert "Choose a status" in said(answer, moderator)[0]


def test_what_came_or_changed_after_the_list_was_made_is_not_part_of_it(
    four: list[ReaderComment], moderator: Client
) -> None:
    until = timezone.now().isoformat()
    services.edit_comment(comment=four[0], body="Buy my pills")
    factories.make_comment(four[0].post, status="pending", author_name="Late")
    decide_together(moderator, "approve", all="1", until=until, confirmed="1")
    assert statuses() == {"N0": "pending", "N1": "approved", "N2": "approved", "Spam": "spam", "Late": "pending"}


def test_erasing_many_asks_first(four: list[ReaderComment], moderator: Client) -> None:
    asked = decide_together(moderator, "erase", comment=ticked(*four[:2]))
    page = asked.content.decode()
    assert "Erase 2 comments" in page
    assert all(f'value="{value}"' in page for value in ticked(*four[:2]))
    assert ReaderComment.objects.count() == 4
    decide_together(moderator, "erase", comment=ticked(*four[:2]), confirmed="1")
    assert set(statuses()) == {"N2", "Spam"}
    assert ModelLogEntry.objects.filter(action="blog.erase_comment").count() == 2


def test_nothing_ticked_changes_nothing(four: list[ReaderComment], moderator: Client) -> None:
    answer = decide_together(moderator, "approve")
    assert said(answer, moderator) == ["Tick a comment first."]


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "publish"},
        {"comment": ["nonsense"]},
        {"comment": ["a.b.c"]},
        {"all": "1", "until": "yesterday"},
        {"all": "1", "until": "2026-13-45T00:00"},
        {"all": "1", "until": "2026-01-01T00:00:00"},
    ],
)
def test_a_form_that_was_tampered_with_is_refused(
    fields: dict[str, str], four: list[ReaderComment], moderator: Client
) -> None:
    before = statuses()
    assert decide_together(moderator, **{"action": "approve", "confirmed": "1"} | fields).status_code == 400
    assert statuses() == before


def test_no_more_than_five_hundred_at_once(post: BlogPage, moderator: Client) -> None:
    written = timezone.now() - timedelta(hours=1)
    ReaderComment.objects.bulk_create(
        ReaderComment(post=post, author_name=f"N{number}", body="x", status="pending", created_at=written)
        for number in range(502)
    )
    asked = decide_together(moderator, "spam", all="1").content.decode()
    assert "500 comments" in asked
    assert "the first of more" in asked
    answer = decide_together(moderator, "spam", all="1", confirmed="1")
    assert said(answer, moderator) == ["500 put under spam."]
    assert ReaderComment.objects.filter(status="pending").count() == 2


def test_entering_the_admin_is_not_enough(four: list[ReaderComment], client: Client) -> None:
    before = statuses()
    for stranger in (client_of("access_admin"), client):
        answer = decide_together(stranger, "approve", comment=ticked(*four), confirmed="1")
        assert answer.status_code in {302, 403}
        decide_together(stranger, "erase", all="1", confirmed="1")
    assert statuses() == before


def test_a_link_decides_nothing(four: list[ReaderComment], moderator: Client) -> None:
    form = {"all": "1", "action": "erase", "list": "status=pending", "confirmed": "1"}
    assert moderator.get(reverse("blog_comments_bulk"), form).status_code == 405
    assert ReaderComment.objects.count() == 4
