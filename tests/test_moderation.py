"""Who may decide about comments, what the admin shows to whom, and what it must not let anybody do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page

from blog.models import BlogPage, ReaderComment
from tests import factories

COMMENTS = "wagtailsnippets_blog_readercomment"


def client_of(*permissions: str, is_superuser: bool = False) -> Client:
    user = get_user_model().objects.create_user(f"user-{len(permissions)}-{is_superuser}", is_superuser=is_superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


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


def decision(comment: ReaderComment, what: str = "approve") -> str:
    return reverse("blog_decide_comment", args=[comment.pk, what])


def list_url() -> str:
    return reverse(f"{COMMENTS}:list")


@pytest.mark.parametrize(("what", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_a_moderator_decides(what: str, status: str, held: ReaderComment, moderator: Client) -> None:
    answer = moderator.post(decision(held, what))
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.status == status
    assert held.decided_by is not None
    assert held.decided_at is not None


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_entering_the_admin_is_not_enough_to_decide(what: str, held: ReaderComment, writer: Client) -> None:
    answer = writer.post(decision(held, what))
    held.refresh_from_db()
    assert held.status == "pending"
    assert answer.status_code in {302, 403}
    assert not ModelLogEntry.objects.filter(action="blog.decide_comment").exists()


def test_a_stranger_is_sent_to_the_login(held: ReaderComment, client: Client) -> None:
    for answer in (client.post(decision(held)), client.get(list_url()), client.get(reverse("wagtailadmin_home"))):
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    held.refresh_from_db()
    assert held.status == "pending"


def test_a_link_decides_nothing(held: ReaderComment, moderator: Client) -> None:
    assert moderator.get(decision(held)).status_code == 405
    held.refresh_from_db()
    assert held.status == "pending"


def test_another_site_cannot_decide(held: ReaderComment, moderator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = moderator.cookies
    assert strict.post(decision(held)).status_code == 403
    held.refresh_from_db()
    assert held.status == "pending"


def test_unknown_decisions_and_comments_are_refused(held: ReaderComment, moderator: Client) -> None:
    assert moderator.post(decision(held, "delete")).status_code == 405
    unknown = reverse("blog_decide_comment", args=["00000000-0000-4000-8000-000000000000", "approve"])
    assert moderator.post(unknown).status_code == 404


def test_the_list_is_for_moderators(held: ReaderComment, writer: Client, moderator: Client) -> None:
    shown = moderator.get(list_url())
    assert shown.status_code == 200
    assert "Quentin" in shown.content.decode()
    refused = writer.get(list_url())
    assert refused.status_code in {302, 403}
    assert "Quentin" not in refused.content.decode()


def test_the_log_names_no_person(held: ReaderComment, moderator: Client) -> None:
    moderator.post(decision(held))
    entry = ModelLogEntry.objects.get(action="blog.decide_comment")
    assert entry.data == {"from": "pending", "to": "approved"}
    assert "Quentin" not in entry.label
    assert "read me" not in entry.label


def test_the_home_page_counts_what_waits(post: BlogPage, moderator: Client, writer: Client) -> None:
    for number in range(7):
        factories.make_comment(post, status="pending", author_name=f"Waiting {number}")
    page = moderator.get(reverse("wagtailadmin_home")).content.decode()
    assert "7 to read" in page
    assert page.count("<strong>Waiting") == 5
    assert "Waiting 0" in page
    assert "Waiting" not in writer.get(reverse("wagtailadmin_home")).content.decode()


def test_what_waits_is_text(post: BlogPage, moderator: Client) -> None:
    factories.make_comment(post, status="pending", author_name="<b>Ada</b>", body="<script>alert(1)</script>")
    for url in (reverse("wagtailadmin_home"), list_url()):
        page = moderator.get(url).content.decode()
        assert "<script>alert(1)" not in page
        assert "<b>Ada" not in page


def test_appointment_requests_are_for_those_who_may_read_them(site: Page, writer: Client, superuser: Client) -> None:
    request = factories.make_request(name="Quentin", message="My knee")
    home, requests = reverse("wagtailadmin_home"), "wagtailsnippets_booking_appointmentrequest"
    assert request.reference in superuser.get(home).content.decode()
    assert request.reference not in writer.get(home).content.decode()
    assert "My knee" in superuser.get(reverse(f"{requests}:edit", args=[request.pk])).content.decode()
    for name, args in (("list", []), ("edit", [request.pk]), ("inspect", [request.pk])):
        refused = writer.get(reverse(f"{requests}:{name}", args=args))
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
    url = f"{list_url().rstrip('/')}/{action}/" + ("" if action == "add" else f"{held.pk}/")
    for method in (superuser.get, superuser.post):
        answer = method(url, {"author_name": "Rewritten", "body": "Rewritten", "post": held.post_id})
        assert answer.status_code in {302, 403, 404, 405}
    held.refresh_from_db()
    assert held.body == "Please read me"
    assert ReaderComment.objects.count() == 1


def test_nobody_makes_or_deletes_a_request_in_the_admin(site: Page, superuser: Client) -> None:
    request = factories.make_request()
    base = reverse("wagtailsnippets_booking_appointmentrequest:list")
    for path in ("add/", f"delete/{request.pk}/"):
        assert superuser.post(f"{base}{path}", {"name": "x"}).status_code in {302, 403, 404, 405}
    assert list(type(request).objects.all()) == [request]


def test_a_given_consent_text_stays_as_it_was(site: Page, superuser: Client) -> None:
    consent = factories.make_request().consent
    base = reverse("wagtailsnippets_booking_consenttext:list")
    for path in (f"edit/{consent.pk}/", f"delete/{consent.pk}/"):
        assert superuser.post(f"{base}{path}", {"text": "Other"}).status_code in {302, 403, 404, 405}
    before = consent.text
    consent.refresh_from_db()
    assert consent.text == before


def test_staff_answer_a_request(site: Page, superuser: Client) -> None:
    request = factories.make_request(name="Quentin")
    url = reverse("wagtailsnippets_booking_appointmentrequest:edit", args=[request.pk])
    form = {"status": "contacted", "assigned_to": "", "staff_note": "Rang back", "name": "Rewritten"}
    assert superuser.post(url, form).status_code == 302
    request.refresh_from_db()
    assert (request.status, request.staff_note, request.name) == ("contacted", "Rang back", "Quentin")


SNIPPETS = [
    "blog_readercomment",
    "blog_author",
    "blog_topic",
    "booking_appointmentrequest",
    "booking_service",
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
        *(reverse(f"wagtailsnippets_{name}:add") for name in SNIPPETS if name not in READ_ONLY),
        reverse(f"{COMMENTS}:inspect", args=[held.pk]),
        reverse("wagtailsnippets_booking_appointmentrequest:edit", args=[request.pk]),
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


READ_ONLY = {"blog_readercomment", "booking_appointmentrequest"}


def status_of(client: Client, url: str) -> int:
    return int(client.get(url, follow=True).status_code)


@pytest.mark.parametrize("query", ["?status=pending", "?q=Quentin", "?status=approved&is_staff=false", "?p=2"])
def test_the_list_of_comments_can_be_narrowed(query: str, held: ReaderComment, moderator: Client) -> None:
    assert moderator.get(list_url() + query).status_code in {200, 302, 404}


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
