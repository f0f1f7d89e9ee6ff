from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from booking.calendar import Part, first_date, last_date
from booking.models import AppointmentRequest, ConsentText, Practitioner, Service
from booking.phones import readable_phone
from guard.errors import Conflict
from guard.serializers import DecisionField, LineField, StrictSerializer, TextField
from home.site_settings import SiteSettings

MAX_PREFERENCES = 3


class ServiceSerializer(serializers.ModelSerializer[Service]):
    class Meta:
        model = Service
        fields = ["id", "slug", "name", "description", "duration_minutes", "price", "currency", "booking"]


class PractitionerSerializer(serializers.Serializer[Practitioner]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.CharField()
    services = serializers.PrimaryKeyRelatedField[Service](many=True, read_only=True, pk_field=serializers.UUIDField())


class PlaceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField()


class PartSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(Part.choices)
    label = serializers.CharField()


class ConsentTextSerializer(serializers.Serializer[ConsentText]):
    version = serializers.CharField()
    text = serializers.CharField()


class OptionsSerializer(serializers.Serializer[Any]):
    """What the booking form offers."""

    services = ServiceSerializer(many=True)
    practitioners = PractitionerSerializer(many=True)
    places = PlaceSerializer(many=True)
    parts = PartSerializer(many=True)
    first_date = serializers.DateField()
    last_date = serializers.DateField()
    consent = ConsentTextSerializer()


class PreferenceSerializer(StrictSerializer):
    date = serializers.DateField()
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


class RequestInputSerializer(StrictSerializer):
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

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        service, practitioner = attrs.get("service"), attrs.get("practitioner")
        if service and practitioner and not practitioner.services.filter(pk=service.pk).exists():
            raise serializers.ValidationError({"practitioner": _("This person does not offer that service.")})
        return attrs


class BookingRequestSerializer(RequestInputSerializer):
    """The input with what the guard asks for; the field that `honeypot` named may be there and must be empty."""

    ticket = serializers.CharField()


class RequestReceiptSerializer(serializers.Serializer[AppointmentRequest]):
    reference = serializers.CharField(help_text="To name the request by. It authorises nothing.")
    status = serializers.SerializerMethodField()

    def get_status(self, request: AppointmentRequest) -> str:
        """Always `new`: a sender learns nothing about how the request was judged."""
        return str(AppointmentRequest.Status.NEW)
