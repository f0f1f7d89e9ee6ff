"""When sizes of pictures are made: one at publish, the others by the worker, all again when a picture changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from PIL import Image

from blog.models import BlogPage
from cms import pictures
from home import preparing, renditions
from home.models import Change, PendingRenditions, Picture, PictureRendition
from home.pending import MAX_ATTEMPTS
from tests import factories
from tests.conftest import Visitor
from tests.moderating import client_of, said

Committed = Callable[[], Any]
HOME, AGAIN = "/admin/", "/admin/pictures/try-again/"

pytestmark = pytest.mark.usefixtures("site")


def specs(picture: Picture | None = None) -> set[str]:
    made = PictureRendition.objects.filter(image=picture) if picture else PictureRendition.objects.all()
    return set(made.values_list("filter_spec", flat=True))


def all_specs(*presets: str) -> set[str]:
    return {size.spec for preset in presets for size in renditions.wanted(preset)}


def first_specs(*presets: str) -> set[str]:
    return {renditions.first(preset).spec for preset in presets}


def pending() -> set[tuple[int, str]]:
    return set(PendingRenditions.objects.values_list("picture_id", "preset"))


def files() -> set[str]:
    """Every file that is stored for a picture."""
    return {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*.*")}


def work(clock: Any) -> None:
    """The worker's next turn, once the publisher has had its head start."""
    clock.shift(preparing.LEASE + timedelta(seconds=1))
    preparing.prepare(seconds=60)


def publish(committed: Committed, **fields: Any) -> BlogPage:
    post = factories.make_post(live=False, authors=[], **fields)
    with committed():
        post.save_revision().publish()
    return post


def killed(*args: Any, **options: Any) -> None:
    """What a process does no more when it is ended from outside: not even what follows an error."""
    raise SystemExit


def broken() -> Picture:
    """A picture whose file was damaged after the upload."""
    picture = factories.make_picture(title="Broken knee")
    Path(picture.file.path).write_bytes(b"nothing that is a picture")
    return picture


def replace(picture: Picture, committed: Committed, **fields: Any) -> None:
    """What the form of a picture does that an editor saves."""
    before = {name: getattr(picture, name) or "" for name in Picture.admin_form_fields if name.startswith("focal")}
    data = before | {"title": picture.title, "collection": picture.collection_id} | fields
    with committed():
        answer = client_of(is_superuser=True).post(f"/admin/images/{picture.pk}/", data)
    assert answer.status_code == 302


# --- Publishing ------------------------------------------------------------------------------------------------------


def test_publishing_makes_one_size_and_notes_the_others(committed: Committed, visitor: Visitor) -> None:
    picture = factories.make_picture()
    post = publish(committed, slug="post", hero_image=picture)
    assert specs() == first_specs("hero", "social")
    assert pending() == {(picture.pk, "hero"), (picture.pk, "social")}
    hero = visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]
    assert [source["type"] for source in hero["sources"]] == ["image/jpeg"]
    assert hero["src"] in visitor.get("/blog/post/").content.decode()


def test_the_worker_makes_the_rest(committed: Committed, noon: Any, visitor: Visitor) -> None:
    post = publish(committed, hero_image=factories.make_picture())
    work(noon)
    assert specs() == all_specs("hero", "social")
    assert pending() == set()
    hero = visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]
    assert [source["type"] for source in hero["sources"]] == ["image/avif", "image/webp", "image/jpeg"]


def test_nothing_is_made_inside_the_transaction(django_capture_on_commit_callbacks: Any) -> None:
    picture = factories.make_picture()
    post = factories.make_post(hero_image=picture, authors=[], live=False)
    with django_capture_on_commit_callbacks(execute=False):
        post.save_revision().publish()
    assert specs() == set()
    assert pending() == {(picture.pk, "hero"), (picture.pk, "social")}


def test_portraits_and_the_logo_are_prepared_when_they_are_saved(committed: Committed, noon: Any) -> None:
    with committed():
        factories.make_author(photo=factories.make_picture())
        factories.make_settings(logo=factories.make_picture())
    assert specs() == first_specs("portrait", "logo")
    work(noon)
    assert specs() == all_specs("portrait", "logo")


