"""What a mail says: each room registers a function that makes one kind of mail from ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage

Render = Callable[[dict[str, Any]], EmailMessage | None]
_renders: dict[str, Render] = {}


def register(kind: str, render: Render) -> None:
    """`render(context)` gives the mail, or None if there is nothing to send any more."""
    _renders[kind] = render


def render(kind: str, context: dict[str, Any]) -> EmailMessage | None:
    return _renders[kind](context)
