"""
The tags of posts and comments, and the changes that put them out of date.

`posts`: any list of posts, and all that a post shares with others. `comments-<post>`: a post's thread; `comments`: the
threads of all posts, and how many comments each has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from taggit.models import Tag

from blog.models import Author, BlogPage, Topic
from home import changes

LIST = ["posts", "comments", "site"]
ALL_THREADS = ["comments", "posts"]


def of_post(post: Any, *, related: Iterable[BlogPage]) -> list[str]:
    """What an answer about this post was made from; the posts related to it show how many comments they have."""
    return [f"page-{post.pk}", "posts", "site", *(f"comments-{shown.pk}" for shown in (post, *related))]


def of_thread(post_id: int) -> list[str]:
    return [f"comments-{post_id}", f"page-{post_id}"]


def connect() -> None:
    changes.watch(lambda row: ["posts"], Author, Topic, Tag)
