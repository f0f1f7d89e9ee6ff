from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def is_migrated() -> bool:
    """
    Whether every migration of this version has been applied to the database.

    Their names tell. To load them all, as `migrate --check` does, takes a second and memory that is never given back.
    """
    return _known() <= MigrationRecorder(connection).applied_migrations().keys()


def _known() -> set[tuple[str, str]]:
    modules = [
        (app.label, it) for app in apps.get_app_configs() for it in iter_modules([Path(app.path) / "migrations"])
    ]
    return {(label, module.name) for label, module in modules if module.name[0] not in "_~"}
