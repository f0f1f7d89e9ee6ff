"""What a mail says: each room registers a function that makes one kind of mail from ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.mail import EmailMessage

Render = Callable[[dict[str, Any]], EmailMessage | None]


class Kind(NamedTuple):
    render: Render
    label: str


_kinds: dict[str, Kind] = {}


def register(kind: str, render: Render, label: str = "") -> None:
    """`render(context)` gives the mail, or None if nothing is left to send; `label` is what staff read."""
    _kinds[kind] = Kind(render, label or kind)


def render(kind: str, context: dict[str, Any]) -> EmailMessage | None:
    return _kinds[kind].render(context)


def label(kind: str) -> str:
    """A kind in words; of one that nobody registers any more, its name."""
    return _kinds[kind].label if kind in _kinds else kind


def choices() -> list[tuple[str, str]]:
    return sorted(((kind, found.label) for kind, found in _kinds.items()), key=lambda choice: choice[1])
