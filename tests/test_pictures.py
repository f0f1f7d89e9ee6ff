"""Pictures: what they lose when they are uploaded, how pages offer them, and what is served."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo
from wagtail.models import Page

from home import renditions
from home.models import Picture, PictureRendition
from tests import factories
from tests.conftest import Visitor

CAMERA = "Secret camera 9000"


def photo(file_format: str, *, orientation: int = 1, mode: str = "RGB") -> bytes:
    """A picture of 60 × 40 with a camera, a place and an orientation in its metadata."""
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = CAMERA
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 0.0)
    output = BytesIO()
    Image.new(mode, (60, 40), "#0A5A4E").save(output, file_format, exif=exif)
    return output.getvalue()


def stored(content: bytes, name: str) -> Picture:
    return factories.make_picture(file=ContentFile(content, name=name))


def original(picture: Picture) -> bytes:
    return (Path(settings.MEDIA_ROOT) / picture.file.name).read_bytes()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_an_upload_loses_its_metadata(file_format: str, db: None) -> None:
    content = photo(file_format)
    assert CAMERA.encode() in content
    kept = original(stored(content, f"photo.{file_format.lower()}"))
    assert CAMERA.encode() not in kept
    with Image.open(BytesIO(kept)) as image:
        assert (image.format, image.size) == (file_format, (60, 40))
        assert not dict(image.getexif())
        assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_an_upload_loses_its_remarks(file_format: str, db: None) -> None:
    output, text = BytesIO(), PngInfo()
    text.add_text("Description", CAMERA)
    remarks = {"comment": CAMERA.encode(), "xmp": f"<x>{CAMERA}</x>".encode(), "pnginfo": text}
    Image.new("RGB", (60, 40)).save(output, file_format, **remarks)
    assert CAMERA.encode() in output.getvalue()
    assert CAMERA.encode() not in original(stored(output.getvalue(), f"photo.{file_format.lower()}"))


def test_an_animation_keeps_moving_without_its_remarks(db: None) -> None:
    frames, output = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")], BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], comment=CAMERA.encode())
    kept = original(stored(output.getvalue(), "moving.gif"))
    assert CAMERA.encode() not in kept
    with Image.open(BytesIO(kept)) as image:
        assert getattr(image, "n_frames", 1) == 2


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_is_stored_upright(file_format: str, db: None) -> None:
    picture = stored(photo(file_format, orientation=6), f"photo.{file_format.lower()}")
    with Image.open(BytesIO(original(picture))) as image:
        assert image.size == (40, 60)
    assert (picture.width, picture.height) == (40, 60)


def test_a_picture_that_is_saved_again_is_not_read_again(db: None) -> None:
    picture = stored(photo("JPEG"), "photo.jpg")
    before = original(picture)
    picture = Picture.objects.get()
    picture.title = "New title"
    picture.save()
    assert original(picture) == before


def test_transparency_survives(db: None) -> None:
    output = BytesIO()
    Image.new("RGBA", (20, 20), (10, 90, 78, 100)).save(output, "PNG")
    with Image.open(BytesIO(original(stored(output.getvalue(), "logo.png")))) as image:
        assert image.getpixel((1, 1)) == (10, 90, 78, 100)


def test_a_stored_name_says_nothing(db: None) -> None:
    names = {stored(factories.jpeg(), "Anna Smith knee.JPG").file.name for _ in range(2)}
    assert len(names) == 2
    assert all(re.fullmatch(r"original_images/[0-9a-f]{16}\.jpg", name) for name in names)


def test_a_published_picture_offers_every_format(site: Page, visitor: Visitor) -> None:
    picture = stored(factories.jpeg((2000, 1400)), "photo.jpg")
    renditions.make([renditions.Use(picture, "hero")])
    post = factories.make_post(hero_image=picture, hero_alt="A runner")
    hero = visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]
    assert (hero["alt"], hero["width"], hero["height"]) == ("A runner", 1800, 1200)
    assert [source["type"] for source in hero["sources"]] == ["image/avif", "image/webp", "image/jpeg"]
    assert [entry.split()[-1] for entry in hero["sources"][0]["srcset"].split(", ")] == [
        "240w",
        "480w",
        "960w",
        "1800w",
    ]
    assert hero["src"].startswith("/media/images/")


def test_a_picture_without_its_sizes_is_left_out(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(slug="post", hero_image=factories.make_picture())
    data = visitor.get(f"/api/v1/posts/{post.pk}/").json()
    assert data["hero"] is None
    assert data["meta"]["social_image"] is None
    assert "<img" not in visitor.get("/blog/post/").content.decode()
    assert not PictureRendition.objects.exists()


def test_a_format_without_files_is_left_out(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(hero_image=factories.make_picture(presets=("hero",)))
    hero = visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]
    assert [source["type"] for source in hero["sources"]] == ["image/jpeg"]


def test_a_format_is_offered_once_it_is_complete(site: Page, visitor: Visitor) -> None:
    picture = stored(factories.jpeg((2000, 1400)), "photo.jpg")

    def offered() -> list[str]:
        post = factories.make_post(hero_image=picture)
        return [source["type"] for source in visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]["sources"]]

    *before, last = renditions.wanted("hero", ("avif", "jpeg"))
    for size in before:
        renditions.make_one(picture, size)
    assert offered() == ["image/jpeg"]
    renditions.make_one(picture, last)
    assert offered() == ["image/avif", "image/jpeg"]


def test_a_small_picture_is_offered_once_in_its_size(site: Page, visitor: Visitor) -> None:
    picture = factories.make_picture(presets=("body",))
    post = factories.make_post(body=[("image", {"picture": picture, "caption": ""})])
    shown = visitor.get(f"/api/v1/posts/{post.pk}/").json()["body"][0]["value"]["picture"]
    assert (shown["width"], shown["sources"][0]["srcset"].count(",")) == (60, 0)


def test_the_shared_picture_falls_back_to_the_main_one(site: Page, visitor: Visitor) -> None:
    main, shared = (factories.make_picture(presets=("social",)) for _ in range(2))
    both = factories.make_post(hero_image=main, social_image=shared, hero_alt="Main")
    one = factories.make_post(hero_image=main, hero_alt="Main")
    found = [visitor.get(f"/api/v1/posts/{post.pk}/").json()["meta"]["social_image"] for post in (both, one)]
    assert found[0]["url"] != found[1]["url"]
    assert [image["alt"] for image in found] == ["", "Main"]
    assert all(image["url"].startswith("http://127.0.0.1:8000/media/images/") for image in found)


def test_a_published_picture_is_served_for_ever(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(hero_image=factories.make_picture(presets=("hero",)))
    answer = visitor.get(visitor.get(f"/api/v1/posts/{post.pk}/").json()["hero"]["src"])
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert not answer.cookies


def test_a_picture_that_shows_a_script_is_only_a_picture(site: Page, visitor: Visitor) -> None:
    factories.make_picture(presets=("hero",))
    path = Path(settings.MEDIA_ROOT) / "images" / "x.svg"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    answer = visitor.get("/media/images/x.svg")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    "path",
    [
        "/media/images/unknown.jpg",
        "/media/images/../original_images/{name}",
        "/media/images/..%2foriginal_images%2f{name}",
        "/media/images/%2e%2e/original_images/{name}",
        "/media/images/..",
        "/media/images/.",
        "/media/images/%00",
        "/media/images/a%00.jpg",
        "/media/images//etc/passwd",
        "/media/images/" + "x" * 300,
        "/media/original_images/{name}",
        "/media/{name}",
        "/media/",
    ],
)
def test_nothing_else_is_served(path: str, site: Page, visitor: Visitor) -> None:
    picture = factories.make_picture(presets=("hero",))
    name = Path(picture.file.name).name
    assert visitor.get(path.format(name=name)).status_code in {400, 404}
