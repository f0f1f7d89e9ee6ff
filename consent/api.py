from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import choices, cleaning, gate, services
from consent.models import Receipt, Revision
from consent.register import current_revision
from consent.serializers import (
    ChoiceInputSerializer,
    ChoiceSerializer,
    OnceInputSerializer,
    OnceSerializer,
    ReceiptSerializer,
    RegisterSerializer,
)
from guard.clients import subject_of
from guard.permissions import Public
from guard.serializers import ErrorSerializer
from home.responses import public_response

PRIVATE = {"Cache-Control": "private, no-store"}


class RegisterView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="consent_register", summary="The register of cookies", responses=RegisterSerializer)
    def get(self, request: Request) -> Response:
        revision = current_revision()
        register = {
            "revision": revision.number,
            "hash": revision.hash,
            "published_at": revision.created_at,
            **revision.document,
        }
        return public_response(RegisterSerializer(register).data, tags=["consent"])


class ChoiceView(APIView):
    permission_classes = [Public]

    @extend_schema(operation_id="consent_choice", summary="The visitor’s own choice", responses=ChoiceSerializer)
    def get(self, request: Request) -> Response:
        return _answer(request, choices.choice_in(request.COOKIES), current_revision())

    @extend_schema(
        operation_id="consent_choose",
        summary="Decide about every optional purpose at once",
        request=ChoiceInputSerializer,
        responses={200: ChoiceSerializer, 400: ErrorSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
    )
    def put(self, request: Request) -> Response:
        serializer = ChoiceInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        choice = services.record_choice(
            choices_made=serializer.validated_data["choices"],
            revision=serializer.validated_data["revision"],
            surface=serializer.validated_data["surface"],
            subject=subject_of(request),
            gpc=_sends_gpc(request),
        )
        return _answer_and_remember(request, choice)

    @extend_schema(
        operation_id="consent_withdraw",
        summary="Switch everything optional off",
        request=None,
        responses={200: ChoiceSerializer},
    )
    def delete(self, request: Request) -> Response:
        choice = services.withdraw(
            surface=Receipt.Surface.SETTINGS, subject=subject_of(request), gpc=_sends_gpc(request)
        )
        return _answer_and_remember(request, choice)


def _answer_and_remember(request: Request, choice: choices.Choice) -> Response:
    current = current_revision()
    response = _answer(request, choice, current)
    choices.set_cookie(response, choice)
    cleaning.clean(request, response, choice.by_purpose(current.document), current.document)
    return response


def _answer(request: Request, choice: choices.Choice | None, current: Revision) -> Response:
    undecided = choices.Choice(current.number, current.created_at, {}, "")
    body: dict[str, Any] = {
        "decided": choice and choice.decided_at,
        "expires": choice and choice.expires_at,
        "revision": choice.revision if choice else current.number,
        "stale": bool(choice and choice.is_stale(current.document)),
        "gpc": _sends_gpc(request),
        "choices": (choice or undecided).by_purpose(current.document),
        "receipt": choice and {"id": choice.receipt_id, "revision_hash": _hash_of(choice.revision, current)},
    }
    return Response(ChoiceSerializer(body).data, headers=PRIVATE)


def _hash_of(number: int, current: Revision) -> str:
    if number == current.number:
        return current.hash
    return Revision.objects.filter(number=number).values_list("hash", flat=True).first() or ""


def _sends_gpc(request: Request) -> bool:
    """Global Privacy Control (https://www.w3.org/TR/gpc/)."""
    return request.headers.get("Sec-GPC") == "1"


class OnceView(APIView):
    permission_classes = [Public]

    @extend_schema(
        operation_id="consent_once",
        summary="Allow one frame, this time only",
        request=OnceInputSerializer,
        responses={200: OnceSerializer, 400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        serializer = OnceInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        path = serializer.validated_data["embed_url"]
        token = services.allow_once(
            embed_path=path,
            purpose=gate.service_of(path).purpose.group.varname,
            revision=serializer.validated_data["revision"],
            subject=subject_of(request),
            gpc=_sends_gpc(request),
        )
        return Response(OnceSerializer({"embed_url": f"{path}?once={token}"}).data, headers=PRIVATE)


class ReceiptView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="consent_receipt",
        summary="A choice as it was recorded, by its random id",
        responses={200: ReceiptSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, receipt_id: str) -> Response:
        receipt = get_object_or_404(Receipt.objects.select_related("revision"), pk=receipt_id)
        return Response(ReceiptSerializer(receipt).data, headers={**PRIVATE, "X-Robots-Tag": "noindex"})
