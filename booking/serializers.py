from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.calendar import Part, first_date, last_date
from booking.models import Appointment, AppointmentRequest, ConsentText, Practitioner, Service
from booking.phones import readable_phone
from booking.services import may_change
from booking.slots import Slot
from booking.tokens import MAX_LENGTH, manage_token, slot_id, slot_of
from guard.errors import Conflict
from guard.serializers import (
    DecisionField,
    ErrorSerializer,
    LineField,
    PlainDateField,
    SentFormSerializer,
    StrictSerializer,
    TextField,
)
from home.serializers import ReadSerializer
from home.site_settings import SiteSettings

DAYS_SHOWN = 14
MAX_DAYS = 62
MAX_AHEAD = 366
MAX_PREFERENCES = 3


class ServiceSerializer(ReadSerializer, serializers.ModelSerializer[Service]):
    class Meta:
        model = Service
        fields = [
            "id",
            "slug",
            "name",
            "description",
            "duration_minutes",
            "price",
            "currency",
            "booking",
            "minimum_notice_hours",
            "horizon_days",
        ]


class PractitionerSerializer(ReadSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.CharField()
    author = serializers.CharField(
        source="author_slug", help_text="The slug of the same person among the authors, or empty."
    )
    services = serializers.ListField(child=serializers.UUIDField(), source="service_ids")


class PlaceSerializer(ReadSerializer):
    name = serializers.CharField()
    address = serializers.CharField()


class PartSerializer(ReadSerializer):
    key = serializers.ChoiceField(Part.choices)
    label = serializers.CharField()


class ConsentTextSerializer(ReadSerializer):
    version = serializers.CharField()
    text = serializers.CharField()


class OptionsSerializer(ReadSerializer):
    """What the booking form offers."""

    services = ServiceSerializer(many=True)
    practitioners = PractitionerSerializer(many=True)
    places = PlaceSerializer(many=True)
    parts = PartSerializer(many=True)
    first_date = serializers.DateField()
    last_date = serializers.DateField()
    consent = ConsentTextSerializer()


class PreferenceSerializer(StrictSerializer):
    date = PlainDateField()
    part = serializers.ChoiceField(Part.choices)

    def validate_date(self, value: Any) -> Any:
        if not first_date() <= value <= last_date():
            raise serializers.ValidationError(_("Please choose a day from tomorrow on, within the next two months."))
        return value


class GivenConsentSerializer(StrictSerializer):
    version = serializers.CharField(max_length=9)
    given = DecisionField()

    def validate_given(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("We need your consent to read your request."))
        return value

    def validate_version(self, value: str) -> ConsentText:
        current = ConsentText.objects.first()
        if current is None or value != str(current.version):
            raise Conflict(_("The text you agree to has changed. Please read it again."), code="consent_outdated")
        return current


class PersonSerializer(StrictSerializer):
    """Whoever asks or books: what they are called, how they are reached, what they agree to."""

    name = LineField(max_length=100)
    email = serializers.EmailField(max_length=254)
    phone = LineField(required=False, allow_blank=True, max_length=32)
    message = TextField(required=False, allow_blank=True, max_length=1000)
    consent = GivenConsentSerializer()

    def validate_phone(self, value: str) -> str:
        if not value:
            return ""
        try:
            return readable_phone(value, region=SiteSettings.current().country)
        except ValueError as error:
            raise serializers.ValidationError(_("We can’t read this number. Please check it.")) from error


class RequestInputSerializer(PersonSerializer):
    service = serializers.PrimaryKeyRelatedField(
        queryset=Service.objects.filter(is_offered=True),
        pk_field=serializers.UUIDField(),
        required=False,
        allow_null=True,
    )
    practitioner = serializers.PrimaryKeyRelatedField(
        queryset=Practitioner.objects.filter(is_active=True),
        pk_field=serializers.UUIDField(),
        required=False,
        allow_null=True,
    )
    preferences = serializers.ListField(child=PreferenceSerializer(), required=False, max_length=MAX_PREFERENCES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        service, practitioner = attrs.get("service"), attrs.get("practitioner")
        if service and practitioner and not practitioner.services.filter(pk=service.pk).exists():
            raise serializers.ValidationError({"practitioner": _("This person does not offer that service.")})
        return attrs


class BookingRequestSerializer(SentFormSerializer, RequestInputSerializer):
    """The input with what the guard asks for; the field that `honeypot` named may be there and must be empty."""


class RequestReceiptSerializer(serializers.Serializer[AppointmentRequest]):
    reference = serializers.CharField(help_text="To name the request by. It authorises nothing.")
    status = serializers.SerializerMethodField()

    def get_status(self, request: AppointmentRequest) -> str:
        """Always `new`: a sender learns nothing about how the request was judged."""
        return str(AppointmentRequest.Status.NEW)


class SlotQuerySerializer(StrictSerializer):
    service = serializers.PrimaryKeyRelatedField(
        queryset=Service.objects.filter(is_offered=True, booking=Service.Booking.LIVE),
        pk_field=serializers.UUIDField(),
    )
    practitioner = serializers.CharField(required=False, default="any", help_text="An id, or `any`.")
    to = PlainDateField(required=False, help_text="Two weeks from `from` unless told; 62 days at most.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, and so no name of an attribute."""
        start = PlainDateField(required=False, help_text="Today unless told, on the clinic’s calendar.")
        return {**super().get_fields(), "from": start}

    def validate_practitioner(self, value: str) -> uuid.UUID | None:
        if value == "any":
            return None
        try:
            known = Practitioner.objects.filter(is_active=True, pk=uuid.UUID(value)).first()
        except ValueError:
            known = None
        if known is None:
            raise serializers.ValidationError(_("This person is not known here."))
        return known.pk

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first = attrs.setdefault("from", timezone.localdate())
        if abs(first - timezone.localdate()) > timedelta(days=MAX_AHEAD):
            raise serializers.ValidationError({"from": _("Please choose a day within the next year.")})
        last = attrs.setdefault("to", first + timedelta(days=DAYS_SHOWN - 1))
        if not first <= last < first + timedelta(days=MAX_DAYS):
            raise serializers.ValidationError({"to": _("At most %(days)d days can be shown.") % {"days": MAX_DAYS}})
        practitioner = attrs["practitioner"]
        if practitioner and not attrs["service"].practitioners.filter(pk=practitioner).exists():
            raise serializers.ValidationError({"practitioner": _("This person does not offer that service.")})
        return attrs


class SlotSerializer(ReadSerializer):
    id = serializers.CharField(help_text="Opaque: it goes into `slot_id`.")
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    place = serializers.CharField(help_text="Which location.")


class SlotDaySerializer(ReadSerializer):
    date = serializers.DateField()
    slots = SlotSerializer(many=True)


class SlotsSerializer(ReadSerializer):
    timezone = serializers.SerializerMethodField()
    days = SlotDaySerializer(many=True)

    def get_timezone(self, found: Any) -> str:
        """The clinic’s clock, which dates and offsets are read on."""
        return settings.TIME_ZONE


def slot_list(free: Iterable[Slot], *, minutes: int, places: Mapping[uuid.UUID, str]) -> list[dict[str, Any]]:
    """What SlotSerializer needs; `places` are the names of the locations. A location may have gone meanwhile."""
    length = timedelta(minutes=minutes)
    return [
        {"id": slot_id(slot), "start": slot.start, "end": slot.start + length, "place": places[slot.location_id]}
        for slot in free
        if slot.location_id in places
    ]


class ChosenSlotSerializer(StrictSerializer):
    slot_id = serializers.CharField(max_length=MAX_LENGTH, help_text="The id of a time that was offered.")

    def validate_slot_id(self, value: str) -> Slot:
        slot = slot_of(value)
        if slot is None:
            raise serializers.ValidationError(_("This time was not offered here."))
        return slot


class AppointmentInputSerializer(ChosenSlotSerializer, PersonSerializer):
    """A free time, and whoever books it."""


class AppointmentRequestSerializer(SentFormSerializer, AppointmentInputSerializer):
    """The input with what the guard asks for; the field that `honeypot` named may be there and must be empty."""


class AppointmentSerializer(serializers.Serializer[Appointment]):
    """An appointment as its owner reads it."""

    reference = serializers.CharField()
    status = serializers.ChoiceField(Appointment.Status.choices)
    service = ServiceSerializer()
    practitioner = serializers.CharField(source="practitioner.name")
    place = serializers.SerializerMethodField()
    start = serializers.DateTimeField(source="starts_at")
    end = serializers.DateTimeField(source="ends_at")
    timezone = serializers.SerializerMethodField()
    can_change = serializers.SerializerMethodField()

    @extend_schema_field(PlaceSerializer)
    def get_place(self, appointment: Appointment) -> dict[str, str]:
        place = appointment.location
        return {"name": place.name, "address": place.address, "directions": place.directions}

    def get_timezone(self, appointment: Appointment) -> str:
        return settings.TIME_ZONE

    def get_can_change(self, appointment: Appointment) -> bool:
        """Whether it can still be moved or cancelled here."""
        return may_change(appointment)


class AppointmentReceiptSerializer(serializers.Serializer[Appointment]):
    """What whoever booked gets, and nobody else."""

    reference = serializers.CharField()
    status = serializers.CharField()
    start = serializers.DateTimeField(source="starts_at")
    end = serializers.DateTimeField(source="ends_at")
    timezone = serializers.SerializerMethodField()
    manage_token = serializers.SerializerMethodField()

    def get_timezone(self, appointment: Appointment) -> str:
        return settings.TIME_ZONE

    def get_manage_token(self, appointment: Appointment) -> str:
        """The key to this appointment: the mail has it too."""
        return manage_token(appointment)


class SlotTakenSerializer(ErrorSerializer):
    alternatives = SlotSerializer(many=True, help_text="The next free times, where the code is `slot_taken`.")


class ManageSerializer(StrictSerializer):
    token = serializers.CharField(max_length=MAX_LENGTH)


class MoveSerializer(ChosenSlotSerializer, ManageSerializer):
    """The key to an appointment, and its new time."""


class CalendarFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    content = serializers.CharField(help_text="iCalendar (RFC 5545).")
