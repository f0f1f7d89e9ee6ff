"""
The register of what may be stored or loaded.

`CookieGroup` and `Cookie` of django-cookie-consent are its root; the models here add what they lack, one to one.
"""

from __future__ import annotations

from cookie_consent.models import Cookie, CookieGroup
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_noop as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from consent.catalogue import CATALOGUE
from home.language import site_words


class Purpose(models.Model):
    """What a cookie group is for, and on which legal ground."""

    class Basis(models.TextChoices):
        NECESSARY = "necessary", "Strictly necessary"
        CONSENT = "consent", "Consent"
        UK_STATISTICAL = "uk_statistical", "UK: statistics, with a way to object"
        UK_APPEARANCE = "uk_appearance", "UK: appearance, with a way to object"

    group = models.OneToOneField(CookieGroup, on_delete=models.CASCADE, related_name="purpose")
    short_key = models.CharField(
        max_length=2,
        unique=True,
        editable=False,
        validators=[RegexValidator(r"^[a-z]{2}$", "Two small letters.")],
        help_text="Two letters in the visitor’s cookie. Never used again for anything else.",
    )
    basis = models.CharField(
        "legal basis",
        max_length=16,
        choices=Basis.choices,
        default=Basis.CONSENT,
        help_text="Whatever the basis, nothing optional is stored or loaded before a yes.",
    )
    refused_by_gpc = models.BooleanField(
        "refused by Global Privacy Control",
        default=True,
        help_text="Whether a browser’s signal counts as a no, so that its visitor is not asked. Nothing is used before "
        "a yes either way.",
    )
    material_change = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Raised when an editor says that a change of words changes what is agreed to.",
    )

    def __str__(self) -> str:
        return self.group.name


class Service(models.Model):
    """A provider whose content or code a purpose lets in. Which ones there can be is in `consent.catalogue`."""

    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="services")
    key = models.SlugField(unique=True, choices=[(key, ready.name) for key, ready in CATALOGUE.items()])
    account = models.CharField(
        max_length=250,
        blank=True,
        help_text="What the provider knows the clinic by: a measurement id, or the https address of the clinic’s own "
        "installation. Empty for videos and maps.",
    )

    panels = [FieldPanel("key"), FieldPanel("account")]

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return CATALOGUE[self.key].name if self.key in CATALOGUE else self.key

    def clean(self) -> None:
        super().clean()
        ready = CATALOGUE.get(self.key)
        if ready is None:
            raise ValidationError({"key": "This service is not known here."})
        if not ready.account.fullmatch(self.account):
            raise ValidationError({"account": f"For {ready.name}: {ready.account_hint}"})


class StorageItem(models.Model):
    """One thing that is stored in the visitor's browser: what `Cookie` says, and how long and by whom."""

    class Kind(models.TextChoices):
        COOKIE = "cookie", "Cookie"
        LOCAL = "local", "Local storage"
        SESSION = "session", "Session storage"
        INDEXED_DB = "indexeddb", "IndexedDB"

    class Party(models.TextChoices):
        FIRST = "first", "This site"
        THIRD = "third", "The provider"

    cookie = models.OneToOneField(Cookie, on_delete=models.CASCADE, related_name="storage_item")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.COOKIE)
    party = models.CharField(max_length=8, choices=Party.choices, default=Party.FIRST)
    lifetime_seconds = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Empty: until the browser closes or the visitor deletes it."
    )

    def __str__(self) -> str:
        return self.cookie.name


@register_setting(icon="form")
class Wording(BaseSiteSetting):
    """What the banner says."""

    text = models.CharField(
        max_length=300, default=site_words(_("Our site uses cookies. For more information, see our"))
    )
    policy_label = models.CharField(max_length=60, default=site_words(_("cookie policy")))
    policy_url = models.CharField(max_length=120, default="/cookies/")
    accept = models.CharField(max_length=60, default=site_words(_("Accept cookies and close")))
    reject = models.CharField(max_length=60, default=site_words(_("Reject cookies")))
    manage = models.CharField(max_length=60, default=site_words(_("Manage settings")))
    gpc = models.CharField(
        max_length=200,
        default=site_words(_("Your browser asks us not to track you. Everything optional is off.")),
        help_text="The quiet line for visitors whose browser sends Global Privacy Control.",
    )

    panels = [FieldPanel(name) for name in ("text", "policy_label", "policy_url", "accept", "reject", "manage", "gpc")]

    class Meta:
        verbose_name = "cookie banner"
        verbose_name_plural = "cookie banner"

    def __str__(self) -> str:
        return "Cookie banner"
