"""Times that are taken. What takes a time is a row for each five minutes of it, unique in the database."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from booking.offer import GRANULE_MINUTES, Location, Practitioner, Service, new_reference
from booking.requests import AppointmentRequest, ConsentText


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def standing(self) -> AppointmentQuerySet:
        """What keeps its time: booked, or proposed and not yet answered."""
        return self.filter(status__in=[Appointment.Status.BOOKED, Appointment.Status.PROPOSED])

    def between(self, start: datetime, end: datetime) -> AppointmentQuerySet:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Appointment(models.Model):
    """
    One person with one practitioner at one time.

    Likely health data, as a request is: names and messages leave this table by no mail, log or address, and go by
    schedule.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        BOOKED = "booked", "Booked"
        CANCELLED = "cancelled", "Cancelled"
        NO_SHOW = "no_show", "Did not come"
        ERASED = "erased", "Erased"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=8, unique=True, default=new_reference, editable=False)
    request = models.ForeignKey(
        AppointmentRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="appointments"
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.BOOKED)
    sequence = models.PositiveIntegerField(default=0, editable=False, help_text="RFC 5545: raised by every change.")
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True, editable=False)
    currency = models.CharField(max_length=3, blank=True, editable=False)

    name = models.CharField(max_length=100)
    email = models.EmailField("e-mail", blank=True, help_text="Without one no mail is sent.")
    phone = models.CharField(max_length=32, blank=True)
    message = models.TextField(max_length=1000, blank=True)
    consent = models.ForeignKey(ConsentText, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    network = models.CharField(max_length=32, blank=True, editable=False)
    legal_hold = models.BooleanField(default=False, help_text="Keep it, whatever the schedule says.")
    staff_note = models.TextField(max_length=2000, blank=True)

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["practitioner", "starts_at"], name="booking_diary"),
            models.Index(fields=["status", "starts_at"], name="booking_appointments_due"),
        ]

    def __str__(self) -> str:
        # Wagtail copies this into its log, which an erasure does not reach.
        return f"Appointment {self.reference}"

    @property
    def is_standing(self) -> bool:
        return self.status in {self.Status.BOOKED, self.Status.PROPOSED}

    @property
    def is_over(self) -> bool:
        return self.starts_at <= timezone.now()


class SlotClaim(models.Model):
    """Five minutes of one practitioner. The database keeps two appointments from having the same ones."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="+")
    granule = models.BigIntegerField(help_text="Minutes since 1970 in UTC, divided by five.")
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="claims")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practitioner", "granule"], name="booking_one_claim_a_time")]

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.granule}"


def granules(start: datetime, minutes: int) -> range:
    """Every one that is touched, whether or not the start is on one."""
    seconds, first = GRANULE_MINUTES * 60, int(start.timestamp())
    return range(first // seconds, -(-(first + minutes * 60) // seconds))


def claim(appointment: Appointment) -> None:
    """Take the appointment's time and its buffer, inside a transaction; IntegrityError if any of it is taken."""
    wanted = granules(appointment.starts_at, appointment.service.claimed_minutes)
    SlotClaim.objects.bulk_create(
        SlotClaim(practitioner_id=appointment.practitioner_id, granule=granule, appointment=appointment)
        for granule in wanted
    )


def release(appointment: Appointment) -> None:
    SlotClaim.objects.filter(appointment=appointment).delete()


def claimed(practitioner_ids: Any, start: datetime, end: datetime) -> dict[uuid.UUID, set[int]]:
    """The granules that are taken between two moments, by practitioner."""
    wanted = granules(start, int((end - start) / timedelta(minutes=1)))
    rows = SlotClaim.objects.filter(
        practitioner_id__in=practitioner_ids, granule__gte=wanted.start, granule__lt=wanted.stop
    )
    taken: dict[uuid.UUID, set[int]] = {practitioner_id: set() for practitioner_id in practitioner_ids}
    for practitioner_id, granule in rows.values_list("practitioner_id", "granule"):
        taken[practitioner_id].add(granule)
    return taken