def test_the_same_work_is_noted_once(committed: Committed) -> None:
    picture = factories.make_picture()
    for _ in range(2):
        publish(committed, hero_image=picture, body=[("image", {"picture": picture, "caption": ""})] * 2)
    assert PendingRenditions.objects.count() == len(pending()) == 3


def test_the_publisher_has_a_head_start(committed: Committed, noon: Any) -> None:
    publish(committed, hero_image=factories.make_picture())
    preparing.prepare()
    assert specs() == first_specs("hero", "social")


def test_pages_are_out_of_date_when_a_picture_is_complete(committed: Committed, noon: Any) -> None:
    publish(committed, hero_image=factories.make_picture())
    Change.objects.all().delete()
    work(noon)
    assert set(Change.objects.values_list("tag", flat=True)) == {"posts", "site"}
    Change.objects.all().delete()
    work(noon)
    assert not Change.objects.exists()


def test_pages_are_out_of_date_when_the_first_size_is_there(django_capture_on_commit_callbacks: Any) -> None:
    post = factories.make_post(hero_image=factories.make_picture(), authors=[], live=False)
    with django_capture_on_commit_callbacks() as waiting:
        post.save_revision().publish()
    before = Change.objects.latest("pk").pk
    for call in waiting:
        call()
    assert set(Change.objects.filter(pk__gt=before).values_list("tag", flat=True)) == {"posts", "site"}


# --- The worker ------------------------------------------------------------------------------------------------------


def test_a_turn_ends_when_its_time_is_over(committed: Committed, noon: Any) -> None:
    big = factories.make_picture(file=ContentFile(factories.jpeg((1800, 1200)), name="big.jpg"))
    publish(committed, hero_image=big)
    noon.shift(preparing.HEAD_START)
    preparing.prepare(seconds=0)
    assert specs() == first_specs("hero", "social")
    turns = 0
    while pending():
        preparing.prepare(seconds=0.02)
        turns += 1
    assert turns > 2
    assert specs() == all_specs("hero", "social")


def test_the_oldest_comes_first(committed: Committed, noon: Any) -> None:
    older, newer = factories.make_picture(), factories.make_picture()
    for picture in (older, newer):
        publish(committed, hero_image=picture)
    work(noon)
    made = PictureRendition.objects.exclude(filter_spec__in=first_specs("hero", "social")).order_by("pk")
    rest = len(all_specs("hero")) - 1
    assert list(made.values_list("image_id", flat=True)) == [older.pk] * rest + [newer.pk] * rest


