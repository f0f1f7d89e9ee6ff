"""Who may decide about comments, what the admin shows to whom, and what it must not let anybody do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page

from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of, decide, queue_url, seen, url_of


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post()


@pytest.fixture
def held(post: BlogPage) -> ReaderComment:
    return factories.make_comment(post, status="pending", author_name="Quentin", body="Please read me")


@pytest.fixture
def writer(site: Page) -> Client:
    """Somebody of the staff who may enter the admin and nothing else."""
    return client_of("access_admin")


@pytest.fixture
def moderator(site: Page) -> Client:
    return client_of("access_admin", "moderate_comment")


@pytest.fixture
def superuser(site: Page) -> Client:
    return client_of(is_superuser=True)


@pytest.mark.parametrize(("what", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_a_moderator_decides(what: str, status: str, held: ReaderComment, moderator: Client) -> None:
    answer = decide(moderator, held, what)
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.status == status
    assert held.decided_by is not None
    assert held.decided_at is not None


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_entering_the_admin_is_not_enough_to_decide(what: str, held: ReaderComment, writer: Client) -> None:
    answer = decide(writer, held, what)
    held.refresh_from_db()
    assert held.status == "pending"
    assert answer.status_code in {302, 403}
    assert not ModelLogEntry.objects.filter(action="blog.decide_comment").exists()


def test_a_stranger_is_sent_to_the_login(held: ReaderComment, client: Client) -> None:
    for answer in (decide(client, held), client.get(queue_url()), client.get(reverse("wagtailadmin_home"))):
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    held.refresh_from_db()
    assert held.status == "pending"


def test_a_link_decides_nothing(held: ReaderComment, moderator: Client) -> None:
    assert moderator.get(url_of(held, "decide", "approve")).status_code == 405
    held.refresh_from_db()
    assert held.status == "pending"


def test_another_site_cannot_decide(held: ReaderComment, moderator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = moderator.cookies
    assert decide(strict, held).status_code == 403
    held.refresh_from_db()
    assert held.status == "pending"


def test_unknown_decisions_and_comments_are_refused(held: ReaderComment, moderator: Client) -> None:
    assert decide(moderator, held, "delete").status_code == 404
    unknown = ReaderComment(status="pending")
    for url in (url_of(unknown, "decide", "approve"), url_of(unknown, "reply")):
        assert moderator.post(url, seen(unknown)).status_code == 404
    assert moderator.get(url_of(unknown, "erase")).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"revision": "1"}, {"revision": "x", "status": "pending"}, {"status": "odd"}])
def test_a_form_that_does_not_say_what_was_read_decides_nothing(
    fields: dict[str, str], held: ReaderComment, moderator: Client
) -> None:
    assert moderator.post(url_of(held, "decide", "approve"), fields).status_code == 400
    held.refresh_from_db()
    assert held.status == "pending"


def test_the_list_is_for_moderators(held: ReaderComment, writer: Client, moderator: Client) -> None:
    shown = moderator.get(queue_url())
    assert shown.status_code == 200
    assert "Quentin" in shown.content.decode()
    refused = writer.get(queue_url())
    assert refused.status_code in {302, 403}
    assert "Quentin" not in refused.content.decode()


def test_the_log_names_no_person(held: ReaderComment, moderator: Client) -> None:
    decide(moderator, held)
    entry = ModelLogEntry.objects.get(action="blog.decide_comment")
    assert entry.data == {"from": "pending", "to": "approved"}
    assert "Quentin" not in entry.label
    assert "read me" not in entry.label


def test_the_home_page_counts_what_waits(post: BlogPage, moderator: Client, writer: Client) -> None:
    for number in range(7):
        factories.make_comment(post, status="pending", author_name=f"Waiting {number}")
    page = moderator.get(reverse("wagtailadmin_home")).content.decode()
    assert "7 to read" in page
    assert page.count("<strong><bdi>Waiting") == 5
    assert "Waiting 0" in page
    assert "Waiting" not in writer.get(reverse("wagtailadmin_home")).content.decode()


def test_what_waits_is_text(post: BlogPage, moderator: Client) -> None:
    factories.make_comment(post, status="pending", author_name="<b>Ada</b>", body="<script>alert(1)</script>")
    for url in (reverse("wagtailadmin_home"), queue_url()):
        page = moderator.get(url).content.decode()
        assert "<script>alert(1)" not in page
        assert "<b>Ada" not in page


def test_appointment_requests_are_for_those_who_may_read_them(site: Page, writer: Client, superuser: Client) -> None:
    request = factories.make_request(name="Quentin", message="My knee")
    home, record = reverse("wagtailadmin_home"), reverse("reception_request", args=[request.pk])
    assert request.reference in superuser.get(home).content.decode()
    assert request.reference not in writer.get(home).content.decode()
    assert "My knee" in superuser.get(record).content.decode()
    refused = writer.get(record)
    assert refused.status_code in {302, 403}
    assert "My knee" not in refused.content.decode()


def test_posts_due_for_review_are_named(site: Page, superuser: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.make_post(title="Old advice", review_due=yesterday)
    factories.make_post(title="Fresh advice", review_due=yesterday + timedelta(days=9))
    page = superuser.get(reverse("wagtailadmin_home")).content.decode()
    assert "Posts due for clinical review" in page
    assert "Old advice</a>, due" in page
    assert "Fresh advice</a>, due" not in page


@pytest.mark.parametrize("action", ["add", "edit", "delete"])
def test_nobody_writes_a_comment_in_the_admin(action: str, held: ReaderComment, superuser: Client) -> None:
    url = f"/admin/snippets/blog/readercomment/{action}/" + ("" if action == "add" else f"{held.pk}/")
    for method in (superuser.get, superuser.post):
        answer = method(url, {"author_name": "Rewritten", "body": "Rewritten", "post": held.post_id})
        assert answer.status_code in {302, 403, 404, 405}
    held.refresh_from_db()
    assert held.body == "Please read me"
    assert ReaderComment.objects.count() == 1


def test_a_given_consent_text_stays_as_it_was(site: Page, superuser: Client) -> None:
    consent = factories.make_request().consent
    base = reverse("wagtailsnippets_booking_consenttext:list")
    for path in (f"edit/{consent.pk}/", f"delete/{consent.pk}/"):
        assert superuser.post(f"{base}{path}", {"text": "Other"}).status_code in {302, 403, 404, 405}
    before = consent.text
    consent.refresh_from_db()
    assert consent.text == before


SNIPPETS = [
    "blog_blockrule",
    "blog_author",
    "blog_topic",
    "booking_service",
    "booking_location",
    "booking_openingrule",
    "booking_closure",
    "booking_practitioner",
    "booking_consenttext",
]


def test_the_pages_of_the_admin_answer(held: ReaderComment, superuser: Client) -> None:
    factories.make_practitioner(services=[factories.make_service()])
    request = factories.make_request()
    page = factories.make_page()
    urls = [
        reverse("wagtailadmin_home"),
        *(reverse(f"wagtailsnippets_{name}:list") for name in SNIPPETS),
        *(reverse(f"wagtailsnippets_{name}:add") for name in SNIPPETS),
        queue_url(),
        url_of(held, "erase"),
        reverse("blog_caught"),
        reverse("guard_refused_forms"),
        reverse("reception_request", args=[request.pk]),
        *(reverse("wagtailadmin_pages:edit", args=[pk]) for pk in (page.pk, held.post_id, page.get_parent().pk)),
        reverse("wagtailadmin_pages:add", args=["blog", "blogpage", BlogPage.objects.get().get_parent().pk]),
        reverse("wagtailadmin_explore_root"),
        reverse("wagtailadmin_reports:site_history"),
        reverse("wagtailimages:index"),
        reverse("wagtailredirects:index"),
        reverse("wagtailsettings:edit", args=["home", "sitesettings", page.get_site().pk]),
        reverse("wagtailsettings:edit", args=["consent", "wording", page.get_site().pk]),
    ]
    assert {url: code for url in urls if (code := status_of(superuser, url)) != 200} == {}


def status_of(client: Client, url: str) -> int:
    return int(client.get(url, follow=True).status_code)


def test_the_preview_of_the_editor_leads_to_our_own_page(post: BlogPage, superuser: Client, visitor: Any) -> None:
    post.title = "Not yet public"
    post.save_revision()
    url = reverse("wagtailadmin_pages:view_draft", args=[post.pk])
    answer = superuser.get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://127.0.0.1:8000/preview/?")
    draft = visitor.get(answer["Location"].removeprefix("http://127.0.0.1:8000"))
    assert "Not yet public" in draft.content.decode()
    assert "no-store" in draft["Cache-Control"]
    assert draft["X-Robots-Tag"] == "noindex"
