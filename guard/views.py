from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from guard import idempotency, limits, proof, refusals, tickets
from guard.clients import Sender, sender_of, subject_of
from guard.errors import FormRefused
from guard.limits import Limit
from guard.models import FormProtection
from guard.permissions import Public
from guard.serializers import TicketSerializer

Payload = dict[str, Any]
# All forms of one kind and subject together that came without a proof, from wherever: what a botnet can send.
UNPROVED_BURST = (Limit(30, timedelta(minutes=10)),)


class TicketView(APIView):
    """Base of `GET forms/{kind}/ticket/`. A ticket is a secret of one visitor, so no cache may keep it."""

    permission_classes = [Public]
    kind: ClassVar[str]

    def issue(self, subject: str = "") -> Response:
        issued = TicketSerializer(tickets.issue(kind=self.kind, subject=subject))
        return Response(issued.data, headers={"Cache-Control": "no-store"})


class CountsRefusals(APIView):
    """Counts every write that is refused, by the code of its answer."""

    kind: ClassVar[str]

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if self.request.method not in {"GET", "HEAD", "OPTIONS"}:
            refusals.count(form=self.kind, reason=response.data["code"])
        return response


class GuardedFormView(CountsRefusals):
    """
    Base of a POST that strangers may send: origin, shape, ticket, proof, honeypot, limit, idempotency, one transaction.

    A subclass names `kind`, `input_serializer` and its limits, and stores the thing in `accept`.
    """

    permission_classes = [Public]
    kind: ClassVar[str]
    input_serializer: ClassVar[type[BaseSerializer[Any]]]
    limits: ClassVar[tuple[Limit, ...]]
    limits_without_proof: ClassVar[tuple[Limit, ...]]

    def accept(self, data: Payload, *, sender: Sender) -> Response:
        """Store what was sent and answer. Runs inside the transaction that spends the ticket."""
        raise NotImplementedError

    def receive(self, request: Request, *, subject: str = "") -> Response:
        payload = request.data
        if not isinstance(payload, dict):
            raise ValidationError({"non_field_errors": [_("A JSON object is expected.")]})
        key = idempotency.key_of(request)
        earlier = idempotency.earlier_answer(scope=self.kind, key=key, payload=payload)
        if earlier is not None:
            return earlier
        try:
            return self._take(request, payload, key, subject)
        except FormRefused as refused:
            if refused.code == "ticket_spent" and key:
                # A twin with the same key has the same ticket, and was faster by less than its transaction.
                return idempotency.answer_of_twin(scope=self.kind, key=key, payload=payload)
            raise

    def _take(self, request: Request, payload: Payload, key: UUID | None, subject: str) -> Response:
        ticket = tickets.read(_ticket_in(payload), kind=self.kind, subject=subject)
        sender = Sender(network=sender_of(request), signals=_signals(payload, ticket))
        serializer = self.input_serializer(data=_own_fields(payload, ticket))
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            tickets.spend(ticket)
            self._limit(request, sender, subject)
            response = self.accept(serializer.validated_data, sender=sender)
            response["Cache-Control"] = "no-store"
            idempotency.remember(scope=self.kind, key=key, payload=payload, response=response)
        return response

    def _limit(self, request: Request, sender: Sender, subject: str) -> None:
        is_proved = "no_proof" not in sender.signals
        chosen = self.limits if is_proved else self.limits_without_proof
        limits.count(scope=self.kind, subject=subject_of(request), limits=chosen)
        if not is_proved:
            limits.count(scope=f"{self.kind}.unproved", subject=subject, limits=UNPROVED_BURST)


def _ticket_in(payload: Payload) -> str:
    value = payload.get("ticket")
    if not isinstance(value, str) or not 0 < len(value) < 1000:
        raise ValidationError({"ticket": [_("Fetch a ticket for this form first.")]})
    return value


def _own_fields(payload: Payload, ticket: tickets.Ticket) -> Payload:
    """What the form itself asks for."""
    return {name: value for name, value in payload.items() if name not in {"ticket", "proof", ticket.honeypot}}


def _signals(payload: Payload, ticket: tickets.Ticket) -> tuple[str, ...]:
    """What looks odd about this sending; FormRefused if there is a proof and it is wrong."""
    found = {
        "honeypot": bool(payload.get(ticket.honeypot)),
        "quick": ticket.is_fresh,
        "no_proof": not _is_proved(payload.get("proof"), ticket),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _is_proved(value: Any, ticket: tickets.Ticket) -> bool:
    if value in (None, ""):
        return not FormProtection.current().proof
    if not isinstance(value, str):
        raise ValidationError({"proof": [_("This must be a text.")]})
    proof.check(value, nonce=ticket.nonce)
    return True
