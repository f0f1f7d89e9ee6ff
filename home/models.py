from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_noop as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from home.changes import Change
from home.language import site_words
from home.mixins import BodyMixin, HeroMixin, PublicPageMixin, SocialMixin, promote
from home.pending import PendingRenditions
from home.pictures import Picture, PictureRendition
from home.site_settings import SiteSettings

__all__ = ["Change", "HomePage", "PendingRenditions", "Picture", "PictureRendition", "SiteSettings", "StandardPage"]


class HomePage(PublicPageMixin, HeroMixin, BodyMixin, SocialMixin, Page):
    """The front door. Services, posts and hours come from their own rooms; the page gives them their headings."""

    hero_title = models.CharField(max_length=120)
    hero_text = models.TextField(max_length=400)
    services_heading = models.CharField(max_length=120, default=site_words(_("What we do")))
    posts_heading = models.CharField(max_length=120, default=site_words(_("From the treatment room")))

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("hero_title"), FieldPanel("hero_text"), *HeroMixin.panels], heading="Top of the page"
        ),
        FieldPanel("services_heading"),
        FieldPanel("posts_heading"),
        *BodyMixin.panels,
    ]
    promote_panels = [*Page.promote_panels, *promote(SocialMixin)]
    parent_page_types = ["wagtailcore.Page"]
    search_fields = [*Page.search_fields, index.SearchField("hero_text"), index.SearchField("body")]


class StandardPage(PublicPageMixin, HeroMixin, BodyMixin, SocialMixin, Page):
    intro = models.TextField(max_length=400, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        MultiFieldPanel(HeroMixin.panels, heading="Main picture"),
        *BodyMixin.panels,
    ]
    promote_panels = [*Page.promote_panels, *promote(SocialMixin)]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
