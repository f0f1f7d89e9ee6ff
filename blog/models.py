from __future__ import annotations

from blog.comments import ReaderComment
from blog.pages import BlogIndexPage, BlogPage, PostAuthor, PostTag, RelatedPost
from blog.people import Author, Topic
from blog.rules import BlockRule

__all__ = [
    "Author",
    "BlockRule",
    "BlogIndexPage",
    "BlogPage",
    "PostAuthor",
    "PostTag",
    "ReaderComment",
    "RelatedPost",
    "Topic",
]
