"""`Idempotency-Key`: a POST that is repeated with the same key and body gets the first answer again."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from guard.errors import Conflict, FormRefused
from guard.models import IdempotencyKey

KEPT_FOR = timedelta(hours=24)


def key_of(request: Request) -> uuid.UUID | None:
    """The request's key; ValidationError if it is not a UUID."""
    value = request.headers.get("Idempotency-Key")
    if value is None:
        return None
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise ValidationError({"Idempotency-Key": [_("This must be a UUID.")]}) from error


def earlier_answer(*, scope: str, key: uuid.UUID | None, payload: Any) -> Response | None:
    """What this key was answered before; Conflict if it came with another body then."""
    row = key and IdempotencyKey.objects.filter(scope=scope, key=key, expires_at__gt=timezone.now()).first()
    if not row:
        return None
    if row.payload_hash != _hash(payload):
        raise Conflict(_("This Idempotency-Key was used for another request."), code="idempotency_mismatch")
    return Response(row.response, status=row.status, headers={"Cache-Control": "no-store"})


def remember(*, scope: str, key: uuid.UUID | None, payload: Any, response: Response) -> None:
    """Keep the answer, inside the transaction of what it reports; Conflict if a twin request was faster."""
    if key is None:
        return
    row = IdempotencyKey(
        scope=scope,
        key=key,
        payload_hash=_hash(payload),
        status=response.status_code,
        response=response.data,
        expires_at=timezone.now() + KEPT_FOR,
    )
    IdempotencyKey.objects.filter(scope=scope, key=key, expires_at__lte=timezone.now()).delete()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # Two requests with one key at once: the other one was first, and its answer is there on the next try.
        raise Conflict(_("This request is being answered already. Please repeat it."), code="in_progress") from error


def answer_of_twin(*, scope: str, key: uuid.UUID, payload: Any) -> Response:
    """What was answered to the request that spent this one's ticket; FormRefused if that was another request."""
    twin = earlier_answer(scope=scope, key=key, payload=payload)
    if twin is None:
        raise FormRefused(_("This form was sent already."), code="ticket_spent")
    return twin


def _hash(payload: Any) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
