"""What whoever holds the key of an appointment can do with it. No GET: a link alone does nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from booking import examples, ics, services
from booking.errors import slot_taken
from booking.models import Appointment
from booking.serializers import (
    AppointmentSerializer,
    CalendarFileSerializer,
    ManageSerializer,
    MoveSerializer,
    SlotTakenSerializer,
)
from booking.tokens import managed
from guard import limits
from guard.clients import subject_of
from guard.limits import Limit
from guard.permissions import Public
from guard.serializers import ErrorSerializer
from guard.views import CountsRefusals

LIMITS = (Limit(20, timedelta(minutes=1)), Limit(200, timedelta(hours=1)))
CHANGED = {200: AppointmentSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


class KeyView(CountsRefusals):
    """Base: finds the appointment that the token in the body opens; the same 404 for every other token."""

    permission_classes = [Public]
    kind = "booking.manage"
    input_serializer: type[BaseSerializer[Any]] = ManageSerializer

    def opened(self, request: Request) -> tuple[Appointment, dict[str, Any]]:
        with transaction.atomic():
            limits.count(scope=self.kind, subject=subject_of(request), limits=LIMITS)
        serializer = self.input_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        appointment = managed(serializer.validated_data["token"])
        if appointment is None or appointment.status == Appointment.Status.ERASED:
            raise NotFound
        return appointment, serializer.validated_data


def _answer(appointment: Appointment) -> Response:
    return Response(AppointmentSerializer(appointment).data, headers={"Cache-Control": "no-store"})


class ShowView(KeyView):
    @extend_schema(
        operation_id="appointment",
        summary="One’s own appointment",
        request=ManageSerializer,
        examples=[examples.KEY],
        responses={200: AppointmentSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        return _answer(self.opened(request)[0])


class AcceptView(KeyView):
    @extend_schema(
        operation_id="accept_appointment",
        summary="Take the time that the clinic proposed",
        request=ManageSerializer,
        examples=[examples.KEY],
        responses=CHANGED,
    )
    def post(self, request: Request) -> Response:
        return _answer(services.accept(appointment=self.opened(request)[0]))


class CancelView(KeyView):
    @extend_schema(
        operation_id="cancel_appointment",
        summary="Cancel one’s own appointment",
        request=ManageSerializer,
        examples=[examples.KEY],
        responses=CHANGED,
    )
    def post(self, request: Request) -> Response:
        return _answer(services.cancel(appointment=self.opened(request)[0]))


class MoveView(KeyView):
    input_serializer = MoveSerializer

    @extend_schema(
        operation_id="move_appointment",
        summary="Move one’s own appointment to another free time; the old one is kept if that is gone",
        request=MoveSerializer,
        examples=[examples.MOVE, examples.TAKEN],
        responses=CHANGED | {409: SlotTakenSerializer},
    )
    def post(self, request: Request) -> Response:
        appointment, data = self.opened(request)
        with slot_taken():
            return _answer(services.move(appointment=appointment, slot=data["slot_id"]))


class CalendarView(KeyView):
    @extend_schema(
        operation_id="appointment_calendar",
        summary="One’s own appointment as a calendar file",
        request=ManageSerializer,
        examples=[examples.KEY],
        responses={200: CalendarFileSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        appointment, _data = self.opened(request)
        file = {"name": f"{appointment.reference}.ics", "content": ics.download(appointment).decode()}
        return Response(file, headers={"Cache-Control": "no-store"})


class EraseView(KeyView):
    @extend_schema(
        operation_id="erase_appointment",
        summary="Take the consent back: the appointment is called off and everything about its person erased",
        request=ManageSerializer,
        examples=[examples.KEY],
        responses={204: None, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        appointment, _data = self.opened(request)
        services.withdraw_consent(appointment=appointment)
        return Response(status=204, headers={"Cache-Control": "no-store"})
