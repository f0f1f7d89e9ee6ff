from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.models import Location, Service
from booking.serializers import SlotSerializer, slot_list
from booking.services import NobodyFree
from booking.slots import Slot
from guard.errors import Conflict


class SlotTaken(Conflict):
    """409 `slot_taken`, with the next free times beside the error."""

    default_detail = _("This time has just been taken.")
    default_code = "slot_taken"

    def __init__(self, alternatives: list[Slot]) -> None:
        super().__init__()
        self.extra = {"alternatives": SlotSerializer(_as_offered(alternatives), many=True).data}


def _as_offered(alternatives: list[Slot]) -> list[dict[str, Any]]:
    if not alternatives:
        return []
    minutes = Service.objects.values_list("duration_minutes", flat=True).get(pk=alternatives[0].service_id)
    return slot_list(alternatives, minutes=minutes, places=Location.names())


@contextmanager
def slot_taken() -> Iterator[None]:
    """What a service says about a time that is gone, said as the API says it."""
    try:
        yield
    except NobodyFree as error:
        raise SlotTaken(error.alternatives) from error
