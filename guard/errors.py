"""The one error shape of the API: ``{"code": str, "detail": str, "errors": {field: [str]}}``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response


class Conflict(exceptions.APIException):
    """409. `extra` stands beside the fields that every error has."""

    extra: Mapping[str, Any] = MappingProxyType({})
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This no longer fits what is stored here.")
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is larger than 64 KB.")
    default_code = "too_large"


class FormRefused(exceptions.ValidationError):
    """A form that can't be taken whatever its fields say; `code` tells a program why."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__({"ticket": [message]})
        self.code = code


def error_body(code: str, detail: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    return {"code": code, "detail": detail, "errors": errors or {}}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every expected refusal in the one shape; None lets the unexpected become a logged 500."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, ModelValidationError):
        exc = exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    if not isinstance(exc, exceptions.APIException):
        return None
    response = Response(_body(exc), status=exc.status_code, headers={"Cache-Control": "no-store"})
    wait = getattr(exc, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(math.ceil(wait))
    return response


def _body(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        code = exc.code if isinstance(exc, FormRefused) else "invalid"
        return error_body(code, gettext("Some fields need another look."), _by_field(exc.detail))
    codes = exc.get_codes()
    body = error_body(codes if isinstance(codes, str) else exc.default_code, str(exc.detail))
    return body | dict(getattr(exc, "extra", {}))


def _by_field(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {"non_field_errors": _messages(detail)}
    return {str(field): _messages(value) for field, value in detail.items()}


def _messages(value: Any) -> list[str]:
    """Nested details flattened to sentences, in order, each once."""
    if isinstance(value, dict):
        found = [message for part in value.values() for message in _messages(part)]
    elif isinstance(value, list):
        found = [message for part in value for message in _messages(part)]
    else:
        found = [str(value)]
    return list(dict.fromkeys(found))
