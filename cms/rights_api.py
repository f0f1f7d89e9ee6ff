from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cms import rights
from cms.models import DataRequest
from guard.clients import Sender
from guard.limits import Limit
from guard.permissions import Public
from guard.serializers import ErrorSerializer, SentFormSerializer, StrictSerializer, TicketSerializer
from guard.views import CountsRefusals, GuardedFormView, TicketView


class DataRequestInputSerializer(StrictSerializer):
    kind = serializers.ChoiceField(DataRequest.Kind.choices)
    email = serializers.EmailField(max_length=254)


class DataRequestSerializer(SentFormSerializer, DataRequestInputSerializer):
    """The input with what the guard asks for; the field that `honeypot` named may be there and must be empty."""


class DataRequestReceiptSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(["asked"])


class DataTokenSerializer(StrictSerializer):
    token = serializers.CharField(max_length=rights.MAX_TOKEN)


class DataAnswerSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(DataRequest.Kind.choices)
    copy = serializers.JSONField(allow_null=True, help_text="Null after an erasure.")


class DataRequestView(GuardedFormView):
    kind = "privacy"
    input_serializer = DataRequestInputSerializer
    limits = (Limit(3, timedelta(hours=1)), Limit(10, timedelta(days=1)))
    limits_without_proof = (Limit(2, timedelta(hours=1)), Limit(6, timedelta(days=1)))

    @extend_schema(
        operation_id="request_data",
        summary="Ask for a copy of what is held under an address, or that it is erased",
        description="Always 202. A mail goes to the address if anything is held under it; nothing happens before its "
        "reader says so.",
        request=DataRequestSerializer,
        responses={202: DataRequestReceiptSerializer, 400: ErrorSerializer, 429: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)

    def accept(self, data: dict[str, Any], *, sender: Sender) -> Response:
        if not sender.is_suspect:
            rights.ask(**data)
        return Response({"status": "asked"}, status=status.HTTP_202_ACCEPTED)


class DataRequestTicketView(TicketView):
    kind = "privacy"

    @extend_schema(
        operation_id="data_request_ticket",
        summary="What the form for one’s own data needs before it posts",
        responses=TicketSerializer,
    )
    def get(self, request: Request) -> Response:
        return self.issue()


class DataConfirmView(CountsRefusals):
    permission_classes = [Public]
    kind = "privacy.confirm"

    @extend_schema(
        operation_id="confirm_data_request",
        summary="Do what was asked for, with the token from the mail",
        request=DataTokenSerializer,
        responses={200: DataAnswerSerializer, 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        serializer = DataTokenSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = rights.request_for(serializer.validated_data["token"])
        if asked is None:
            raise NotFound(_("This link is used up or too old."))
        return Response(_done(asked), headers={"Cache-Control": "no-store"})


def _done(asked: DataRequest) -> dict[str, Any]:
    if asked.kind == DataRequest.Kind.EXPORT:
        return {"kind": asked.kind, "copy": rights.export(asked)}
    rights.erase(asked)
    return {"kind": asked.kind, "copy": None}
