"""Appointments as other calendars read them: in mails, as a file, and in a practitioner's secret feed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email.message import Message as Mail
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar, Event

from booking import reception
from booking.models import Appointment, Location, Practitioner, Service
from booking.tokens import manage_token
from outbox.services import send_due
from tests import factories
from tests.conftest import Visitor
from tests.forms import manage, slot_at

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
NINE = datetime(2027, 3, 3, 9, tzinfo=UTC)
PERSON = {"name": "Quillon Ashby", "email": "q@visitor.example", "phone": "+44 1632 960214", "message": "Zebrawort"}


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    factories.ask_no_proof()
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live(name="Podiatry")


@pytest.fixture
def person(service: Service) -> Practitioner:
    return service.practitioners.get()


@pytest.fixture
def appointment(service: Service) -> Appointment:
    return factories.make_appointment(service, NINE, **PERSON)


def only_event(content: str | bytes) -> tuple[str, Event]:
    """The method of a calendar file and the one event in it."""
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["version"], calendar.errors, event.errors) == ("2.0", [], [])
    return str(calendar.get("method", "")), event


def entries() -> list[tuple[str, Event]]:
    """What the mails that are due put into the calendar of whoever comes, in the order they were written."""
    mail.outbox.clear()
    send_due()
    found = []
    for message in mail.outbox:
        for part in _parts(message):
            method, event = only_event(part.get_payload(decode=True))
            assert part.get_param("method") == method
            assert (part.get_content_charset(), part.get_filename()) == ("utf-8", "appointment.ics")
            found.append((method, event))
    return found


def _parts(message: Any) -> list[Mail]:
    return [part for part in message.message().walk() if part.get_content_type() == "text/calendar"]


def raw(message: Any) -> bytes:
    (part,) = _parts(message)
    return bytes(part.get_payload(decode=True))


# --- In mails --------------------------------------------------------------------------------------------------------


def test_times_are_in_utc_whatever_the_clock_says(service: Service, settings: Any) -> None:
    """A zone's name with a local time would leave open which of two hours in autumn is meant."""
    settings.TIME_ZONE = "Europe/Berlin"
    for hour in (0, 1):
        start = datetime(2027, 10, 31, hour, tzinfo=UTC)
        content = manage("calendar/", manage_token(factories.make_appointment(service, start))).json()["content"]
        _, event = only_event(content)
        assert event["dtstart"].dt == start
        assert event["dtend"].dt == start + timedelta(hours=1)
        assert f"DTSTART:20271031T0{hour}0000Z\r\n" in content
        assert "TZID" not in content


def test_each_change_replaces_what_stands_in_the_calendar(
    service: Service, appointment: Appointment, clock: Any
) -> None:
    token = manage_token(appointment)
    manage("move/", token, slot_id=slot_at(service, "2027-03-04T09:00"))
    ((moved, event),) = entries()
    clock.shift(60)
    manage("cancel/", token)
    ((cancelled, last),) = entries()
    assert (moved, event["sequence"], event["status"]) == ("REQUEST", 1, "CONFIRMED")
    assert (cancelled, last["sequence"], last["status"]) == ("CANCEL", 2, "CANCELLED")
    assert event["uid"] == last["uid"] == f"{appointment.pk}@127.0.0.1"
    assert event["dtstart"].dt == last["dtstart"].dt == NINE + timedelta(days=1)
    assert last["dtstamp"].dt > event["dtstamp"].dt


def test_proposal_is_no_entry_until_it_is_accepted(service: Service, person: Practitioner, admin_user: Any) -> None:
    appointment = reception.give_time(
        request=factories.make_request(**PERSON),
        service=service,
        practitioner=person,
        location=Location.objects.get(),
        start=NINE,
        user=admin_user,
        is_proposal=True,
    )
    assert entries() == []
    manage("accept/", manage_token(appointment))
    ((method, event),) = entries()
    assert (method, event["sequence"]) == ("REQUEST", 1)
    assert appointment.email in event["attendee"]


def test_entry_names_clinic_and_visitor_as_calendars_want_it(service: Service, appointment: Appointment) -> None:
    """Without an organizer and the right attendee Outlook and Google take no update and no cancellation."""
    manage("cancel/", manage_token(appointment))
    ((_, event),) = entries()
    assert event["organizer"] == "mailto:hello@clinic.example"
    assert event["organizer"].params["cn"] == "Tern Street Clinic"
    assert event["attendee"] == "mailto:q@visitor.example"
    assert (event["location"], event["summary"]) == (
        "Tern Street, 14 Tern Street, Aldermere",
        "Appointment, Tern Street Clinic",
    )
    assert event["description"] == f"Podiatry, Maren Holt\n{appointment.reference}"


