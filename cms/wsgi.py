from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")
django = get_wsgi_application()

from django.conf import settings  # noqa: E402

from cms import journal  # noqa: E402
from cms.page_cache import PageCache  # noqa: E402

application = PageCache(django, journal.followed(), max_bytes=int(settings.PAGE_CACHE_MB * 1024 * 1024))
