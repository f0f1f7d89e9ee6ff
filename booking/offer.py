"""What the clinic offers: where, what, and by whom."""

from __future__ import annotations

import secrets
import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

GRANULE_MINUTES = 5
# Crockford's base 32: no letter that is read as a digit or as another letter over the phone.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


def in_granules(minutes: int) -> None:
    if minutes % GRANULE_MINUTES:
        raise ValidationError(f"Whole steps of {GRANULE_MINUTES} minutes are needed.")


class Location(models.Model):
    """Where people are seen. Without one the clinic's own address is what a visitor reads."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, help_text="In one line, as it stands in mails and calendars.")
    directions = models.CharField(max_length=300, blank=True, help_text="The door, the lift, where to leave a bicycle.")
    is_active = models.BooleanField("active", default=True)
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)

    panels = [FieldPanel(name) for name in ("name", "address", "directions", "is_active")]

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def names(cls) -> dict[uuid.UUID, str]:
        return dict(cls.objects.values_list("pk", "name"))


class Service(models.Model):
    """What a visitor can have an appointment for."""

    class Booking(models.TextChoices):
        ASK = "ask", "Ask first: we answer with a time"
        LIVE = "live", "Live times: whoever books one has it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    description = models.TextField(max_length=400, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(default=45, validators=[MinValueValidator(5), in_granules])
    buffer_minutes = models.PositiveSmallIntegerField(
        default=10, validators=[MaxValueValidator(120), in_granules], help_text="Kept free after each appointment."
    )
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="GBP")
    booking = models.CharField(max_length=8, choices=Booking.choices, default=Booking.ASK)
    minimum_notice_hours = models.PositiveSmallIntegerField(
        "notice", default=12, help_text="Hours between the booking and the appointment, at least."
    )
    horizon_days = models.PositiveSmallIntegerField(
        "horizon",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="How many days ahead times are offered.",
    )
    is_offered = models.BooleanField("offered", default=True)
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("description"),
        MultiFieldPanel([FieldPanel("duration_minutes"), FieldPanel("buffer_minutes")], heading="Minutes"),
        MultiFieldPanel([FieldPanel("price"), FieldPanel("currency")], heading="Price"),
        MultiFieldPanel(
            [FieldPanel("booking"), FieldPanel("minimum_notice_hours"), FieldPanel("horizon_days")], heading="Booking"
        ),
        FieldPanel("is_offered"),
    ]

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def claimed_minutes(self) -> int:
        """How long it keeps its practitioner."""
        return self.duration_minutes + self.buffer_minutes


class Practitioner(models.Model):
    service_ids: list[uuid.UUID]  # what is offered of `services`, where `booking.options` has read it

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=120, blank=True)
    author_slug = models.SlugField(
        "blog author", blank=True, help_text="The slug of the same person among the blog’s authors, if there is one."
    )
    services = models.ManyToManyField(Service, related_name="practitioners", blank=True)
    is_active = models.BooleanField("active", default=True)
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    feed_key = models.CharField(max_length=32, blank=True, editable=False)

    panels = [FieldPanel(name) for name in ("name", "role", "author_slug", "services", "is_active")]

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def feed_secret(self) -> str:
        """What the address of the calendar feed ends with; empty where there is none. A new key makes a new secret."""
        if not self.feed_key:
            return ""
        return salted_hmac("booking.feed", f"{self.pk.hex}:{self.feed_key}", algorithm="sha256").hexdigest()[:40]
