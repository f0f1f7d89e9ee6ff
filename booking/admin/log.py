"""What reception did, in the words of the log: references and numbers, never a name or a text."""

from __future__ import annotations

from typing import Any

from wagtail.log_actions import LogFormatter

from booking.models import AppointmentRequest

ACTIONS = (
    ("booking.book", "Make an appointment", "Appointment made"),
    ("booking.move", "Move an appointment", "Appointment moved"),
    ("booking.cancel", "Cancel an appointment", "Appointment cancelled"),
    ("booking.accept", "Accept a proposed time on the phone", "Proposed time accepted on the phone"),
    ("booking.no_show", "Note that nobody came", "Nobody came"),
    ("booking.note", "Write a note", "Note changed"),
    ("booking.assign", "Take care of a request", "Request taken care of"),
    ("booking.erase", "Erase", "Erased: the consent was taken back"),
    ("booking.make_feed", "Make a calendar feed", "Calendar feed made"),
    ("booking.take_feed_back", "Take a calendar feed back", "Calendar feed taken back"),
)


def register(actions: Any) -> None:
    for action in ACTIONS:
        actions.register_action(*action)
    actions.register_action("booking.answer")(Answered)
    actions.register_action("booking.hold")(Held)
    actions.register_action("booking.export")(Exported)


class Answered(LogFormatter):
    label = "Answer a request"

    def format_message(self, log_entry: Any) -> str:
        status = str(log_entry.data.get("to", ""))
        words = dict(AppointmentRequest.Status.choices).get(status, status)
        return f"Request answered: {words.lower()}"


class Held(LogFormatter):
    label = "Set or lift a legal hold"

    def format_message(self, log_entry: Any) -> str:
        return "Legal hold set" if log_entry.data.get("is_held") else "Legal hold lifted"


class Exported(LogFormatter):
    label = "Export requests or appointments"

    def format_message(self, log_entry: Any) -> str:
        return f"Exported {log_entry.data.get('what')}: {log_entry.data.get('count')}"
