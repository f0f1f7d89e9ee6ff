"""The smallest things that tests need, each made by one function; every field can be given."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Locale, Page, Site
from wagtail.rich_text import RichText

from blog.models import Author, BlogIndexPage, BlogPage, PostAuthor, ReaderComment, RelatedPost, Topic
from booking.models import (
    Appointment,
    AppointmentRequest,
    BookingSettings,
    Closure,
    ConsentText,
    Location,
    OpeningRule,
    Practitioner,
    Service,
)
from booking.services import take
from guard.models import FormProtection
from home import renditions
from home.models import HomePage, Picture, SiteSettings, StandardPage

VIDEO = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
_numbers = itertools.count(1)


def make_site() -> HomePage:
    """The site's root page and Wagtail's record of the site; the same ones if they are there."""
    home = HomePage.objects.first()
    if home:
        return home
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    home = root.add_child(instance=HomePage(title="Clinic", slug="clinic", hero_title="Welcome", hero_text="Come in."))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "127.0.0.1", "port": 8000, "root_page": home}
    )
    return home


def make_settings(**fields: Any) -> SiteSettings:
    make_site()
    defaults = {"name": "Tern Street Clinic", "email": "hello@clinic.example", "country": "GB"}
    settings, _ = SiteSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults=defaults | fields
    )
    return settings


def make_index() -> BlogIndexPage:
    index = BlogIndexPage.objects.first()
    return index or make_site().add_child(instance=BlogIndexPage(title="Posts", slug="blog"))


def make_page(**fields: Any) -> StandardPage:
    number = next(_numbers)
    defaults = {"title": f"Page {number}", "slug": f"page-{number}", "first_published_at": timezone.now()}
    return make_site().add_child(instance=StandardPage(**(defaults | fields)))


def make_post(
    *,
    authors: list[Author] | None = None,
    topics: list[Topic] | None = None,
    tags: list[str] | None = None,
    age: timedelta = timedelta(0),
    **fields: Any,
) -> BlogPage:
    """A live post, published `age` ago."""
    number, published = next(_numbers), timezone.now() - age
    defaults: dict[str, Any] = {
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "intro": f"What post {number} is about.",
        "first_published_at": published,
        "last_published_at": published,
        "body": [("heading", "Why"), ("paragraph", "<p>Because.</p>")],
    }
    post = BlogPage(**(defaults | fields))
    post.post_authors = [PostAuthor(author=author) for author in ([make_author()] if authors is None else authors)]
    post.topics = topics or []
    post.tags.add(*(tags or []))
    return make_index().add_child(instance=post)


def make_author(**fields: Any) -> Author:
    number = next(_numbers)
    return Author.objects.create(
        **({"name": f"Author {number}", "slug": f"author-{number}", "role": "Physiotherapist"} | fields)
    )


def make_topic(**fields: Any) -> Topic:
    number = next(_numbers)
    return Topic.objects.create(**({"name": f"Topic {number}", "slug": f"topic-{number}"} | fields))


def make_comment(post: BlogPage, **fields: Any) -> ReaderComment:
    """An approved comment; with `parent`, an answer in that comment's thread."""
    parent = fields.get("parent")
    defaults = {
        "author_name": "Ada",
        "body": "That helped.",
        "status": ReaderComment.Status.APPROVED,
        "root": parent and (parent.root or parent),
    }
    return ReaderComment.objects.create(post=post, **(defaults | fields))


def make_comments(post: BlogPage, number: int, *, root: ReaderComment | None = None, **fields: Any) -> None:
    """Many approved comments at once, a second apart; with `root`, all in that comment's thread."""
    begun = root.created_at if root else timezone.now() - timedelta(days=2)
    defaults: dict[str, Any] = {"author_name": "Ada", "status": ReaderComment.Status.APPROVED, "is_shown": True}
    made = [
        ReaderComment(
            post=post,
            root=root,
            parent=root,
            created_at=begun + timedelta(seconds=place + 1),
            **({"body": f"Comment {place}"} | defaults | fields),
        )
        for place in range(number)
    ]
    for comment in made:
        comment.thread_key = (root.thread_key if root else "") + comment._own_key()
    ReaderComment.objects.bulk_create(made)


def jpeg(size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "#0A5A4E").save(output, "JPEG", **options)
    return output.getvalue()


def make_picture(*, presets: tuple[str, ...] = (), **fields: Any) -> Picture:
    """A small picture; with the renditions of these presets, as JPEG only, if any are named."""
    picture = Picture(**({"title": "Picture", "file": ContentFile(jpeg(), name="picture.jpg")} | fields))
    picture.save()
    renditions.make([renditions.Use(picture, preset) for preset in presets], formats=("jpeg",))
    return picture


def make_service(**fields: Any) -> Service:
    number = next(_numbers)
    return Service.objects.create(**({"name": f"Service {number}", "slug": f"service-{number}"} | fields))


