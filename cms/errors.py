"""Django’s own error pages: the one error shape under /api/, a designed page elsewhere."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from frontend import views
from frontend.api import ApiUnavailable
from guard.errors import error_body

API_PREFIX = "/api/"
PASSING = (ApiUnavailable, OperationalError)
RETRY_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, "bad_request", _("This request can’t be understood."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(404, "not_found", _("Not found.")) if _is_api(request) else views.not_found(request, exception)


@csrf_exempt
def unknown_api_path(request: HttpRequest) -> HttpResponse:
    """Below /api/ no page of the site is looked for: a program gets an error it can read."""
    return _json(404, "not_found", _("Not found."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is still being handled: what will pass by itself is a 503."""
    if isinstance(sys.exc_info()[1], PASSING):
        response = _answer(request, 503, "unavailable", _("This can’t be answered right now. Please try again."))
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return _answer(request, 500, "server_error", _("Something went wrong here."))


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    return _json(status, code, detail) if _is_api(request) else _static_page(request, status)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def _json(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(error_body(code, detail), status=status, headers={"Cache-Control": "no-store"})


def _static_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page that needs nothing, since anything may be broken."""
    response = render(request, "500.html", status=status)
    response["Cache-Control"] = "no-store"
    return response
