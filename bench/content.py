"""
More content than anybody writes: copies of a post of the demo, older than all others, with comments.

`python -m bench.content POSTS COMMENTS` on the database of DATA_DIR. The posts in front stay what they were, so a page
shows the same whatever stands behind it.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")
django.setup()

from django.db import connection, models, transaction  # noqa: E402
from wagtail.models import Page  # noqa: E402

from blog.models import BlogPage, PostAuthor, PostTag, ReaderComment  # noqa: E402

BATCH = 1000
# The post that is measured, and the one whose comments are; each has as many at any size.
POST, POST_COMMENTS = "glutes-and-running", 5
THREAD, THREAD_COMMENTS = "kneecap-pain-on-stairs", 60
WORDS = "It took me longer than I thought, and then one day the stairs were only stairs again. Thank you for this."
# What is a post's own beside its page: the table, and the column that names the page.
PARTS: list[tuple[type[models.Model], str]] = [
    (BlogPage, "page_ptr_id"),
    (PostAuthor, "post_id"),
    (PostTag, "content_object_id"),
    (BlogPage.topics.through, "blogpage_id"),
]


@transaction.atomic
def grow(posts: int, comments: int) -> None:
    """Up to so many in all."""
    post, thread = BlogPage.objects.get(slug=POST), BlogPage.objects.get(slug=THREAD)
    _add_comments([post.pk], POST_COMMENTS - post.comments.count())
    _add_comments([thread.pk], THREAD_COMMENTS - thread.comments.count())
    _add_posts(post, posts - BlogPage.objects.count())
    others = BlogPage.objects.exclude(pk__in=[post.pk, thread.pk]).values_list("pk", flat=True)
    _add_comments(list(others), comments - ReaderComment.objects.count())


def _add_posts(pattern: BlogPage, number: int) -> None:
    if number <= 0:
        return
    index, last = pattern.get_parent(), pattern.get_siblings().last()
    Page.objects.bulk_create(_pages(pattern, index, last, number), batch_size=BATCH)
    Page.objects.filter(pk=index.pk).update(numchild=index.numchild + number)
    for model, column in PARTS:
        _copy_rows(model, column, pattern, after=last.path, length=len(last.path))


def _pages(pattern: BlogPage, index: Page, last: Page, number: int) -> Iterator[Page]:
    """What Wagtail knows of any page, next to each other in its tree."""
    own = {"id", "path", "slug", "url_path", "title", "draft_title", "translation_key", "latest_revision_id"}
    names = {field.attname for field in Page._meta.concrete_fields} - own - {"live_revision_id"}
    common = {name: getattr(pattern, name) for name in names}
    oldest = BlogPage.objects.earliest("first_published_at").first_published_at
    first = last._get_lastpos_in_path() + 1
    for step in range(number):
        slug, title = f"{pattern.slug}-{step}", f"{pattern.title} ({step})"
        published = oldest - timedelta(hours=step + 1)
        common |= {"first_published_at": published, "last_published_at": published}
        yield Page(
            **common,
            path=Page._get_path(index.path, last.depth, first + step),
            slug=slug,
            url_path=f"{index.url_path}{slug}/",
            title=title,
            draft_title=title,
            translation_key=uuid.uuid4(),
        )


def _copy_rows(model: type[models.Model], column: str, pattern: BlogPage, *, after: str, length: int) -> None:
    """The pattern's rows of a table, for every page of its depth that was added behind `after`."""
    names = [field.column for field in model._meta.local_concrete_fields if field.column not in {"id", column}]
    columns = ", ".join(f'"{name}"' for name in [column, *names])
    values = ", ".join(["p.id", *(f't."{name}"' for name in names)])
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {values} FROM wagtailcore_page p '  # noqa: S608
        f'JOIN "{model._meta.db_table}" t ON t."{column}" = %s WHERE p.path > %s AND length(p.path) = %s'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [pattern.pk, after, length])


def _add_comments(posts: list[int], number: int) -> None:
    """Approved ones, each a minute older than the one before, on these posts by turns."""
    if number <= 0:
        return
    now = ReaderComment().created_at
    comments = (
        _comment(post, created_at=now - timedelta(minutes=minute))
        for minute, post in enumerate(islice(cycle(posts), number))
    )
    ReaderComment.objects.bulk_create(comments, batch_size=BATCH)


def _comment(post: int, **fields: Any) -> ReaderComment:
    status = ReaderComment.Status.APPROVED
    comment = ReaderComment(post_id=post, author_name="Ada", body=WORDS, status=status, is_shown=True, **fields)
    comment.thread_key = comment._own_key()
    return comment


if __name__ == "__main__":
    grow(int(sys.argv[1]), int(sys.argv[2]))
