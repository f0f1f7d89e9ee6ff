"""Django’s own error pages: the one error shape under /api/, a designed page elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from frontend import views
from guard.errors import error_body

API_PREFIX = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _json(400, "bad_request", "This request can’t be understood.")
    return _static_page(request, 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(404, "not_found", "Not found.") if _is_api(request) else views.not_found(request)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return _json(500, "server_error", "Something went wrong here.")
    return _static_page(request, 500)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def _json(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(error_body(code, detail), status=status, headers={"Cache-Control": "no-store"})


def _static_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page that needs nothing, since anything may be broken."""
    response = render(request, "500.html", status=status)
    response["Cache-Control"] = "no-store"
    return response
