"""Fields that pages of several rooms share, with their panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail_headless_preview.models import HeadlessPreviewMixin

from home import preparing
from home.admin.pictures import PicturesPanel
from home.blocks import BodyBlock, pictures_in, rich_texts_in
from home.renditions import Use


class SocialMixin(models.Model):
    """How a page appears in search results and where its link is shared."""

    social_image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Shown where the page is shared. Without one, the page’s main picture is used.",
    )
    is_hidden_from_search_engines = models.BooleanField(default=False)

    panels = [FieldPanel("social_image"), FieldPanel("is_hidden_from_search_engines")]

    class Meta:
        abstract = True


class HeroMixin(models.Model):
    """A main picture with its own text alternative."""

    hero_image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="main picture",
    )
    hero_alt = models.CharField(
        "text alternative",
        max_length=250,
        blank=True,
        help_text="What the picture shows, for people who can’t see it. Leave empty only if it says nothing.",
    )

    panels = [FieldPanel("hero_image"), FieldPanel("hero_alt")]

    class Meta:
        abstract = True


class BodyMixin(models.Model):
    body = StreamField(BodyBlock(), blank=True)

    panels = [FieldPanel("body"), PicturesPanel(heading="Pictures")]

    class Meta:
        abstract = True


class PublicPageMixin(HeadlessPreviewMixin):
    """A page that visitors read through the API: previewed in the real frontend, its pictures made ahead."""

    list_tags: tuple[str, ...] = ()  # of the lists that show something of such a page

    def pictures(self) -> Iterator[Use]:
        """Every picture the page shows, in its role."""
        hero = getattr(self, "hero_image", None)
        yield Use(hero, "hero")
        yield Use(getattr(self, "social_image", None) or hero, "social")
        yield from pictures_in(getattr(self, "body", ()))

    def rich_texts(self) -> Iterable[str]:
        """The stored source of every rich text of the page."""
        return rich_texts_in(getattr(self, "body", ()))

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        # The editor waits for this one.
        preparing.make_first(preparing.roles_of(self.pictures()))
        response: HttpResponse = super().serve_preview(request, mode_name)
        return response


def promote(*mixins: Any) -> list[Any]:
    """The panels of mixins as one group for a page’s promote tab."""
    panels = [panel for mixin in mixins for panel in mixin.panels]
    return [MultiFieldPanel(panels, heading="Sharing and search engines")]
