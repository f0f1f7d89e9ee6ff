from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for our ES modules too, so that pages need no import map and no inline script."""

    support_js_module_import_aggregation = True
