from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext_noop as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField

from home.blocks import HoursBlock, LinkBlock
from home.colour import validate_accent_on_dark, validate_accent_on_light
from home.language import site_words
from home.renditions import Use
from home.statements import Statement

# What this thread's request has read so far: `settings` is there only while a request is being answered.
_request = threading.local()


@receiver(request_started)
def _begin(**kwargs: Any) -> None:
    _request.settings = None


@receiver(request_finished)
def _end(**kwargs: Any) -> None:
    _request.__dict__.clear()


ACCENT_LIGHT = "#0A5A4E"
ACCENT_DARK = "#74D6C2"


class ShareNetwork(models.TextChoices):
    COPY = "copy", "Copy link"
    EMAIL = "email", "E-mail"
    WHATSAPP = "whatsapp", "WhatsApp"
    FACEBOOK = "facebook", "Facebook"
    LINKEDIN = "linkedin", "LinkedIn"
    BLUESKY = "bluesky", "Bluesky"
    MASTODON = "mastodon", "Mastodon"
    THREADS = "threads", "Threads"
    TELEGRAM = "telegram", "Telegram"
    REDDIT = "reddit", "Reddit"
    X = "x", "X"


AT_FIRST = (
    ShareNetwork.COPY,
    ShareNetwork.EMAIL,
    ShareNetwork.WHATSAPP,
    ShareNetwork.FACEBOOK,
    ShareNetwork.LINKEDIN,
    ShareNetwork.BLUESKY,
    ShareNetwork.MASTODON,
    ShareNetwork.X,
)


def all_share_networks() -> list[dict[str, str]]:
    """What a new site starts with."""
    return [{"type": "network", "value": network.value} for network in AT_FIRST]


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """What is the same on every page of the site."""

    class Moderation(models.TextChoices):
        ALL = "all", "Every comment"
        KNOWN = "known", "Every comment but those of confirmed addresses that one was approved of before"

    name = models.CharField(max_length=80, default=site_words(_("Our clinic")))
    tagline = models.CharField(max_length=120, blank=True)
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Without one, the name is set in type.",
    )
    accent_light = models.CharField(
        "accent on light", max_length=7, default=ACCENT_LIGHT, validators=[validate_accent_on_light]
    )
    accent_dark = models.CharField(
        "accent on dark", max_length=7, default=ACCENT_DARK, validators=[validate_accent_on_dark]
    )

    street = models.CharField(max_length=120, blank=True)
    locality = models.CharField("town", max_length=80, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="Two letters, for example GB.")
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    email = models.EmailField("e-mail", blank=True, help_text="Shown on the site; requests are announced to it.")
    opening_hours = StreamField([("hours", HoursBlock())], blank=True)
    opening_note = models.CharField(max_length=200, blank=True)

    menu = StreamField([("link", LinkBlock())], blank=True)
    footer_menu = StreamField([("link", LinkBlock())], blank=True)
    footer_text = models.CharField(max_length=300, blank=True)
    social = StreamField([("link", LinkBlock())], blank=True, verbose_name="social profiles")

    booking_label = models.CharField(max_length=40, default=site_words(_("Book an appointment")))
    booking_text = models.CharField(max_length=200, blank=True)
    share_networks = StreamField(
        [("network", blocks.ChoiceBlock(choices=ShareNetwork.choices))], default=all_share_networks, blank=True
    )
    comments_enabled = models.BooleanField(
        "comments", default=True, help_text="Whether posts that say nothing else take comments."
    )
    comments_moderation = models.CharField(
        "what is read first",
        max_length=8,
        choices=Moderation.choices,
        default=Moderation.ALL,
        help_text="A comment with anything odd about it is read first in any case.",
    )
    comments_close_after_days = models.PositiveSmallIntegerField(
        "close after",
        default=0,
        help_text="Days after a post was published; 0 for never. A post whose own comments are “Open” stays open.",
    )

    select_related = ["logo", "site"]

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("name"),
                    FieldPanel("tagline"),
                    FieldPanel("logo"),
                    MultiFieldPanel([FieldPanel("accent_light"), FieldPanel("accent_dark")], heading="Colour"),
                ],
                heading="Clinic",
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [
                            FieldPanel("street"),
                            FieldPanel("locality"),
                            FieldPanel("postal_code"),
                            FieldPanel("country"),
                            FieldPanel("latitude"),
                            FieldPanel("longitude"),
                        ],
                        heading="Address",
                    ),
                    FieldPanel("phone"),
                    FieldPanel("email"),
                    FieldPanel("opening_hours"),
                    FieldPanel("opening_note"),
                ],
                heading="Contact and hours",
            ),
            ObjectList(
                [
                    FieldPanel("menu"),
                    FieldPanel("footer_menu"),
                    FieldPanel("footer_text"),
                    FieldPanel("social"),
                ],
                heading="Menus",
            ),
            ObjectList(
                [
                    MultiFieldPanel([FieldPanel("booking_label"), FieldPanel("booking_text")], heading="Appointments"),
                    FieldPanel("share_networks"),
                    MultiFieldPanel(
                        [
                            FieldPanel("comments_enabled"),
                            FieldPanel("comments_moderation"),
                            FieldPanel("comments_close_after_days"),
                        ],
                        heading="Comments",
                    ),
                ],
                heading="Visitors",
            ),
        ]
    )

    class Meta:
        verbose_name = "site settings"
        verbose_name_plural = "site settings"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> SiteSettings:
        """
        The settings of the one site; unsaved defaults where nobody set any up, since reading never writes.

        Read once a request, however many answers of the API a page is made from.
        """
        if not hasattr(_request, "settings"):
            return cls._read()
        if _request.settings is None:
            _request.settings = cls._read()
        return _request.settings

    @classmethod
    def _read(cls) -> SiteSettings:
        return next(iter(_CURRENT.read()), None) or cls()

    def pictures(self) -> Iterator[Use]:
        yield Use(self.logo, "logo")

    @property
    def share_network_keys(self) -> list[str]:
        """The chosen networks in their order, each once."""
        return list(dict.fromkeys(stored["value"] for stored in self.share_networks.raw_data))


_CURRENT: Statement[SiteSettings] = Statement(
    lambda: SiteSettings.base_queryset().filter(site__is_default_site=True).order_by("pk")
)


@receiver(post_save, sender=SiteSettings)
def _changed(**kwargs: Any) -> None:
    if hasattr(_request, "settings"):
        _request.settings = None