def test_nothing_is_lost_by_a_kill(committed: Committed, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(committed, hero_image=factories.make_picture())
    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", killed)
        with pytest.raises(SystemExit):
            work(noon)
    assert len(pending()) == 2
    work(noon)
    assert specs() == all_specs("hero", "social")
    assert pending() == set()


def test_what_was_made_outside_is_noted_and_made(committed: Committed) -> None:
    """An import, or an upgrade to other sizes: nobody published anything."""
    picture = factories.make_picture()
    factories.make_post(hero_image=picture, authors=[])
    with committed():
        call_command("worker", "--once")
    assert specs() == all_specs("hero", "social")


def test_what_is_complete_is_not_noted(noon: Any) -> None:
    factories.make_post(hero_image=factories.make_picture(), authors=[])
    pictures.note_missing()
    assert pending()
    work(noon)
    pictures.note_missing()
    assert pending() == set()


# --- Pictures that can't be read -------------------------------------------------------------------------------------


def fail(clock: Any) -> None:
    for _ in range(MAX_ATTEMPTS):
        work(clock)


def test_a_broken_picture_stands_in_nobodys_way(committed: Committed, noon: Any, visitor: Visitor) -> None:
    fine = factories.make_picture()
    post = publish(committed, hero_image=broken(), body=[("image", {"picture": fine, "caption": ""})])
    fail(noon)
    shown = visitor.get(f"/api/v1/posts/{post.pk}/").json()
    assert (shown["hero"], len(shown["body"][0]["value"]["picture"]["sources"])) == (None, 3)
    rows = PendingRenditions.objects.failed()
    assert {row.reason for row in rows} == {"It could not be prepared: its file may be damaged."}
    assert {(row.picture.title, row.preset) for row in rows} == {("Broken knee", "hero"), ("Broken knee", "social")}


def test_a_picture_without_its_file_fails_with_its_reason(committed: Committed, noon: Any) -> None:
    picture = factories.make_picture()
    Path(picture.file.path).unlink()
    publish(committed, hero_image=picture)
    fail(noon)
    assert {row.reason for row in PendingRenditions.objects.failed()} == {"Its file is missing."}


def test_a_picture_that_ends_its_process_is_given_up(
    committed: Committed, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(committed, hero_image=factories.make_picture())
    monkeypatch.setattr(Image.Image, "save", killed)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            work(noon)
    work(noon)
    assert {row.reason for row in PendingRenditions.objects.failed()} == {preparing.INTERRUPTED}


def test_the_hourly_look_leaves_what_failed(committed: Committed, noon: Any) -> None:
    publish(committed, hero_image=broken())
    fail(noon)
    pictures.note_missing()
    assert PendingRenditions.objects.failed().count() == 2


def test_another_file_for_a_broken_picture(committed: Committed, noon: Any) -> None:
    picture = broken()
    publish(committed, hero_image=picture)
    fail(noon)
    replace(picture, committed, file=SimpleUploadedFile("knee.jpg", factories.jpeg(), "image/jpeg"))
    work(noon)
    assert specs() >= all_specs("hero", "social")
    assert pending() == set()


# --- Pictures that change --------------------------------------------------------------------------------------------


def test_another_file_has_its_own_sizes(committed: Committed, noon: Any, visitor: Visitor) -> None:
    picture = factories.make_picture()
    post = publish(committed, hero_image=picture)
    work(noon)
    before, old = files(), visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]["src"]
    replace(picture, committed, file=SimpleUploadedFile("knee.jpg", factories.jpeg((90, 60)), "image/jpeg"))
    assert before & files() == set()
    assert specs(picture) >= first_specs("hero", "social")
    hero = visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]
    assert (hero["src"] != old, hero["width"]) == (True, 90)
    work(noon)
    assert specs(picture) >= all_specs("hero", "social")


def test_another_focal_point_has_its_own_sizes(committed: Committed, noon: Any) -> None:
    picture = factories.make_picture(focal_point_x=5, focal_point_y=5, focal_point_width=4, focal_point_height=4)
    publish(committed, hero_image=picture, body=[("image", {"picture": picture, "caption": ""})])
    work(noon)
    keys = dict(picture.renditions.values_list("filter_spec", "focal_point_key"))
    replace(picture, committed, focal_point_x=50)
    work(noon)
    again = dict(picture.renditions.values_list("filter_spec", "focal_point_key"))
    assert picture.renditions.exclude(filter_spec__startswith="max-").count() == len(keys)
    assert {spec for spec in keys if again[spec] != keys[spec]} == all_specs("hero", "social")


def test_a_new_title_leaves_the_sizes(committed: Committed, noon: Any) -> None:
    picture = factories.make_picture()
    publish(committed, hero_image=picture)
    work(noon)
    made = set(picture.renditions.values_list("pk", flat=True))
    replace(picture, committed, title="New title")
    assert made <= set(picture.renditions.values_list("pk", flat=True))
    assert pending() == set()


def test_nothing_remains_of_a_deleted_picture(committed: Committed) -> None:
    picture = factories.make_picture()
    publish(committed, body=[("image", {"picture": picture, "caption": ""})])
    with committed():
        picture.delete()
    assert (specs(), pending(), files()) == (set(), set(), set())


