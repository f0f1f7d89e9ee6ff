from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from wagtail.search.backends import get_search_backend

from blog.models import BlogPage, PostAuthor, PostTag, ReaderComment, Topic
from home.picture_queries import read_renditions
from home.querysets import PublicStatement, public
from home.statements import Parameter, Statement, room_for, several

SEARCH_MATCHES = 200
NEWEST_FIRST = ("-first_published_at", "-pk")
_TOPICS_OF: Any = BlogPage.topics.through
# Of which posts a list may be: the rows that say so of a post, and where in them the asked word stands.
FILTERS: dict[str, tuple[type[models.Model], str, str]] = {
    "topic": (_TOPICS_OF, "blogpage_id", "topic__slug"),
    "author": (PostAuthor, "post_id", "author__slug"),
    "tag": (PostTag, "content_object_id", "tag__slug"),
}
# What an entry of a list shows of a post, and of its picture.
_ENTRY = ("title", "url_path", "first_published_at", "expire_at", "intro", "hero_alt", "reading_minutes", "hero_image")
_CUT_OUT = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")
_ENTRY_PICTURE = ("hero_image__description", *(f"hero_image__{field}" for field in _CUT_OUT))


def public_posts() -> QuerySet[BlogPage]:
    """Posts a visitor may see, newest first, each with `comment_count`."""
    return _counted(public(BlogPage)).order_by(*NEWEST_FIRST)


