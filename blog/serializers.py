from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from blog import sharing
from blog.models import Author, BlogPage, Topic
from blog.querysets import all_topics, related_to
from blog.tags import of_post
from guard.serializers import LineField, StrictSerializer
from home.querysets import path_of, url_of
from home.responses import earliest
from home.serializers import BodyField, LinkMetaSerializer, PageSerializer, PictureField, ReadSerializer
from home.site_settings import SiteSettings

BLOG_PATH = "/blog/"


class TopicLinkSerializer(ReadSerializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, topic: Topic) -> str:
        return f"{BLOG_PATH}?topic={topic.slug}"


class TopicSerializer(TopicLinkSerializer):
    description = serializers.CharField()


class TagSerializer(ReadSerializer):
    name = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, tag: Any) -> str:
        return f"{BLOG_PATH}?tag={tag.slug}"


class AuthorLinkSerializer(ReadSerializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    credentials = serializers.CharField()


class ReviewerSerializer(ReadSerializer):
    name = serializers.CharField()
    role = serializers.CharField()
    credentials = serializers.CharField()


class AuthorSerializer(AuthorLinkSerializer):
    bio = serializers.CharField()
    photo = PictureField(picture="photo", preset="portrait", alt="photo_alt")
    url = serializers.SerializerMethodField()

    def get_url(self, author: Author) -> str:
        return f"{BLOG_PATH}?author={author.slug}"


class ReviewSerializer(ReadSerializer):
    by = ReviewerSerializer(source="reviewed_by")
    on = serializers.DateField(source="reviewed_on", allow_null=True)
    due = serializers.DateField(source="review_due", allow_null=True)


class ShareLinkSerializer(ReadSerializer):
    network = serializers.CharField()
    label = serializers.CharField()
    url = serializers.CharField()


class CommentCountSerializer(ReadSerializer):
    count = serializers.IntegerField(source="comment_count")


class CommentStateSerializer(ReadSerializer):
    open = serializers.BooleanField(help_text="Whether a new comment is taken.")
    shown = serializers.BooleanField()
    count = serializers.IntegerField()


class PostListSerializer(ReadSerializer):
    """A post as an entry of a list."""

    id = serializers.IntegerField()
    meta = LinkMetaSerializer(source="*")
    title = serializers.CharField()
    intro = serializers.CharField()
    hero = PictureField(picture="hero_image", preset="hero", alt="hero_alt")
    authors = AuthorLinkSerializer(many=True, source="author_lines")
    topics = TopicLinkSerializer(many=True, source="topic_lines")
    reading_minutes = serializers.IntegerField()
    comments = CommentCountSerializer(source="*")


class BlogIndexPageSerializer(PageSerializer):
    intro = serializers.CharField()
    topics = serializers.SerializerMethodField()

    @property
    def cache_tags(self) -> list[str]:
        return [*super().cache_tags, "posts"]

    @extend_schema_field(TopicSerializer(many=True))
    def get_topics(self, page: Any) -> Any:
        return TopicSerializer(all_topics(), many=True).data


class PostSerializer(PageSerializer):
    """A post as its own page shows it."""

    intro = serializers.CharField()
    hero = PictureField(picture="hero_image", preset="hero", alt="hero_alt")
    hero_caption = serializers.CharField()
    body = BodyField()
    authors = serializers.SerializerMethodField()
    topics = TopicLinkSerializer(many=True, source="topic_lines")
    tags = serializers.SerializerMethodField()
    reading_minutes = serializers.IntegerField()
    reviewed = serializers.SerializerMethodField()
    share = serializers.SerializerMethodField()
    comments = serializers.SerializerMethodField()
    related = serializers.SerializerMethodField()

    def __init__(self, instance: Any = None, **kwargs: Any) -> None:
        is_draft = kwargs.get("context", {}).get("is_draft", False)
        self.related_posts = related_to(instance, is_draft=is_draft) if instance is not None else []
        super().__init__(instance, **kwargs)

    @property
    def cache_tags(self) -> list[str]:
        return of_post(self.instance, related=self.related_posts)

    @property
    def fresh_until(self) -> datetime | None:
        post: Any = self.instance
        return earliest([post.closes_at(self._site), *(shown.expire_at for shown in (post, *self.related_posts))])

    def pictures(self) -> Iterator[Any]:
        yield from super().pictures()
        yield from (post.hero_image for post in self.related_posts)

    @extend_schema_field(AuthorSerializer(many=True))
    def get_authors(self, post: BlogPage) -> Any:
        return AuthorSerializer([entry.author for entry in post.post_authors.all()], many=True).data

    @extend_schema_field(TagSerializer(many=True))
    def get_tags(self, post: BlogPage) -> Any:
        return TagSerializer([entry.tag for entry in post.tagged_items.all()], many=True).data

    @extend_schema_field(ReviewSerializer(allow_null=True))
    def get_reviewed(self, post: BlogPage) -> Any:
        return ReviewSerializer(post).data if post.reviewed_by and post.reviewed_on else None

    @extend_schema_field(ShareLinkSerializer(many=True))
    def get_share(self, post: BlogPage) -> list[dict[str, str]]:
        url = url_of(path_of(post))
        return sharing.share_links(title=post.title, url=url, networks=self._site.share_network_keys)

    @extend_schema_field(CommentStateSerializer)
    def get_comments(self, post: BlogPage) -> dict[str, Any]:
        return {
            "open": post.takes_comments(self._site),
            "shown": post.shows_comments,
            # A preview is built from a draft and has no count yet.
            "count": getattr(post, "comment_count", 0),
        }

    @extend_schema_field(PostListSerializer(many=True))
    def get_related(self, post: BlogPage) -> Any:
        return PostListSerializer(self.related_posts, many=True).data

    @cached_property
    def _site(self) -> SiteSettings:
        return SiteSettings.current()


class PostListQuerySerializer(StrictSerializer):
    limit = serializers.CharField(required=False)
    offset = serializers.CharField(required=False)
    topic = serializers.SlugField(required=False, max_length=50)
    tag = serializers.CharField(required=False, max_length=100)
    author = serializers.SlugField(required=False, max_length=50)
    search = LineField(required=False, max_length=100)
    ordering = serializers.ChoiceField(
        ["first_published_at", "-first_published_at", "title", "-title"], required=False, default="-first_published_at"
    )

    def validate_tag(self, value: str) -> str:
        if not re.fullmatch(r"[-\w]+", value):
            raise serializers.ValidationError(_("This is no tag."))
        return value
