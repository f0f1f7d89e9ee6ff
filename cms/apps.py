from __future__ import annotations

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Gait"

    def ready(self) -> None:
        from cms import rights

        rights.register_mail()
