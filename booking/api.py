from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import examples, services, slots
from booking import options as offer
from booking.calendar import Part, first_date, last_date, next_midnight
from booking.errors import slot_taken
from booking.models import Location
from booking.serializers import (
    AppointmentInputSerializer,
    AppointmentReceiptSerializer,
    AppointmentRequestSerializer,
    BookingRequestSerializer,
    OptionsSerializer,
    RequestInputSerializer,
    RequestReceiptSerializer,
    SlotQuerySerializer,
    SlotsSerializer,
    SlotTakenSerializer,
    slot_list,
)
from booking.tags import TAG
from guard.clients import Sender
from guard.limits import Limit
from guard.serializers import ErrorSerializer, TicketSerializer
from guard.views import GuardedFormView, TicketView
from home.responses import public_response
from home.site_settings import SiteSettings

LIMITS = (Limit(3, timedelta(hours=1)), Limit(10, timedelta(days=1)))
LIMITS_WITHOUT_PROOF = (Limit(2, timedelta(hours=1)), Limit(6, timedelta(days=1)))


class OptionsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="booking_options", summary="What the booking form offers", responses=OptionsSerializer)
    def get(self, request: Request) -> Response:
        return public_response(OptionsSerializer(_options()).data, tags=[TAG, "site"], until=next_midnight())


def _options() -> dict[str, Any]:
    return {
        "services": offer.services(),
        "practitioners": offer.practitioners(),
        "places": _places(),
        "parts": [{"key": part.value, "label": part.label} for part in Part],
        "first_date": first_date(),
        "last_date": last_date(),
        "consent": offer.consent_text(),
    }


def _places() -> list[dict[str, str]]:
    """Where people are seen: the locations, or the clinic's own address where none was set up."""
    places = [{"name": place.name, "address": place.address} for place in offer.locations()]
    return places or _own_place(SiteSettings.current())


def _own_place(site: SiteSettings) -> list[dict[str, str]]:
    town = _("%(locality)s, %(postal_code)s") % {"locality": site.locality, "postal_code": site.postal_code}
    address = ", ".join(part.strip(", ") for part in (site.street, town) if part.strip(", "))
    return [{"name": site.name, "address": address}] if address else []


class SlotsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="slots",
        summary="Free times of a service that has live times",
        description="Of each half-day only the first free times. Days without any are left out.",
        parameters=[SlotQuerySerializer],
        examples=[examples.SLOTS],
        responses={200: SlotsSerializer, 400: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        query = SlotQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = slots.offered(wanted["service"], wanted["practitioner"], wanted["from"], wanted["to"])
        minutes, places = wanted["service"].duration_minutes, Location.names()
        days = [{"date": day, "slots": slot_list(free, minutes=minutes, places=places)} for day, free in found.items()]
        response = public_response(SlotsSerializer({"days": days}).data, tags=[TAG])
        response["Cache-Control"] = f"public, max-age={slots.CACHED_SECONDS}"
        return response


class AppointmentView(GuardedFormView):
    kind = "booking"
    input_serializer = AppointmentInputSerializer
    limits, limits_without_proof = LIMITS, LIMITS_WITHOUT_PROOF

    @extend_schema(
        operation_id="book_appointment",
        summary="Book a free time",
        request=AppointmentRequestSerializer,
        examples=[examples.APPOINTMENT, examples.TAKEN],
        responses={
            201: AppointmentReceiptSerializer,
            400: ErrorSerializer,
            409: SlotTakenSerializer,
            429: ErrorSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)

    def accept(self, data: dict[str, Any], *, sender: Sender) -> Response:
        consent = data.pop("consent")["version"]
        with slot_taken():
            appointment = services.book(slot=data.pop("slot_id"), consent=consent, network=sender.network, **data)
        return Response(AppointmentReceiptSerializer(appointment).data, status=status.HTTP_201_CREATED)


class RequestView(GuardedFormView):
    kind = "booking"
    input_serializer = RequestInputSerializer
    limits, limits_without_proof = LIMITS, LIMITS_WITHOUT_PROOF

    @extend_schema(
        operation_id="request_appointment",
        summary="Ask for an appointment",
        request=BookingRequestSerializer,
        examples=[examples.REQUEST],
        responses={201: RequestReceiptSerializer, 400: ErrorSerializer, 409: ErrorSerializer, 429: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)

    def accept(self, data: dict[str, Any], *, sender: Sender) -> Response:
        consent = data.pop("consent")["version"]
        stored = services.request_appointment(
            consent=consent, network=sender.network, is_suspect=sender.is_suspect, **data
        )
        return Response(RequestReceiptSerializer(stored).data, status=status.HTTP_201_CREATED)


class BookingTicketView(TicketView):
    kind = "booking"

    @extend_schema(
        operation_id="booking_ticket", summary="What the booking form needs before it posts", responses=TicketSerializer
    )
    def get(self, request: Request) -> Response:
        return self.issue()