def test_lines_are_folded_and_text_comes_back_as_it_was(service: Service, appointment: Appointment) -> None:
    name = "Füße; Knöchel, Knie \\ “alles” – " + "ä" * 48
    Service.objects.update(name=name)
    Location.objects.update(address="Größe, " + "ß" * 150)
    manage("cancel/", manage_token(appointment))
    mail.outbox.clear()
    send_due()
    (content,) = [raw(message) for message in mail.outbox if _parts(message)]
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    for line in lines:
        line.decode()
    assert only_event(content)[1]["description"].startswith(name)


def test_nothing_of_the_person_but_the_address_stands_in_an_entry(service: Service, appointment: Appointment) -> None:
    manage("move/", manage_token(appointment), slot_id=slot_at(service, "2027-03-04T09:00"))
    send_due()
    contents = b"".join(raw(message) for message in mail.outbox if _parts(message)).decode()
    for secret in ("Quillon", "Zebrawort", "960214", manage_token(appointment)):
        assert secret not in contents


def test_clinics_mail_has_no_entry(service: Service, appointment: Appointment) -> None:
    manage("cancel/", manage_token(appointment))
    send_due()
    to_clinic = [message for message in mail.outbox if message.to == ["hello@clinic.example"]]
    assert len(to_clinic) == 1
    assert not _parts(to_clinic[0])


def test_file_is_for_reading_and_no_invitation(appointment: Appointment) -> None:
    method, event = only_event(manage("calendar/", manage_token(appointment)).json()["content"])
    assert method == "PUBLISH"
    assert "attendee" not in event
    assert event["uid"] == f"{appointment.pk}@127.0.0.1"


# --- A practitioner's feed -------------------------------------------------------------------------------------------


@pytest.fixture
def feed(person: Practitioner) -> str:
    person.feed_key = "first"
    person.save()
    return f"/feeds/practitioner/{person.feed_secret}.ics"


def events(path: str) -> list[Event]:
    answer = Visitor().get(path)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_feed_holds_what_stands(feed: str, service: Service, person: Practitioner) -> None:
    kept = factories.make_appointment(service, NINE)
    proposed = factories.make_appointment(service, NINE + timedelta(hours=1), status="proposed")
    off = factories.make_appointment(service, NINE + timedelta(hours=2))
    manage("cancel/", manage_token(off))
    manage("erase/", manage_token(factories.make_appointment(service, NINE + timedelta(days=1))))
    other = factories.make_practitioner(services=[service])
    factories.make_appointment(service, NINE, practitioner=other)
    assert {str(event["uid"]).split("@")[0] for event in events(feed)} == {str(kept.pk), str(proposed.pk)}


def test_feed_is_kept_by_no_cache_and_no_search_engine(feed: str, appointment: Appointment) -> None:
    answer = Visitor().get(feed)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert not answer.cookies


@pytest.mark.parametrize(("with_names", "summary"), [(False, "Podiatry"), (True, "Podiatry, Quillon Ashby")])
def test_feed_names_people_only_where_the_clinic_wants_it(
    with_names: bool, summary: str, feed: str, appointment: Appointment
) -> None:
    factories.set_booking(names_in_feeds=with_names)
    (event,) = events(feed)
    assert event["summary"] == summary
    content = Visitor().get(feed).content.decode()
    for secret in ("Zebrawort", "960214", "q@visitor.example", manage_token(appointment)):
        assert secret not in content
    assert ("Quillon" in content) is with_names


@pytest.mark.parametrize("key", ["", "second"])
def test_address_that_was_taken_back_is_not_found(
    key: str, feed: str, person: Practitioner, appointment: Appointment
) -> None:
    assert len(events(feed)) == 1
    person.feed_key = key
    person.save()
    assert Visitor().get(feed).status_code == 404
    if key:
        assert len(events(f"/feeds/practitioner/{person.feed_secret}.ics")) == 1


def test_address_cannot_be_guessed(feed: str, person: Practitioner, appointment: Appointment) -> None:
    quiet = factories.make_practitioner()
    guesses = [
        person.pk,
        person.pk.hex,
        "first",
        quiet.pk.hex,
        person.feed_secret[:-1],
        f"{person.feed_secret}0",
        "x",
        "0",
    ]
    answers = [Visitor().get(f"/feeds/practitioner/{guess}.ics") for guess in guesses]
    assert {answer.status_code for answer in answers} == {404}
    assert len(person.feed_secret) == 40
    Practitioner.objects.update(is_active=False)
    assert Visitor().get(feed).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_feed_can_only_be_read(method: str, feed: str, appointment: Appointment) -> None:
    assert Visitor().send(method, feed, {}).status_code == 405


def test_feed_costs_the_same_however_full_the_diary_is(feed: str, service: Service) -> None:
    factories.make_week(service.practitioners.get(), starts=time(13), ends=time(17))

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            events(feed)
        return len(captured)

    factories.make_appointment(service, NINE)
    few = cost()
    for number in range(1, 40):
        factories.make_appointment(service, NINE + timedelta(hours=number))
    assert len(events(feed)) == 40
    assert cost() <= few
