from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from wagtail.admin.panels import FieldPanel

# Crockford's base 32: no letter that is read as a digit or as another letter over the phone.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


class Service(models.Model):
    """What a visitor can ask an appointment for."""

    class Booking(models.TextChoices):
        ASK = "ask", "Ask first"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    description = models.TextField(max_length=400, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(default=45, validators=[MinValueValidator(5)])
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="GBP")
    booking = models.CharField(max_length=8, choices=Booking.choices, default=Booking.ASK)
    is_offered = models.BooleanField("offered", default=True)
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("description"),
        FieldPanel("duration_minutes"),
        FieldPanel("price"),
        FieldPanel("currency"),
        FieldPanel("is_offered"),
    ]

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class Practitioner(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=120, blank=True)
    services = models.ManyToManyField(Service, related_name="practitioners", blank=True)
    is_active = models.BooleanField("active", default=True)
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)

    panels = [FieldPanel("name"), FieldPanel("role"), FieldPanel("services"), FieldPanel("is_active")]

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """What a visitor agrees to when asking for an appointment. Never edited: a change is a new version."""

    version = models.AutoField(primary_key=True)
    text = models.TextField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    panels = [FieldPanel("text")]

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Version {self.version}"


class RequestQuerySet(models.QuerySet["AppointmentRequest"]):
    def waiting(self) -> RequestQuerySet:
        """What reception has not answered yet, oldest first."""
        return self.filter(status=AppointmentRequest.Status.NEW).order_by("created_at")


class AppointmentRequest(models.Model):
    """
    A visitor's wish for an appointment. Likely health data (CJEU C-21/23): its text leaves this table by no mail,
    log or address, and it is deleted by schedule.
    """

    class Status(models.TextChoices):
        NEW = "new", "New"
        CONTACTED = "contacted", "Contacted"
        CONFIRMED = "confirmed", "Confirmed"
        DECLINED = "declined", "Declined"
        SUSPECTED = "suspected", "Suspected spam"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=8, unique=True, default=new_reference, editable=False)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    practitioner = models.ForeignKey(Practitioner, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    preferences = models.JSONField(default=list, blank=True)
    name = models.CharField(max_length=100)
    email = models.EmailField("e-mail")
    phone = models.CharField(max_length=32, blank=True)
    message = models.TextField(max_length=1000, blank=True)
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    staff_note = models.TextField(max_length=2000, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["status", "created_at"], name="booking_requests_waiting")]

    def __str__(self) -> str:
        # Wagtail copies this into its log, which an erasure does not reach.
        return f"Request {self.reference}"

    @property
    def wishes(self) -> str:
        """The preferred half-days as reception reads them."""
        return "; ".join(f"{wish['date']} {wish['part']}" for wish in self.preferences) or "No preference"
