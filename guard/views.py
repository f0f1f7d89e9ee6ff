from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from guard import idempotency, limits, tickets
from guard.clients import subject_of
from guard.permissions import Public
from guard.serializers import TicketSerializer


class TicketView(APIView):
    """Base of `GET forms/{kind}/ticket/`. A ticket is a secret of one visitor, so no cache may keep it."""

    permission_classes = [Public]
    kind: ClassVar[str]

    def issue(self, subject: str = "") -> Response:
        issued = TicketSerializer(tickets.issue(kind=self.kind, subject=subject))
        return Response(issued.data, headers={"Cache-Control": "no-store"})


class GuardedFormView(APIView):
    """
    Base of a POST that strangers may send: origin, shape, ticket, honeypot, limit, idempotency, one transaction.

    A subclass names `kind`, `input_serializer` and `limits`, and stores the thing in `accept`.
    """

    permission_classes = [Public]
    kind: ClassVar[str]
    input_serializer: ClassVar[type[BaseSerializer[Any]]]
    limits: ClassVar[tuple[limits.Limit, ...]]

    def accept(self, data: dict[str, Any], *, is_suspect: bool) -> Response:
        """Store what was sent and answer. Runs inside the transaction that spends the ticket."""
        raise NotImplementedError

    def receive(self, request: Request, *, subject: str = "", context: dict[str, Any] | None = None) -> Response:
        payload = request.data
        if not isinstance(payload, dict):
            raise ValidationError({"non_field_errors": [_("A JSON object is expected.")]})
        key = idempotency.key_of(request)
        earlier = idempotency.earlier_answer(scope=self.kind, key=key, payload=payload)
        if earlier is not None:
            return earlier
        ticket = tickets.read(_ticket_in(payload), kind=self.kind, subject=subject)
        fields = {name: value for name, value in payload.items() if name not in {"ticket", ticket.honeypot}}
        serializer = self.input_serializer(data=fields, context=context or {})
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            tickets.spend(ticket)
            limits.count(scope=self.kind, subject=subject_of(request), limits=self.limits)
            response = self.accept(serializer.validated_data, is_suspect=bool(payload.get(ticket.honeypot)))
            response["Cache-Control"] = "no-store"
            idempotency.remember(scope=self.kind, key=key, payload=payload, response=response)
        return response


def _ticket_in(payload: dict[str, Any]) -> str:
    value = payload.get("ticket")
    if not isinstance(value, str) or not 0 < len(value) < 1000:
        raise ValidationError({"ticket": [_("Fetch a ticket for this form first.")]})
    return value
