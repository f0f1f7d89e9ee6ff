"""
The register of what may be stored or loaded, and the record of what visitors chose.

`CookieGroup` and `Cookie` of django-cookie-consent are its root; the models here add what they lack, one to one.
"""

from __future__ import annotations

from cookie_consent.models import Cookie, CookieGroup
from django.core.validators import RegexValidator
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


class Purpose(models.Model):
    """What a cookie group is for, and on which legal ground."""

    class Basis(models.TextChoices):
        NECESSARY = "necessary", "Strictly necessary"
        CONSENT = "consent", "Consent"

    group = models.OneToOneField(CookieGroup, on_delete=models.CASCADE, related_name="purpose")
    short_key = models.CharField(
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[a-z]{2}$", "Two small letters.")],
        help_text="Two letters in the visitor’s cookie. Never used again for anything else.",
    )
    basis = models.CharField(max_length=16, choices=Basis.choices, default=Basis.CONSENT)

    def __str__(self) -> str:
        return self.group.varname


class Service(models.Model):
    """A provider whose content or code a purpose lets in."""

    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="services")
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    controller = models.CharField(max_length=120)
    privacy_url = models.URLField()
    country = models.CharField(max_length=2)
    hosts = models.JSONField(default=list)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class StorageItem(models.Model):
    """One thing that is stored in the visitor's browser: what `Cookie` says, and how long and by whom."""

    class Kind(models.TextChoices):
        COOKIE = "cookie", "Cookie"
        LOCAL = "local", "Local storage"
        SESSION = "session", "Session storage"

    class Party(models.TextChoices):
        FIRST = "first", "This site"
        THIRD = "third", "The provider"

    cookie = models.OneToOneField(Cookie, on_delete=models.CASCADE, related_name="storage_item")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.COOKIE)
    party = models.CharField(max_length=8, choices=Party.choices, default=Party.FIRST)
    lifetime = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.cookie.name


@register_setting(icon="form")
class Wording(BaseSiteSetting):
    """What the banner says."""

    text = models.CharField(max_length=300, default="Our site uses cookies. For more information, see our")
    policy_label = models.CharField(max_length=60, default="cookie policy")
    policy_url = models.CharField(max_length=120, default="/cookies/")
    accept = models.CharField(max_length=60, default="Accept cookies and close")
    reject = models.CharField(max_length=60, default="Reject cookies")
    manage = models.CharField(max_length=60, default="Manage settings")

    panels = [FieldPanel(name) for name in ("text", "policy_label", "policy_url", "accept", "reject", "manage")]

    class Meta:
        verbose_name = "cookie banner"
        verbose_name_plural = "cookie banner"

    def __str__(self) -> str:
        return "Cookie banner"


class Revision(models.Model):
    """Everything a visitor was shown when choosing, as it was: never changed, and kept while a receipt needs it."""

    number = models.AutoField(primary_key=True)
    document = models.JSONField()
    hash = models.CharField(max_length=71)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "number"

    def __str__(self) -> str:
        return f"Revision {self.number}"


class Receipt(models.Model):
    """One choice of one visitor, bound to what was shown. It knows no address, page, browser or account."""

    class Action(models.TextChoices):
        ACCEPT_ALL = "accept_all", "Accepted all"
        REJECT_ALL = "reject_all", "Rejected all"
        CUSTOM = "custom", "Chose by purpose"
        WITHDRAW = "withdraw", "Withdrew"

    class Surface(models.TextChoices):
        BAR = "bar", "Banner"
        SETTINGS = "settings", "Settings page"
        CARD = "card", "Card of a video or map"

    id = models.CharField(max_length=22, primary_key=True)
    decided_at = models.DateTimeField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="receipts")
    action = models.CharField(max_length=16, choices=Action.choices)
    choices = models.JSONField()
    surface = models.CharField(max_length=16, choices=Surface.choices)
    gpc = models.BooleanField(default=False)

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return f"Receipt {self.id[:6]}"