def make_practitioner(*, services: list[Service] | None = None, **fields: Any) -> Practitioner:
    practitioner = Practitioner.objects.create(**({"name": "Maren Holt", "role": "Physiotherapist"} | fields))
    practitioner.services.set(services or [])
    return practitioner


def make_request(**fields: Any) -> AppointmentRequest:
    defaults = {"name": "Ada", "email": "ada@visitor.example", "consent": ConsentText.objects.first()}
    return AppointmentRequest.objects.create(**(defaults | fields))


def make_location(**fields: Any) -> Location:
    return Location.objects.create(**({"name": "Tern Street", "address": "14 Tern Street, Aldermere"} | fields))


def make_rule(practitioner: Practitioner, **fields: Any) -> OpeningRule:
    """Monday from nine to twelve."""
    location = fields.pop("location", None) or Location.objects.first() or make_location()
    defaults = {"weekday": 0, "starts": time(9), "ends": time(12)}
    return OpeningRule.objects.create(practitioner=practitioner, location=location, **(defaults | fields))


def make_week(practitioner: Practitioner, *, weekdays: Iterable[int] = range(7), **fields: Any) -> None:
    """The same hours on each of these days."""
    for weekday in weekdays:
        make_rule(practitioner, weekday=weekday, **fields)


def make_live(*, practitioners: int = 1, hours: dict[str, Any] | None = None, **fields: Any) -> Service:
    """A service of an hour with live times, and whoever offers it, every day from nine to twelve."""
    defaults = {"duration_minutes": 60, "buffer_minutes": 0, "minimum_notice_hours": 0}
    service = make_service(**(defaults | {"booking": Service.Booking.LIVE} | fields))
    for _ in range(practitioners):
        make_week(make_practitioner(services=[service]), **(hours or {}))
    return service


def make_closure(day: date, **fields: Any) -> Closure:
    return Closure.objects.create(**({"name": "Course", "starts_on": day, "ends_on": day} | fields))


def make_appointment(service: Service, starts_at: datetime, **fields: Any) -> Appointment:
    """Somebody has this time, whether it is offered or not."""
    practitioner = fields.pop("practitioner", None) or service.practitioners.earliest("pk")
    defaults = {
        "location": Location.objects.first() or make_location(),
        "ends_at": starts_at + timedelta(minutes=service.duration_minutes),
        "name": "Ada",
        "email": "ada@visitor.example",
        "consent": ConsentText.objects.first(),
    }
    appointment = Appointment(service=service, practitioner=practitioner, starts_at=starts_at, **(defaults | fields))
    assert take(appointment)
    return appointment


def set_booking(**fields: Any) -> BookingSettings:
    """What the clinic sets about its diary."""
    settings, _ = BookingSettings.objects.update_or_create(defaults=fields)
    return settings


def ask_no_proof() -> None:
    """Forms are taken under the limits of people, without the calculation that a browser makes."""
    FormProtection.objects.update_or_create(defaults={"proof": FormProtection.Proof.OFF})


def every_block(*, picture: Picture, links_to: Page) -> list[tuple[str, Any]]:
    """A body with one block of each type."""
    link = f'<p>See <a linktype="page" id="{links_to.pk}">this</a>.</p>'
    return [
        ("heading", "Why it hurts"),
        ("paragraph", link),
        ("image", {"picture": picture, "caption": "A foot"}),
        ("quote", {"text": "Load is medicine.", "source": "Maren"}),
        ("callout", {"tone": "warning", "title": "See someone", "text": RichText(link)}),
        ("exercise", {"name": "Calf raise", "steps": ["Up.", "Down."], "dose": "3 × 8", "picture": picture}),
        ("video", {"url": VIDEO, "title": "A film", "caption": "", "poster": picture}),
        (
            "map",
            {
                "title": "Here",
                "address": "14 Tern Street",
                "latitude": Decimal("51.5"),
                "longitude": Decimal("-0.12"),
                "poster": picture,
            },
        ),
        ("call_to_action", {"title": "Come by", "text": "", "label": "Book an appointment"}),
        ("cookie_table", None),
    ]


def make_rich_post(**fields: Any) -> BlogPage:
    """A post with everything a post can have, its pictures made."""
    picture = make_picture(presets=("hero", "body", "social"))
    portrait = make_picture(presets=("portrait",))
    authors = [make_author(photo=portrait), make_author(photo=portrait)]
    related = [make_post(hero_image=picture, topics=[make_topic()]) for _ in range(4)]
    defaults: dict[str, Any] = {
        "authors": authors,
        "topics": [make_topic(), make_topic()],
        "tags": ["calf", "achilles"],
        "hero_image": picture,
        "hero_alt": "A runner",
        "social_image": picture,
        "reviewed_by": authors[0],
        "reviewed_on": timezone.localdate(),
        "body": every_block(picture=picture, links_to=related[0]),
    }
    post = make_post(**(defaults | fields))
    post.related_posts = [RelatedPost(related=other) for other in related]
    post.save()
    first = make_comment(post)
    make_comment(post, parent=make_comment(post, parent=first, author_name="Ben"), author_name="Cleo")
    return post