@pytest.mark.parametrize("change", [{"file": "original_images/other.jpg"}, {"focal_point_x": 30}])
def test_a_picture_that_changes_while_it_is_read(change: dict[str, Any]) -> None:
    """What was made of the old one is thrown away."""
    picture = factories.make_picture(focal_point_x=5, focal_point_y=5, focal_point_width=4, focal_point_height=4)
    before = files()
    Picture.objects.update(**change)
    assert not renditions.make_one(picture, renditions.first("hero"))
    assert (specs(), files()) == (set(), before)


def test_two_that_make_the_same_leave_one_file(committed: Committed) -> None:
    picture, size = factories.make_picture(), renditions.first("hero")
    assert renditions.make_one(picture, size)
    before = files()
    assert not renditions.make_one(picture, size)
    assert files() == before


# --- What editors see ------------------------------------------------------------------------------------------------


@pytest.fixture
def editor() -> Client:
    return client_of(is_superuser=True)


def html(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_page_editor_says_how_far_the_pictures_are(committed: Committed, noon: Any, editor: Client) -> None:
    post = publish(committed, hero_image=factories.make_picture())
    for path in (f"/admin/pages/{post.pk}/edit/", f"/admin/pictures/progress/{post.pk}/"):
        assert "2 of 13 sizes are ready." in html(editor, path)
        assert "data-moving" in html(editor, path)
    work(noon)
    for path in (f"/admin/pages/{post.pk}/edit/", f"/admin/pictures/progress/{post.pk}/"):
        assert "13 of 13 sizes are ready." in html(editor, path)
        assert "data-moving" not in html(editor, path)


def test_the_page_editor_names_what_failed(committed: Committed, noon: Any, editor: Client) -> None:
    picture = factories.make_picture(title="Broken knee")
    Path(picture.file.path).unlink()
    post = publish(committed, hero_image=picture)
    fail(noon)
    page = html(editor, f"/admin/pages/{post.pk}/edit/")
    assert f'<a href="/admin/images/{picture.pk}/">Broken knee</a> (hero)' in page
    assert "data-moving" not in page


def test_admin_shows_what_has_a_damaged_picture(committed: Committed, editor: Client) -> None:
    picture = broken()
    post = publish(committed, hero_image=picture)
    for path in (f"/admin/images/{picture.pk}/", f"/admin/pages/{post.pk}/edit/"):
        assert editor.get(path).status_code == 200


def test_the_first_page_speaks_of_pictures_while_there_is_something_to_say(
    committed: Committed, noon: Any, editor: Client
) -> None:
    assert "Sizes of pictures" not in html(editor, HOME)
    publish(committed, hero_image=factories.make_picture())
    assert "1 picture is being prepared." in html(editor, HOME)
    work(noon)
    assert "Sizes of pictures" not in html(editor, HOME)


def test_what_failed_is_tried_again(committed: Committed, noon: Any, editor: Client) -> None:
    picture = broken()
    publish(committed, hero_image=picture)
    fail(noon)
    page = html(editor, HOME)
    assert f'<a href="/admin/images/{picture.pk}/">Broken knee</a> (hero)' in page
    assert "being prepared" not in page
    Path(picture.file.path).write_bytes(factories.jpeg())
    assert "Sizes that are tried again within a minute: 2." in editor.post(AGAIN, follow=True).content.decode()
    work(noon)
    assert specs() >= all_specs("hero", "social")
    assert pending() == set()


def test_only_who_may_change_pictures_is_told_and_may_try_again(committed: Committed, noon: Any) -> None:
    post = publish(committed, hero_image=broken())
    fail(noon)
    moderator = client_of("access_admin")
    assert "Sizes of pictures" not in html(moderator, HOME)
    refused = ["Sorry, you do not have permission to access this area."]
    assert said(moderator.get(f"/admin/pictures/progress/{post.pk}/"), moderator) == refused
    assert said(moderator.post(AGAIN), moderator) == refused
    assert PendingRenditions.objects.failed().count() == 2
    assert Client().post(AGAIN)["Location"].startswith("/admin/login/")
    assert client_of(is_superuser=True).get(AGAIN).status_code == 405
