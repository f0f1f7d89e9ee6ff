"""The demo clinic: what a new, empty installation shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Site

from blog.models import Author, BlogIndexPage, BlogPage, PostAuthor, ReaderComment, RelatedPost, Topic
from booking.models import Practitioner, Service
from cms.demo import diary, gallery, texts
from home.models import HomePage, Picture, SiteSettings, StandardPage

Say = Callable[[str], None]
Pictures = dict[str, Picture]
LINK = re.compile(r'<a href="(post|page):([\w-]+)">')


def seed(say: Say) -> None:
    """Fill an empty installation: all of it is there afterwards or, after an interruption, nothing."""
    with transaction.atomic():
        pictures = gallery.draw_all(say)
        say("Writing pages, people and services")
        pages = _content(pictures)
    uses = [use for page in pages for use in page.pictures()]
    gallery.make_renditions(uses, say)


def _content(pictures: Pictures) -> list[Any]:
    site_text, people = texts.load("site"), texts.load("people")["person"]
    home = _home(pictures)
    authors = {person["slug"]: _author(person, pictures) for person in people}
    topics = {topic["slug"]: _topic(place, topic) for place, topic in enumerate(site_text["topic"])}
    _services(site_text["service"], people)
    index = _index(home)
    pages = {text["slug"]: _standard(home, text, pictures) for text in texts.load_all("pages")}
    posts = {text["slug"]: _post(index, text, authors, topics, pictures) for text in texts.load_all("posts")}
    _relate(posts)
    _link({**pages, **posts})
    _settings(site_text, index, pages)
    _comments(posts)
    return [home, *pages.values(), *posts.values()]


def _home(pictures: Pictures) -> HomePage:
    text = texts.load("home")
    site, welcome = Site.objects.get(is_default_site=True), Page.objects.filter(depth=2)
    page = HomePage(
        title=text["title"],
        slug="clinic",
        search_description=text["search_description"],
        hero_title=text["hero_title"],
        hero_text=text["hero_text"],
        hero_image=pictures["home"],
        hero_alt=text["hero_alt"],
        services_heading=text["services_heading"],
        posts_heading=text["posts_heading"],
        body=_body(text, pictures),
    )
    before = list(welcome)
    _add(Page.get_first_root_node(), page)
    site.root_page = page
    site.save()
    for old in before:
        old.refresh_from_db()
        old.delete()
    page.refresh_from_db()
    return page


def _add(parent: Page, page: Any, *, days_ago: int = 0) -> None:
    """A live page with a first revision, as if an editor had published it that day."""
    published = timezone.now() - timedelta(days=days_ago)
    page.live, page.first_published_at, page.last_published_at = True, published, published
    parent.add_child(instance=page)
    revision = page.save_revision()
    page.live_revision = page.latest_revision = revision
    page.save(update_fields=["live_revision", "latest_revision"])


def _index(home: HomePage) -> BlogIndexPage:
    text = texts.load("blog")
    page = BlogIndexPage(
        title=text["title"], slug="blog", intro=text["intro"], search_description=text["search_description"]
    )
    _add(home, page)
    return page


def _standard(home: HomePage, text: dict[str, Any], pictures: Pictures) -> StandardPage:
    page = StandardPage(
        title=text["title"],
        slug=text["slug"],
        intro=text["intro"],
        search_description=text["search_description"],
        body=_body(text, pictures),
    )
    _add(home, page)
    return page


def _post(
    index: BlogIndexPage,
    text: dict[str, Any],
    authors: dict[str, Author],
    topics: dict[str, Topic],
    pictures: Pictures,
) -> BlogPage:
    today, days_ago = timezone.localdate(), text["published_days_ago"]
    page: Any = BlogPage(
        title=text["title"],
        slug=text["slug"],
        intro=text["intro"],
        search_description=text["search_description"],
        hero_image=pictures[text["slug"]],
        hero_alt=text["hero_alt"],
        hero_caption=text.get("hero_caption", ""),
        body=_body(text, pictures),
        reviewed_by=authors[text["reviewed_by"]],
        reviewed_on=today - timedelta(days=days_ago + 2),
        review_due=today + timedelta(days=text["review_due_in_days"] - days_ago),
    )
    page.post_authors = [PostAuthor(author=authors[slug], sort_order=n) for n, slug in enumerate(text["authors"])]
    page.topics = [topics[slug] for slug in text["topics"]]
    page.tags.add(*text["tags"])
    _add(index, page, days_ago=days_ago)
    return page


def _body(text: dict[str, Any], pictures: Pictures) -> list[tuple[str, Any]]:
    return [(block["type"], _value(block["type"], block["value"], pictures)) for block in text.get("body", [])]


def _value(kind: str, value: Any, pictures: Pictures) -> Any:
    """A block’s value in the form its StreamField block takes."""
    match kind:
        case "exercise":
            return {"name": value["name"], "steps": value["steps"], "dose": value["dose"], "picture": None}
        case "video":
            return {**value, "poster": pictures["video-poster"]}
        case "map":
            place = {name: Decimal(str(value[name])) for name in ("latitude", "longitude")}
            return {**value, **place, "poster": pictures["map"]}
        case "cookie_table":
            return None
        case _:
            return value


def _relate(posts: dict[str, Any]) -> None:
    for text in texts.load_all("posts"):
        post = posts[text["slug"]]
        post.related_posts = [RelatedPost(related=posts[slug], sort_order=n) for n, slug in enumerate(text["related"])]


def _link(pages: dict[str, Any]) -> None:
    """Turn the texts’ links by slug into Wagtail’s links by id, now that every page has one."""

    def anchor(match: re.Match[str]) -> str:
        return f'<a linktype="page" id="{pages[match[2]].pk}">'

    for page in pages.values():
        for child in page.body:
            if child.block_type == "paragraph":
                child.value.source = LINK.sub(anchor, child.value.source)
            elif child.block_type == "callout":
                child.value["text"].source = LINK.sub(anchor, child.value["text"].source)
        page.save()
        revision = page.save_revision()
        page.live_revision = page.latest_revision = revision
        page.save(update_fields=["live_revision", "latest_revision"])


def _author(person: dict[str, Any], pictures: Pictures) -> Author:
    fields = ("slug", "name", "role", "credentials", "bio", "photo_alt")
    return Author.objects.create(photo=pictures[person["slug"]], **{field: person[field] for field in fields})


def _topic(place: int, topic: dict[str, Any]) -> Topic:
    return Topic.objects.create(sort_order=place, **topic)


def _services(services: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    made = {
        text["slug"]: Service.objects.create(
            **{**text, "price": Decimal(text["price"]) if text["price"] else None}, sort_order=place
        )
        for place, text in enumerate(services)
    }
    practitioners = {
        person["slug"]: Practitioner.objects.create(
            name=person["name"], role=person["role"], author_slug=person["slug"], sort_order=place
        )
        for place, person in enumerate(people)
    }
    for person in people:
        practitioners[person["slug"]].services.set([made[slug] for slug in person["services"]])
    diary.fill(practitioners, made)


def _settings(text: dict[str, Any], index: BlogIndexPage, pages: dict[str, StandardPage]) -> None:
    plain = ("name", "tagline", "phone", "email", "opening_note", "footer_text", "booking_text")
    address = {name: value for name, value in text["address"].items() if name not in {"latitude", "longitude"}}
    SiteSettings.objects.create(
        site=Site.objects.get(is_default_site=True),
        **{name: text[name] for name in plain},
        **address,
        latitude=Decimal(str(text["address"]["latitude"])),
        longitude=Decimal(str(text["address"]["longitude"])),
        opening_hours=[("hours", hours) for hours in text["hours"]],
        menu=[_menu_link("Posts", index), _menu_link("About", pages["about"])],
        footer_menu=[
            _menu_link("Cookie policy", pages["cookies"]),
            _menu_link("Privacy", pages["privacy"]),
            _menu_link("Accessibility", pages["accessibility"]),
        ],
    )


def _menu_link(label: str, page: Page) -> tuple[str, dict[str, Any]]:
    return "link", {"label": label, "page": page.page_ptr, "url": ""}


def _comments(posts: dict[str, BlogPage]) -> None:
    made: dict[str, ReaderComment] = {}
    for text in texts.load("comments")["comment"]:
        post, parent = posts[text["post"]], made.get(text["parent"])
        written = post.first_published_at + timedelta(days=text["days_after"])
        made[text["key"]] = ReaderComment.objects.create(
            post=post,
            parent=parent,
            root=parent and (parent.root or parent),
            author_name=text["author_name"],
            body=text["body"],
            is_staff=text["staff"],
            status=text["status"],
            created_at=written,
            decided_at=written if text["status"] == ReaderComment.Status.APPROVED else None,
        )


def is_needed() -> bool:
    """Whether this installation has no site of its own yet."""
    return not HomePage.objects.exists() and settings.API_URL == ""