def _counted(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    approved = ReaderComment.objects.approved().filter(post=OuterRef("pk")).order_by().values("post")
    counted = approved.annotate(number=Count("pk")).values("number")
    return posts.annotate(comment_count=Coalesce(Subquery(counted), 0))


def _entries(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    return _counted(posts).select_related("hero_image").only(*_ENTRY, *_ENTRY_PICTURE)


def _of(posts: QuerySet[BlogPage], *filters: str) -> QuerySet[BlogPage]:
    for name in filters:
        rows, post_id, word = FILTERS[name]
        posts = posts.filter(
            Exists(rows._default_manager.filter(**{post_id: OuterRef("pk"), word: Parameter(name, CharField())}))
        )
    return posts


_LIST = PublicStatement(
    lambda posts, ordering, *filters: _entries(_of(posts, *filters)).order_by(ordering, "-pk"), BlogPage
)
_NUMBER = PublicStatement(lambda posts, *filters: _of(posts, *filters).order_by().only("pk"), BlogPage)
_CHOSEN = PublicStatement(
    lambda posts, number: _entries(posts).filter(id__in=several("ids", IntegerField(), number)), BlogPage
)
_MATCHES = PublicStatement(
    lambda posts, number, *filters: (
        _of(posts, *filters).filter(id__in=several("ids", IntegerField(), number)).only("pk")
    ),
    BlogPage,
)
_POST = PublicStatement(
    lambda posts: (
        _counted(posts)
        .filter(id=Parameter("id", IntegerField()))
        .select_related("hero_image", "social_image", "reviewed_by")
    ),
    BlogPage,
)
_RELATED = PublicStatement(
    lambda posts: (
        _entries(posts)
        .filter(related_from__post_id=Parameter("id", IntegerField()))
        .order_by("related_from__sort_order", "related_from__pk")
    ),
    BlogPage,
)
# By the editor's order, then as they were added: rows that a program made may have no order of their own.
_BY_EDITOR = ("sort_order", "pk")
_AUTHORS: Statement[PostAuthor] = Statement(
    lambda: (
        PostAuthor.objects.filter(post_id=Parameter("id", IntegerField()))
        .select_related("author__photo")
        .order_by(*_BY_EDITOR)
    )
)
# Of an author or topic, an entry of a list shows a line: no instance of the model is made for that.
_AUTHOR_LINES: Statement[Any] = Statement(
    lambda number: (
        PostAuthor.objects.filter(post_id__in=several("ids", IntegerField(), number))
        .order_by(*_BY_EDITOR)
        .values("post_id", **{name: F(f"author__{name}") for name in ("slug", "name", "role", "credentials")})
    )
)
_TOPIC_LINES: Statement[Any] = Statement(
    lambda number: (
        _TOPICS_OF._default_manager.filter(blogpage_id__in=several("ids", IntegerField(), number))
        .order_by("topic__sort_order", "topic__name")
        .values("blogpage_id", slug=F("topic__slug"), name=F("topic__name"))
    )
)
_TAGS: Statement[PostTag] = Statement(
    lambda: (
        PostTag.objects.filter(content_object_id=Parameter("id", IntegerField()))
        .select_related("tag")
        .order_by("tag__name")
    )
)


class PostList:
    """
    Public posts as entries of a list, of which only the asked part is read; with all that an entry shows.

    `filters` are of FILTERS, each with the word that is asked for.
    """

    def __init__(self, *, ordering: str, filters: Mapping[str, str]) -> None:
        self.ordering, self.filters = ordering, filters

    def __getitem__(self, part: slice) -> list[BlogPage]:
        limit = part.stop - part.start
        return _as_entries(_LIST.read(self.ordering, *self.filters, limit=limit, offset=part.start, **self.filters))

    def count(self) -> int:
        return _NUMBER.count(*self.filters, **self.filters)


class FoundPosts:
    """The same of those that match a search: the best first, at most SEARCH_MATCHES of them."""

    def __init__(self, query: str, *, filters: Mapping[str, str]) -> None:
        ids = _best(query)
        found = _MATCHES.read(room_for(ids), *filters, ids=ids, **filters) if ids else []
        visible = {post.pk for post in found}
        self.ids = [pk for pk in ids if pk in visible]

    def __getitem__(self, part: slice) -> list[BlogPage]:
        return _as_entries(_chosen(self.ids[part]))

    def count(self) -> int:
        return len(self.ids)


def _best(query: str) -> list[int]:
    words = query.replace('"', " ").strip()  # SQLite takes a quotation mark for the end of a phrase
    ranked = get_search_backend().search(words, BlogPage.objects.live().only("pk"))[:SEARCH_MATCHES] if words else ()
    return [post.pk for post in ranked]


def _as_entries(posts: list[BlogPage]) -> list[BlogPage]:
    read_renditions(post.hero_image for post in posts)
    return _with_lines(posts)


def _chosen(ids: Collection[int]) -> list[BlogPage]:
    """Those of these posts that are public, in this order."""
    found = {post.pk: post for post in _CHOSEN.read(room_for(ids), ids=list(ids))} if ids else {}
    return [found[pk] for pk in ids if pk in found]


def post_for_detail(pk: int) -> Any:
    """A public post by itself, or None."""
    found: Any = next(iter(_POST.read(id=pk)), None)
    if found is not None:
        found.tagged_items, found.post_authors = _TAGS.read(id=pk), _AUTHORS.read(id=pk)
    return found


def related_to(post: BlogPage, *, is_draft: bool = False) -> list[BlogPage]:
    """
    The public ones of a post's related posts, in the editor's order.

    What they show is read for them and the post together; a draft has its own in memory.
    """
    if is_draft:
        related = _with_lines(_chosen([entry.related_id for entry in post.related_posts.all()]))
        post.topic_lines = list(post.topics.all())
    else:
        related = _RELATED.read(id=post.pk)
        _with_lines([post, *related])
    return related


def _with_lines(posts: list[BlogPage]) -> list[BlogPage]:
    """The posts with `author_lines` and `topic_lines`: one query each for all of them together."""
    ids = list({post.pk for post in posts})
    if ids:
        authors = _by_post(_AUTHOR_LINES.read(room_for(ids), ids=ids), "post_id")
        topics = _by_post(_TOPIC_LINES.read(room_for(ids), ids=ids), "blogpage_id")
        for post in posts:
            post.author_lines, post.topic_lines = authors[post.pk], topics[post.pk]
    return posts


def _by_post(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def with_comments() -> QuerySet[BlogPage]:
    """Public posts that show their comments."""
    return commented(public_posts())


def commented(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    return posts.exclude(comments_mode=BlogPage.Comments.HIDDEN)


_ALL_TOPICS: Statement[Topic] = Statement(lambda: Topic.objects.all())


def all_topics() -> list[Topic]:
    return _ALL_TOPICS.read()
