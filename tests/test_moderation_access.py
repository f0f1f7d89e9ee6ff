"""Who gets into the queue, and how far a moderator gets elsewhere."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from blog.models import BlockRule, BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of, seen, url_of


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


PAGES = ["blog_comments", "blog_comments_export", "blog_caught"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_shown_to_others(name: str, held: ReaderComment, client: Client) -> None:
    writer = client_of("access_admin")
    for stranger in (writer, client):
        answer = stranger.get(reverse(name), {"export": "csv"})
        assert answer.status_code in {302, 403}
        assert "Quentin" not in answer.content.decode()
    assert "/admin/comments/" not in writer.get(reverse("wagtailadmin_home")).content.decode()


def test_no_button_works_for_others(held: ReaderComment, client: Client) -> None:
    ReaderComment.objects.filter(pk=held.pk).update(network="e" * 32)
    urls = [url_of(held, "erase"), url_of(held, "reply"), url_of(held, "block"), url_of(held, "decide", "spam")]
    for stranger in (client_of("access_admin"), client_of("access_admin", "add_blockrule"), client):
        for url in [*urls, reverse("blog_comments_bulk")]:
            form = seen(held, body="x", approve="1", all="1", action="erase", until=timezone.now().isoformat())
            assert stranger.post(url, {**form, "confirmed": "1"}).status_code in {302, 403}
    held.refresh_from_db()
    assert held.status == "pending"
    assert ReaderComment.objects.count() == 1
    assert not BlockRule.objects.exists()


@pytest.mark.parametrize("name", ["erase", "reply", "block"])
def test_another_site_presses_no_button(name: str, held: ReaderComment, moderator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = moderator.cookies
    assert strict.post(url_of(held, name), seen(held, body="x")).status_code == 403
    assert ReaderComment.objects.count() == 1


def test_moderators_get_nowhere_else(held: ReaderComment, moderator: Client) -> None:
    """What the group opens: the queue, its report, the block rules, and the first page with what waits."""
    settings = reverse("wagtailsettings:edit", args=["home", "sitesettings", held.post.get_site().pk])
    closed = [
        settings,
        reverse("wagtailadmin_pages:edit", args=[held.post_id]),
        reverse("wagtailusers_users:index"),
        reverse("wagtailsites:index"),
        reverse("wagtailsnippets_blog_author:list"),
        reverse("guard_refused_forms"),
    ]
    assert {url: moderator.get(url).status_code for url in closed} == dict.fromkeys(closed, 302)
    home = moderator.get(reverse("wagtailadmin_home")).content.decode()
    assert "Comments (1)" in home
    assert "Comments waiting for you" in home
    assert "clinical review" not in home
