from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Orderable, Page
from wagtail.search import index

from blog.people import Author, Topic
from home.blocks import words_in
from home.mixins import BodyMixin, HeroMixin, PublicPageMixin, SocialMixin, promote
from home.renditions import Use
from home.site_settings import SiteSettings

WORDS_A_MINUTE = 220


class BlogIndexPage(PublicPageMixin, SocialMixin, Page):
    intro = models.TextField(max_length=400, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    promote_panels = [*Page.promote_panels, *promote(SocialMixin)]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.BlogPage"]
    search_fields = [*Page.search_fields, index.SearchField("intro")]


class PostTag(TaggedItemBase):
    content_object = ParentalKey("blog.BlogPage", on_delete=models.CASCADE, related_name="tagged_items")


class PostAuthor(Orderable):
    post = ParentalKey("blog.BlogPage", on_delete=models.CASCADE, related_name="post_authors")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+")

    panels = [FieldPanel("author")]


class RelatedPost(Orderable):
    post = ParentalKey("blog.BlogPage", on_delete=models.CASCADE, related_name="related_posts")
    related = models.ForeignKey("blog.BlogPage", on_delete=models.CASCADE, related_name="related_from")

    panels = [PageChooserPanel("related", "blog.BlogPage")]


class BlogPage(PublicPageMixin, HeroMixin, BodyMixin, SocialMixin, Page):
    """A post. In a clinic a post is advice: who checked it, when, and when it is checked again belong to it."""

    list_tags = ("posts",)
    # What an entry of a list says of its authors and topics, where `blog.querysets` has read it.
    author_lines: list[Any]
    topic_lines: list[Any]

    class Comments(models.TextChoices):
        INHERIT = "inherit", "As the site settings say"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed: shown, no new ones"
        HIDDEN = "hidden", "Hidden"

    intro = models.TextField("standfirst", max_length=300, help_text="One or two sentences under the title.")
    hero_caption = models.CharField("caption", max_length=250, blank=True)
    topics = ParentalManyToManyField(Topic, blank=True, related_name="posts")
    tags = ClusterTaggableManager(through=PostTag, blank=True)
    reviewed_by = models.ForeignKey(Author, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField(null=True, blank=True)
    review_due = models.DateField(null=True, blank=True, help_text="When this advice must be checked again.")
    comments_mode = models.CharField("comments", max_length=8, choices=Comments.choices, default=Comments.INHERIT)
    reading_minutes = models.PositiveSmallIntegerField(default=1, editable=False)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        MultiFieldPanel([*HeroMixin.panels, FieldPanel("hero_caption")], heading="Main picture"),
        *BodyMixin.panels,
        InlinePanel("post_authors", heading="Authors", label="author", min_num=1),
        MultiFieldPanel(
            [FieldPanel("topics", widget=forms.CheckboxSelectMultiple), FieldPanel("tags")], heading="Topics and tags"
        ),
        MultiFieldPanel(
            [
                FieldPanel("reviewed_by"),
                FieldRowPanel([FieldPanel("reviewed_on"), FieldPanel("review_due")]),
            ],
            heading="Clinical review",
        ),
        InlinePanel("related_posts", heading="Related posts", label="post", max_num=4),
    ]
    promote_panels = [*Page.promote_panels, *promote(SocialMixin), FieldPanel("comments_mode")]
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types: list[str] = []
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]

    def clean(self) -> None:
        super().clean()
        if self.reviewed_on and self.review_due and self.review_due <= self.reviewed_on:
            raise ValidationError({"review_due": "This must be later than the review itself."})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.reading_minutes = max(1, math.ceil(words_in(self.body) / WORDS_A_MINUTE))
        return super().save(*args, **kwargs)

    def pictures(self) -> Iterator[Use]:
        yield from super().pictures()
        for entry in self.post_authors.all():
            yield from entry.author.pictures()

    def takes_comments(self, site: SiteSettings) -> bool:
        """Whether a visitor may comment now: as the post says, or else as the site does, and for as long."""
        if self.comments_mode != self.Comments.INHERIT:
            return self.comments_mode == self.Comments.OPEN
        closes_at = self.closes_at(site)
        return site.comments_enabled and (closes_at is None or closes_at > timezone.now())

    def closes_at(self, site: SiteSettings) -> datetime | None:
        """When it stops taking comments by itself, if it does."""
        days, published = site.comments_close_after_days, self.first_published_at
        if self.comments_mode != self.Comments.INHERIT or not days or published is None:
            return None
        return published + timedelta(days=days)

    @property
    def shows_comments(self) -> bool:
        return self.comments_mode != self.Comments.HIDDEN
