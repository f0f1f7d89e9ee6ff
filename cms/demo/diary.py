"""The demo clinic's diary: where and when people are seen, and a few who come or ask."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from booking import slots
from booking.models import (
    Appointment,
    AppointmentRequest,
    BookingSettings,
    ConsentText,
    Location,
    OpeningRule,
    Practitioner,
    Service,
)
from booking.services import take
from cms.demo import texts

Text = dict[str, Any]


def fill(people: dict[str, Practitioner], services: dict[str, Service]) -> None:
    """After practitioners and services: without mail, since nobody real is told of anything."""
    diary = texts.load("diary")
    location = Location.objects.create(**diary["location"])
    for hours in diary["hours"]:
        _open(location, people[hours["person"]], hours)
    BookingSettings.objects.create(holidays_of="GB-ENG")
    for text in diary["appointment"]:
        _book(services[text["service"]], text)
    for text in diary["request"]:
        _ask(services[text["service"]], text)


def _open(location: Location, practitioner: Practitioner, hours: Text) -> None:
    for weekday in hours["weekdays"]:
        OpeningRule.objects.create(
            practitioner=practitioner, location=location, weekday=weekday, starts=hours["starts"], ends=hours["ends"]
        )


def _book(service: Service, text: Text) -> None:
    first = timezone.localdate() + timedelta(days=text["days_ahead"])
    last = first + timedelta(days=10)
    practitioners = slots.practitioners_of(service)
    who: dict[Any, Practitioner] = {practitioner.pk: practitioner for practitioner in practitioners}
    diary = slots.Diary(service, practitioners, first, last)
    for slot in (slot for day in slots.days_between(first, last) for slot in diary.free(day)):
        appointment = Appointment(
            service=service,
            practitioner=who[slot.practitioner_id],
            location_id=slot.location_id,
            starts_at=slot.start,
            name=text["name"],
            phone=text["phone"],
        )
        if take(appointment):
            return


def _ask(service: Service, text: Text) -> None:
    first = timezone.localdate() + timedelta(days=text["days_ahead"])
    AppointmentRequest.objects.create(
        service=service,
        preferences=[
            {"date": _next(wish["weekday"], first).isoformat(), "part": wish["part"]} for wish in text["wishes"]
        ],
        name=text["name"],
        email=text["email"],
        message=text["message"],
        consent=ConsentText.objects.latest("version"),
    )


def _next(weekday: int, first: date) -> date:
    """The first such day, from 0, Monday, that is not before `first`."""
    return first + timedelta(days=(weekday - first.weekday()) % 7)
