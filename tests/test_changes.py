"""The change journal: every change of what visitors see is in it, and drops what was kept; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction, Site

from blog import moderation
from blog.models import BlogPage, ReaderComment, RelatedPost
from cms.journal import Journal, last_in_database, read_database
from consent.models import Wording
from home import changes
from home.changes import Change
from home.models import Picture, SiteSettings, StandardPage
from tests import factories
from tests.conftest import Visitor
from tests.forms import comments_path, send_comment

CHANGES = "/api/v1/changes/"
# Everywhere that a post is spoken of, and how.
LISTS = ("/", "/blog/", "/feed/", "/search/?q=calf", "/api/v1/posts/")
EVERYWHERE = (*LISTS, "/blog/calf/", "/sitemap.xml", "/api/v1/pages/")


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(title="Calf strain", slug="calf", intro="calf")


@pytest.fixture
def moderator(db: None) -> Any:
    return get_user_model().objects.create_superuser("moderator")


def read(path: str) -> str:
    return Visitor().get(path).content.decode()


def says(path: str, word: str) -> bool:
    """Whether an answer says it now; asked for twice, so that the second time it may have been kept."""
    first, second = read(path), read(path)
    assert first == second
    return word in first


# --- A change is seen at once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*LISTS, "/blog/calf/", "/api/v1/pages/"])
def test_new_title_is_seen_everywhere(path: str, post: BlogPage) -> None:
    assert says(path, "Calf strain")
    post.title = "Calf tear"
    post.save_revision().publish()
    assert says(path, "Calf tear")
    assert not says(path, "Calf strain")


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("way", ["unpublished", "deleted", "made private", "expired"])
def test_post_that_is_taken_away_is_gone_everywhere(way: str, path: str, post: BlogPage) -> None:
    assert says(path, "/blog/calf/")
    if way == "unpublished":
        post.unpublish()
    elif way == "deleted":
        post.delete()
    elif way == "made private":
        PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    else:
        BlogPage.objects.filter(pk=post.pk).update(expire_at=timezone.now() - timedelta(seconds=1))
        call_command("publish_scheduled", verbosity=0)
    assert not says(path, "/blog/calf/" if path != "/blog/calf/" else "Calf strain")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_new_post_is_seen_everywhere(path: str, site: Any) -> None:
    index = factories.make_index()
    assert not says(path, "Calf strain")
    draft = index.add_child(instance=BlogPage(title="Calf strain", slug="calf", intro="calf", live=False))
    revision = draft.save_revision()
    assert not says(path, "Calf strain")
    revision.publish()
    assert says(path, "/blog/calf/")


def test_scheduled_post_appears(noon: Any, site: Any) -> None:
    draft = factories.make_index().add_child(instance=BlogPage(title="Later", slug="later", intro="x", live=False))
    draft.go_live_at = timezone.now() + timedelta(minutes=1)
    draft.save_revision().publish()
    assert not says("/blog/", "Later")
    noon.shift(timedelta(minutes=2))
    call_command("publish_scheduled", verbosity=0)
    assert says("/blog/", "Later")


@pytest.mark.parametrize("path", ["/blog/", "/sitemap.xml", "/blog/tear/", "/api/v1/posts/"])
def test_renamed_post_is_found_where_it_is_now(path: str, post: BlogPage) -> None:
    assert not says(path, "/blog/tear/") or path == "/blog/tear/"
    post.slug = "tear"
    post.save_revision().publish()
    assert says(path, "/blog/tear/")
    assert Visitor().get("/blog/calf/").status_code == 404


def test_breadcrumbs_follow_a_page_that_is_moved(site: Any) -> None:
    old, new = factories.make_page(title="Old place", slug="old"), factories.make_page(title="New place", slug="new")
    page = old.add_child(instance=StandardPage(title="Knee", slug="knee"))
    assert says("/old/knee/", "Old place")
    page.move(new, pos="last-child")
    assert Visitor().get("/old/knee/")["Location"].endswith("/new/knee/")
    assert says("/new/knee/", "New place")
    new.refresh_from_db()
    new.title = "Newest place"
    new.save_revision().publish()
    assert says("/new/knee/", "Newest place")


def test_link_to_a_post_is_there_as_long_as_the_post_is(post: BlogPage) -> None:
    body = [("paragraph", f'<p><a linktype="page" id="{post.pk}">the calf</a></p>')]
    factories.make_page(slug="knee", body=body)
    assert says("/knee/", 'href="/blog/calf/"')
    post.unpublish()
    assert not says("/knee/", "/blog/calf/")


@pytest.mark.parametrize("path", ["/", "/blog/calf/", "/nowhere/", "/book/", "/search/", "/api/v1/site/", "/feed/"])
def test_settings_are_seen_everywhere(path: str, post: BlogPage) -> None:
    assert not says(path, "Heron Lane")
    factories.make_settings(name="Heron Lane")
    assert says(path, "Heron Lane")


def test_site_without_comments_takes_none_on_any_page(post: BlogPage) -> None:
    assert says("/blog/calf/", "Leave a comment")
    factories.make_settings(comments_enabled=False)
    assert not says("/blog/calf/", "comment/received")
    assert not Visitor().get(f"/api/v1/posts/{post.pk}/").json()["comments"]["open"]


@pytest.mark.parametrize("path", ["/blog/calf/", "/api/v1/comments/", "/feed/comments/", "/blog/calf/feed/"])
def test_comment_is_seen_from_its_approval_to_its_removal(path: str, post: BlogPage, moderator: Any) -> None:
    assert send_comment(post, body="It hurts on stairs.").status_code == 202
    assert not says(path, "It hurts on stairs.")
    comment = ReaderComment.objects.get()
    moderation.publish(comment)
    assert says(path, "It hurts on stairs.")
    moderation.erase(comment_id=comment.pk, user=moderator)
    assert not says(path, "It hurts on stairs.")


@pytest.mark.parametrize("path", ["/blog/", "/", "/blog/other/", "/api/v1/posts/"])
def test_number_of_comments_is_right_everywhere(path: str, post: BlogPage) -> None:
    other = factories.make_post(slug="other")
    other.related_posts = [RelatedPost(related=post)]
    other.save()
    words = '"comments":{"count":1}' if path.startswith("/api/") else "1 comment"
    assert not says(path, words)
    factories.make_comment(post, status="approved")
    assert says(path, words)


def test_answers_to_a_comment_that_is_rejected_go_with_it(post: BlogPage) -> None:
    root = factories.make_comment(post, status="approved", body="The root.")
    factories.make_comment(post, parent=root, status="approved", body="The answer.")
    assert says("/blog/calf/", "The answer.")
    root.status = "rejected"
    root.save()
    assert not says("/blog/calf/", "The answer.")


@pytest.mark.parametrize("path", ["/", "/blog/calf/", "/nowhere/", "/api/v1/consent/"])
def test_consent_wording_is_seen_everywhere(path: str, post: BlogPage, committed: Any) -> None:
    assert not says(path, "We bake biscuits")
    with committed():
        wording = Wording.for_site(Site.objects.get(is_default_site=True))
        wording.text = "We bake biscuits"
        wording.save()
    assert says(path, "We bake biscuits")


@pytest.mark.parametrize("path", ["/", "/book/", "/api/v1/booking/options/"])
def test_what_can_be_booked_is_seen_at_once(path: str, site: Any) -> None:
    assert not says(path, "Gait analysis")
    service = factories.make_service(name="Gait analysis")
    assert says(path, "Gait analysis")
    service.delete()
    assert not says(path, "Gait analysis")


def test_who_offers_what_is_seen_at_once(site: Any) -> None:
    service, practitioner = factories.make_service(name="Gait"), factories.make_practitioner(name="Ada")

    def offered() -> list[Any]:
        (person,) = Visitor().get("/api/v1/booking/options/").json()["practitioners"]
        return list(person["services"])

    assert not offered()
    practitioner.services.add(service)
    assert offered()
    practitioner.services.clear()
    assert not offered()


def test_redirect_is_followed_from_the_moment_it_is_made(post: BlogPage) -> None:
    assert Visitor().get("/old/").status_code == 404
    redirect = Redirect.add_redirect("/old/", post)
    assert Visitor().get("/old/")["Location"].endswith("/blog/calf/")
    redirect.delete()
    assert Visitor().get("/old/").status_code == 404


def test_author_and_topic_are_called_what_they_are_called_now(site: Any) -> None:
    author, topic = factories.make_author(name="Ada Marsh"), factories.make_topic(name="Running")
    factories.make_post(slug="calf", authors=[author], topics=[topic])
    for path in ("/blog/", "/blog/calf/"):
        assert says(path, "Ada Marsh")
        assert says(path, "Running")
    author.name, topic.name = "Ada Reed", "Walking"
    author.save()
    topic.save()
    for path in ("/blog/", "/blog/calf/"):
        assert says(path, "Ada Reed")
        assert says(path, "Walking")


def test_picture_that_is_replaced_is_seen_at_once(site: Any) -> None:
    picture, other = (factories.make_picture(presets=("hero",)) for _ in range(2))
    factories.make_post(slug="calf", hero_image=picture)
    before = read("/blog/calf/")
    assert "<picture" in before
    picture.renditions.all().delete()
    picture.file = other.file
    picture.save()
    assert "<picture" not in read("/blog/calf/")


# --- And nothing else drops it ---------------------------------------------------------------------------------------


def newest(after: int) -> set[str]:
    return set(Change.objects.filter(pk__gt=after).values_list("tag", flat=True))


@pytest.mark.parametrize("what", ["draft", "comment that waits", "request", "thumbnail"])
def test_what_no_visitor_sees_drops_nothing(what: str, post: BlogPage) -> None:
    picture, before = factories.make_picture(), last_in_database()
    if what == "draft":
        post.title = "Not yet"
        post.save_revision()
    elif what == "comment that waits":
        assert send_comment(post).status_code == 202
    elif what == "request":
        factories.make_request()
    else:
        Picture.objects.get(pk=picture.pk).get_rendition("max-165x165")
    assert newest(before) == set()


def test_edit_of_a_post_names_it_and_the_lists(post: BlogPage) -> None:
    before = last_in_database()
    post.intro = "Rest first."
    post.save_revision().publish()
    assert newest(before) == {f"page-{post.pk}", "posts", "pages"}


def test_approval_names_the_thread_and_the_threads(post: BlogPage) -> None:
    before = last_in_database()
    factories.make_comment(post, status="approved")
    assert newest(before) == {f"comments-{post.pk}", "comments"}


def test_edit_of_one_post_leaves_the_other_pages(post: BlogPage) -> None:
    factories.make_page(slug="about")
    read("/about/")
    post.intro = "Rest first."
    post.save_revision().publish()
    before = len(Visitor.page_cache.rendered)
    read("/about/")
    assert len(Visitor.page_cache.rendered) == before


# --- The journal itself ----------------------------------------------------------------------------------------------


def test_what_is_rolled_back_was_never_written_down(site: Any) -> None:
    before = last_in_database()
    with transaction.atomic():
        changes.record("posts")
        transaction.set_rollback(True)
    assert newest(before) == set()


def test_change_is_noticed_once(site: Any) -> None:
    journal = Journal(read_database, last_in_database)
    journal.poll()
    changes.record("posts")
    journal.poll()
    after = journal.position
    journal.poll()
    assert journal.position == after
    assert journal.is_current(["posts"], after)


def test_what_is_older_than_a_week_is_forgotten(site: Any) -> None:
    Change.objects.all().delete()
    Change.objects.create(tag="old", at=timezone.now() - timedelta(days=8))
    Change.objects.create(tag="new")
    assert changes.prune() == 1
    assert [change.tag for change in Change.objects.all()] == ["new"]


# --- For other frontends ---------------------------------------------------------------------------------------------


def test_journal_tells_where_it_ends_and_what_came_after(post: BlogPage) -> None:
    start = Visitor().get(CHANGES).json()
    assert start == {"last": last_in_database(), "results": []}
    factories.make_comment(post, status="approved")
    answer = Visitor().get(f"{CHANGES}?after={start['last']}")
    assert answer["Cache-Control"] == "no-store"
    assert [row["tag"] for row in answer.json()["results"]] == [f"comments-{post.pk}", "comments"]
    assert answer.json()["results"][-1]["id"] == answer.json()["last"]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "٣", "9" * 19, "1 OR 1=1"])
def test_no_id_is_refused(after: str, site: Any) -> None:
    answer = Visitor().get(CHANGES, {"after": after})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["after"])


def test_journal_says_no_more_than_tags(post: BlogPage) -> None:
    send_comment(post, author_name="zznamezz", body="zzbodyzz", email="zzaddazz@visitor.example")
    moderation.publish(ReaderComment.objects.get())
    assert "zz" not in Visitor().get(f"{CHANGES}?after=0").content.decode()


def test_every_tag_of_an_answer_is_one_that_changes_name(post: BlogPage) -> None:
    factories.make_comment(post, status="approved")
    paths = (*EVERYWHERE, comments_path(post), "/api/v1/booking/options/", "/api/v1/consent/", "/nowhere/")
    carried = {tag for path in paths for tag in Visitor().get(path)["Cache-Tag"].split(",")}
    kinds = {tag.partition("-")[0] if tag[-1].isdigit() else tag for tag in carried}
    assert kinds == {"page", "pages", "posts", "site", "comments", "consent", "booking", "redirects"}
    assert SiteSettings.objects.exists()
