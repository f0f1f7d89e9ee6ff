"""What requests and answers look like, for the API's description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

_PERSON: dict[str, Any] = {
    "ticket": "eyJrIjoiYm9va2luZyJ9:1xW26a:E4vwUxkUeOUF5NE3",
    "name": "Ada Marsh",
    "email": "ada@visitor.example",
    "phone": "01632 960 214",
    "consent": {"version": "1", "given": True},
}
_SLOT = {
    "id": "WzE3OTU2ODM2MDAsIjVkMDdjYTAzIl0:GtMyLBFeaEohm4u3",
    "start": "2027-03-02T09:00:00Z",
    "end": "2027-03-02T09:45:00Z",
    "place": "Tern Street",
}
_KEY = "ed107cb752554b039286fad65a829580:bdX5p2CyBc3Rje4I"

SLOTS = OpenApiExample(
    "One day",
    {"timezone": "Europe/London", "days": [{"date": "2027-03-02", "slots": [_SLOT]}]},
    response_only=True,
    status_codes=["200"],
)
REQUEST = OpenApiExample(
    "Two half-days",
    _PERSON | {"preferences": [{"date": "2027-03-02", "part": "morning"}, {"date": "2027-03-04", "part": "evening"}]},
    request_only=True,
)
APPOINTMENT = OpenApiExample("A free time", _PERSON | {"slot_id": _SLOT["id"]}, request_only=True)
TAKEN = OpenApiExample(
    "Somebody was faster",
    {"code": "slot_taken", "detail": "This time has just been taken.", "errors": {}, "alternatives": [_SLOT]},
    response_only=True,
    status_codes=["409"],
)
KEY = OpenApiExample("The key from the mail", {"token": _KEY}, request_only=True)
MOVE = OpenApiExample("To another time", {"token": _KEY, "slot_id": _SLOT["id"]}, request_only=True)
