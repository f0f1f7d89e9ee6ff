from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cms.migrated import is_migrated

NO_STORE = {"Cache-Control": "no-store"}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain", headers=NO_STORE)


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and knows every migration of this version; 503 if not."""
    try:
        is_ready = is_migrated()
    except DatabaseError:
        is_ready = False
    return HttpResponse(
        "ready\n" if is_ready else "not ready\n",
        content_type="text/plain",
        status=200 if is_ready else 503,
        headers=NO_STORE,
    )
