"""What visitors ask for, and what they agree to when they do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from wagtail.admin.panels import FieldPanel

from booking.offer import Practitioner, Service, new_reference


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
        ERASED = "erased", "Erased"

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
    network = models.CharField(max_length=32, blank=True, editable=False)
    legal_hold = models.BooleanField(default=False, help_text="Keep it, whatever the schedule says.")
    staff_note = models.TextField(max_length=2000, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        permissions = [
            ("handle_request", "Can answer requests and keep the diary"),
            ("export_request", "Can export requests and appointments"),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="booking_requests_waiting")]

    def __str__(self) -> str:
        # Wagtail copies this into its log, which an erasure does not reach.
        return f"Request {self.reference}"

    @property
    def wishes(self) -> str:
        """The preferred half-days as reception reads them."""
        return "; ".join(f"{wish['date']} {wish['part']}" for wish in self.preferences) or "No preference"
