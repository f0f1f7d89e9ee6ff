from __future__ import annotations

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce
from wagtail.search.backends import get_search_backend

from blog.models import BlogPage, PostAuthor, PostTag, ReaderComment
from home.querysets import public

SEARCH_MATCHES = 200
# By the editor's order, then as they were added: rows that a program made may have no order of their own.
_AUTHORS = PostAuthor.objects.select_related("author__photo").order_by("sort_order", "pk")
SHOWN_EVERYWHERE = (Prefetch("post_authors", queryset=_AUTHORS), "topics")


def public_posts() -> QuerySet[BlogPage]:
    """Posts a visitor may see, newest first, each with `comment_count`."""
    approved = ReaderComment.objects.approved().filter(post=OuterRef("pk")).order_by().values("post")
    counted = approved.annotate(number=Count("pk")).values("number")
    return (
        public(BlogPage).annotate(comment_count=Coalesce(Subquery(counted), 0)).order_by("-first_published_at", "-pk")
    )


def for_list(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    """With everything a list entry shows, in a fixed number of queries."""
    return without_body(posts).prefetch_related(*SHOWN_EVERYWHERE, "hero_image__renditions")


def without_body(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    return posts.defer("body").select_related("hero_image")


def for_detail(posts: QuerySet[BlogPage]) -> QuerySet[BlogPage]:
    """A post by itself. What it shares with its related posts is read by `related_to`, for all of them together."""
    tags = Prefetch("tagged_items", queryset=PostTag.objects.select_related("tag").order_by("tag__name"))
    return posts.select_related("hero_image", "social_image", "reviewed_by").prefetch_related(tags)


def related_to(post: BlogPage, *, is_draft: bool = False) -> list[BlogPage]:
    """
    The public ones of a post's related posts, in the editor's order.

    Authors and topics are read for them and the post together; a draft has its own in memory and keeps them.
    """
    if is_draft:
        chosen = [entry.related_id for entry in post.related_posts.all()]
        found = without_body(public_posts().filter(pk__in=chosen)).in_bulk()
        related = [found[pk] for pk in chosen if pk in found]
    else:
        by_editor = (
            public_posts()
            .filter(related_from__post_id=post.pk)
            .order_by("related_from__sort_order", "related_from__pk")
        )
        related = list(without_body(by_editor))
    prefetch_related_objects(related if is_draft else [post, *related], *SHOWN_EVERYWHERE)
    return related


def matching(posts: QuerySet[BlogPage], query: str) -> list[BlogPage]:
    """The best matches first, at most SEARCH_MATCHES of them."""
    words = query.replace('"', " ").strip()  # SQLite takes a quotation mark for the end of a phrase
    ranked = get_search_backend().search(words, BlogPage.objects.live())[:SEARCH_MATCHES] if words else ()
    order = {post.pk: place for place, post in enumerate(ranked)}
    return sorted(posts.filter(pk__in=order), key=lambda post: order[post.pk])


def with_comments() -> QuerySet[BlogPage]:
    """Public posts that show their comments."""
    return public_posts().exclude(comments_mode=BlogPage.Comments.HIDDEN)
