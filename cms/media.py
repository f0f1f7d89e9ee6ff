from __future__ import annotations

import os.path
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest
from django.utils._os import safe_join
from django.views.decorators.http import require_safe


@require_safe
def rendition(request: HttpRequest, name: str) -> FileResponse:
    """
    A published picture. Only renditions are served: originals never leave the machine.

    A rendition's name changes with its content, so it may be kept for ever.
    """
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, "images", name))
    except SuspiciousFileOperation as error:
        raise Http404 from error
    # Path.is_file would raise for a name that is longer than any file's.
    if not os.path.isfile(path):
        raise Http404
    response = FileResponse(path.open("rb"))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
