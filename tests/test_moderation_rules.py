"""Blocking: from a comment and by hand, and what the rules have caught."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from blog.models import BlockRule, BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of, queue_url, seen, shown, url_of


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post(title="Knees on stairs", intro="Why they ache.")


@pytest.fixture
def held(post: BlogPage) -> ReaderComment:
    return factories.make_comment(post, status="pending", author_name="Quentin", body="Please\nread me")


@pytest.fixture
def moderator(site: Page) -> Client:
    """Somebody in the group that comes with the site, and in no other."""
    return client_of(group="Comment moderators")


def test_a_network_is_blocked_without_being_named(held: ReaderComment, moderator: Client) -> None:
    ReaderComment.objects.filter(pk=held.pk).update(network="e" * 32)
    for _ in range(2):
        assert moderator.post(url_of(held, "block"), seen(held)).status_code == 302
    rule = BlockRule.objects.get()
    assert (rule.kind, rule.value, rule.action) == ("network", "e" * 32, "spam")
    assert timedelta(days=29) < rule.expires_at - timezone.now() <= timedelta(days=30)
    edit = reverse("wagtailsnippets_blog_blockrule:edit", args=[rule.pk])
    for url in (reverse("wagtailsnippets_blog_blockrule:list"), edit, queue_url(), reverse("blog_caught")):
        page = moderator.get(url).content.decode()
        assert "e" * 32 not in page
    form = {"kind": "words", "value": "other", "action": "hold", "note": "", "expires_at": ""}
    assert moderator.post(edit, form).status_code == 302
    rule.refresh_from_db()
    assert (rule.kind, rule.value, rule.action) == ("network", "e" * 32, "hold")


def test_a_network_that_is_forgotten_cannot_be_blocked(held: ReaderComment, moderator: Client) -> None:
    unknown = ReaderComment(status="pending")
    assert moderator.post(url_of(unknown, "block"), seen(unknown)).status_code == 404
    assert url_of(held, "block") not in shown(moderator)
    assert moderator.post(url_of(held, "block"), seen(held)).status_code == 409
    assert not BlockRule.objects.exists()


def test_blocking_is_for_those_who_may_make_rules(held: ReaderComment) -> None:
    ReaderComment.objects.filter(pk=held.pk).update(network="e" * 32)
    reader = client_of("access_admin", "moderate_comment")
    assert url_of(held, "block") not in shown(reader)
    reader.post(url_of(held, "block"), seen(held))
    assert not BlockRule.objects.exists()


def test_an_address_and_a_host_are_filled_in(held: ReaderComment, moderator: Client) -> None:
    ReaderComment.objects.filter(pk=held.pk).update(email="q@visitor.example", body="See pills.example/buy")
    add = reverse("wagtailsnippets_blog_blockrule:add")
    page = unescape(shown(moderator))
    assert f"{add}?kind=address&comment={held.pk}" in page
    assert f"{add}?kind=host&value=pills.example" in page
    form = moderator.get(f"{add}?kind=address&comment={held.pk}").content.decode()
    assert 'value="q@visitor.example"' in form
    assert 'value="pills.example"' in moderator.get(f"{add}?kind=host&value=pills.example").content.decode()
    assert 'value="network"' not in form
    rules_only = client_of("access_admin", "add_blockrule")
    assert "q@visitor.example" not in rules_only.get(f"{add}?kind=address&comment={held.pk}").content.decode()
    answer = moderator.post(add, {"kind": "network", "value": "e" * 32, "action": "spam"})
    assert answer.status_code == 200
    assert not BlockRule.objects.exists()


def test_rules_are_listed_with_what_they_caught_and_no_whole_address(post: BlogPage, moderator: Client) -> None:
    rule = BlockRule.objects.create(kind="address", value="ada@visitor.example")
    for status in ("spam", "spam", "approved"):
        factories.make_comment(post, status=status, signals=[f"rule:{rule.pk}", "quick"])
    page = moderator.get(reverse("wagtailsnippets_blog_blockrule:list")).content.decode()
    assert "a…@visitor.example" in page
    assert "ada@visitor.example" not in page
    assert re.search(r"<td[^>]*>\s*3\s*</td>", page)
    report = moderator.get(reverse("blog_caught")).content.decode()
    row = re.search(r"a…@visitor\.example.*?</tr>", report, re.DOTALL)
    assert row
    assert re.findall(r"<td>(\d+)</td>", row[0]) == ["3", "0", "1", "0", "2", "0"]
