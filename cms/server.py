"""The web server: the processes that answer requests, and the one that looks after them."""

from __future__ import annotations

import gc
import signal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from cms.supervisor import introduce


def load() -> None:
    """
    What every process needs, before they are forked.

    Not cms.wsgi itself: it starts a thread, which would not be there after the fork.
    """
    gc.disable()  # it finds nothing here that could go
    get_resolver().reverse_dict  # noqa: B018 (the routes, with all that they name)
    for name in settings.MIDDLEWARE:
        import_string(name)
    for name in ("cms.page_cache", "cms.management.commands.worker"):
        import_module(name)
    gc.freeze()  # a collection writes to all that it looks at, which would then be shared no longer
    gc.enable()


def serve() -> None:
    Granian(
        "cms.wsgi:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=64,  # a client that sends its body slowly holds one
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=32_768),
        respawn_failed_workers=True,  # without it one dead worker ends the server
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve(target_loader=load_application, wrap_loader=False)


def load_application() -> Any:
    """In each process that answers requests: should the one that looks after it be killed, nobody else would end it."""
    introduce("gait: requests", signal.SIGKILL)
    from cms.wsgi import application

    return application
