from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.calendar import Part, first_date, last_date
from booking.models import ConsentText, Practitioner, Service
from booking.serializers import (
    BookingRequestSerializer,
    OptionsSerializer,
    RequestInputSerializer,
    RequestReceiptSerializer,
)
from booking.services import request_appointment
from guard.limits import Limit
from guard.serializers import ErrorSerializer, TicketSerializer
from guard.views import GuardedFormView, TicketView
from home.responses import public_response
from home.site_settings import SiteSettings


class OptionsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="booking_options", summary="What the booking form offers", responses=OptionsSerializer)
    def get(self, request: Request) -> Response:
        return public_response(OptionsSerializer(_options()).data, tags=["booking", "site"])


def _options() -> dict[str, Any]:
    return {
        "services": Service.objects.filter(is_offered=True),
        "practitioners": Practitioner.objects.filter(is_active=True).prefetch_related(
            Prefetch("services", queryset=Service.objects.filter(is_offered=True))
        ),
        "places": _places(SiteSettings.current()),
        "parts": [{"key": part.value, "label": part.label} for part in Part],
        "first_date": first_date(),
        "last_date": last_date(),
        "consent": ConsentText.objects.first(),
    }


def _places(site: SiteSettings) -> list[dict[str, str]]:
    town = _("%(locality)s, %(postal_code)s") % {"locality": site.locality, "postal_code": site.postal_code}
    address = ", ".join(part.strip(", ") for part in (site.street, town) if part.strip(", "))
    return [{"name": site.name, "address": address}] if address else []


class RequestView(GuardedFormView):
    kind = "booking"
    input_serializer = RequestInputSerializer
    limits = (Limit(3, timedelta(hours=1)), Limit(10, timedelta(days=1)))

    @extend_schema(
        operation_id="request_appointment",
        summary="Ask for an appointment",
        request=BookingRequestSerializer,
        responses={201: RequestReceiptSerializer, 400: ErrorSerializer, 409: ErrorSerializer, 429: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)

    def accept(self, data: dict[str, Any], *, is_suspect: bool) -> Response:
        consent = data.pop("consent")["version"]
        stored = request_appointment(consent=consent, is_suspect=is_suspect, **data)
        return Response(RequestReceiptSerializer(stored).data, status=status.HTTP_201_CREATED)


class BookingTicketView(TicketView):
    kind = "booking"

    @extend_schema(
        operation_id="booking_ticket", summary="What the booking form needs before it posts", responses=TicketSerializer
    )
    def get(self, request: Request) -> Response:
        return self.issue()
