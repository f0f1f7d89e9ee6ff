from __future__ import annotations

from django.middleware.gzip import GZipMiddleware


class Compression(GZipMiddleware):
    """
    gzip without random padding: a public page holds no secret for BREACH to find (Django masks the admin's
    tokens), and everyone must get the same bytes.
    """

    max_random_bytes = 0
