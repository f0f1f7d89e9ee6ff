"""Free times as a visitor is shown them: what the rules allow, less what is closed, taken, too soon or too far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.appointments import granules
from booking.models import Appointment, ConsentText, Location, Practitioner, Service, SlotClaim
from tests import factories
from tests.conftest import Visitor
from tests.forms import SLOTS_PATH, book, free_times, slot_at

# In March 2027 the clock of the clinic, which is London's, is UTC's until the 28th.
MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
TODAY, TUESDAY, WEDNESDAY = (date(2027, 3, number) for number in (1, 2, 3))
CACHED_SECONDS = 30


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    """Monday morning, until a test moves it."""
    factories.ask_no_proof()
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live()


@pytest.fixture
def person(service: Service) -> Practitioner:
    return service.practitioners.get()


def on(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def shown(service: Service, day: date = TUESDAY, **query: str) -> list[str]:
    """When the times of a day begin, on the clinic's clock."""
    days = free_times(service, **({"from": str(day), "to": str(day)} | query))
    return [slot["start"][11:16] for slot in days.get(str(day), [])]


def refused(**query: str) -> list[str]:
    """The fields that are named by the one refusal there is."""
    answer = Visitor().get(SLOTS_PATH, query)
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store"), query
    assert answer.json()["code"] == "invalid"
    return list(answer.json()["errors"])


# --- What the rules allow --------------------------------------------------------------------------------------------


def test_time_says_when_where_and_how_to_have_it(service: Service) -> None:
    answer = Visitor().get(SLOTS_PATH, {"service": str(service.pk)}).json()
    assert answer["timezone"] == "Europe/London"
    assert [day["date"] for day in answer["days"]] == [str(TODAY + timedelta(days=number)) for number in range(14)]
    first = answer["days"][0]["slots"][0]
    assert set(first) == {"id", "start", "end", "place"}
    assert (first["start"], first["end"]) == ("2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z")
    assert first["place"] == "Tern Street"


def test_of_each_half_day_the_first_three_are_shown(service: Service, person: Practitioner) -> None:
    factories.make_rule(person, weekday=1, starts=time(13), ends=time(16))
    factories.make_rule(person, weekday=1, starts=time(17), ends=time(20))
    morning, afternoon, evening = ["09:00", "09:15", "09:30"], ["13:00", "13:15", "13:30"], ["17:00", "17:15", "17:30"]
    assert shown(service) == [*morning, *afternoon, *evening]


@pytest.mark.parametrize(("minutes", "starts"), [(45, ["09:00", "09:15"]), (60, ["09:00"]), (65, [])])
def test_appointment_ends_when_the_hours_do(minutes: int, starts: list[str]) -> None:
    service = factories.make_live(duration_minutes=minutes, hours={"ends": time(10)})
    assert shown(service) == starts


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({"valid_from": date(2027, 3, 9)}, ["2027-03-09"]),
        ({"valid_from": date(2027, 3, 10)}, []),
        ({"valid_to": date(2027, 3, 2)}, ["2027-03-02"]),
        ({"valid_to": date(2027, 3, 1)}, []),
        ({}, ["2027-03-02", "2027-03-09"]),
    ],
    ids=str,
)
def test_rule_holds_on_its_weekday_from_its_first_to_its_last_day(fields: dict[str, date], days: list[str]) -> None:
    service = factories.make_live(hours={"weekdays": [1]} | fields)
    assert list(free_times(service)) == days


def test_hours_that_overlap_offer_a_time_once(service: Service, person: Practitioner) -> None:
    factories.make_rule(person, weekday=1, starts=time(8), ends=time(9, 45))
    factories.make_rule(person, weekday=1, starts=time(8, 30), ends=time(9, 30))
    assert shown(service) == ["08:00", "08:15", "08:30"]


def test_time_is_shown_once_where_anybody_is_welcome() -> None:
    service = factories.make_live(practitioners=2)
    first, second = service.practitioners.all()
    assert shown(service) == ["09:00", "09:15", "09:30"]
    factories.make_appointment(service, on(TUESDAY, 9), practitioner=first)
    assert shown(service, WEDNESDAY) == shown(service, practitioner=str(second.pk)) == ["09:00", "09:15", "09:30"]
    assert shown(service, practitioner=str(first.pk)) == ["10:00", "10:15", "10:30"]


def test_two_places_at_one_time_are_two_times(service: Service) -> None:
    other = factories.make_practitioner(services=[service])
    factories.make_rule(other, weekday=1, location=factories.make_location(name="Mill Lane"), ends=time(10))
    slots = free_times(service)[str(TUESDAY)]
    assert {slot["place"] for slot in slots if slot["start"] == "2027-03-02T09:00:00Z"} == {"Tern Street", "Mill Lane"}


# --- What is closed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "starts"),
    [
        ({}, []),
        ({"starts_on": TODAY, "ends_on": WEDNESDAY}, []),
        ({"starts_on": TODAY, "ends_on": TODAY}, ["09:00", "09:15", "09:30"]),
        ({"starts_on": WEDNESDAY, "ends_on": WEDNESDAY}, ["09:00", "09:15", "09:30"]),
        ({"from_time": time(8), "to_time": time(10)}, ["10:00", "10:15", "10:30"]),
        ({"from_time": time(8), "to_time": time(10, 5)}, ["10:15", "10:30", "10:45"]),
        ({"from_time": time(10), "to_time": time(11)}, ["09:00", "11:00"]),
        ({"from_time": time(12), "to_time": time(13)}, ["09:00", "09:15", "09:30"]),
    ],
    ids=str,
)
def test_closed_hours_offer_nothing(fields: dict[str, Any], starts: list[str], service: Service) -> None:
    factories.make_closure(TUESDAY, **fields)
    assert shown(service) == starts


@pytest.mark.parametrize("only_for", ["location", "practitioner"])
def test_closure_for_one_leaves_the_others_open(only_for: str, service: Service, person: Practitioner) -> None:
    elsewhere = factories.make_location(name="Mill Lane")
    other = factories.make_practitioner(services=[service])
    factories.make_week(other, location=elsewhere, starts=time(10))
    theirs = {"location": Location.objects.get(name="Tern Street"), "practitioner": person}
    factories.make_closure(TUESDAY, **{only_for: theirs[only_for]})
    assert {slot["place"] for slot in free_times(service)[str(TUESDAY)]} == {"Mill Lane"}
    assert shown(service, practitioner=str(person.pk)) == []


def test_closure_of_another_place_and_person_together_closes_neither(service: Service, person: Practitioner) -> None:
    """It is meant for that person at that place."""
    factories.make_closure(TUESDAY, location=factories.make_location(name="Mill Lane"), practitioner=person)
    assert shown(service) == ["09:00", "09:15", "09:30"]


# --- What is taken ---------------------------------------------------------------------------------------------------


def test_minutes_after_an_appointment_are_kept_free() -> None:
    service = factories.make_live(buffer_minutes=15)
    factories.make_appointment(service, on(TUESDAY, 9))
    assert shown(service) == ["10:15", "10:30", "10:45"]


def test_minutes_are_kept_free_before_the_next_appointment() -> None:
    service = factories.make_live(buffer_minutes=15)
    factories.make_closure(TUESDAY, from_time=time(9), to_time=time(9, 15))
    factories.make_appointment(service, on(TUESDAY, 11))
    factories.make_appointment(service, on(WEDNESDAY, 10, 15))
    assert shown(service) == ["09:15", "09:30", "09:45"]
    assert shown(service, WEDNESDAY) == ["09:00"]


def test_other_services_of_a_person_take_time_with_minutes_of_their_own(service: Service, person: Practitioner) -> None:
    long = factories.make_service(duration_minutes=30, buffer_minutes=30)
    person.services.add(long)
    factories.make_appointment(long, on(TUESDAY, 9), practitioner=person)
    assert shown(service) == ["10:00", "10:15", "10:30"]


@pytest.mark.parametrize(
    ("status", "starts"),
    [
        (Appointment.Status.PROPOSED, ["10:00", "10:15", "10:30"]),
        (Appointment.Status.BOOKED, ["10:00", "10:15", "10:30"]),
    ],
)
def test_proposed_time_is_kept_as_a_booked_one_is(status: str, starts: list[str], service: Service) -> None:
    factories.make_appointment(service, on(TUESDAY, 9), status=status)
    assert shown(service) == starts


# --- Too soon, too far, not offered ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "starts"), [(0, "09:00"), (1, "09:00"), (2, "10:00"), (3, "11:00"), (4, None)])
def test_notice_is_kept_to_the_minute(hours: int, starts: str | None) -> None:
    service = factories.make_live(minimum_notice_hours=hours)
    assert next(iter(shown(service, TODAY)), None) == starts


def test_time_that_has_begun_is_not_offered(service: Service, clock: Any) -> None:
    clock.move_to(MONDAY + timedelta(hours=1, seconds=1), tick=False)
    assert shown(service, TODAY) == ["09:15", "09:30", "09:45"]


def test_past_days_are_empty(service: Service) -> None:
    assert free_times(service, **{"from": "2027-02-20", "to": "2027-02-28"}) == {}


@pytest.mark.parametrize("days", [1, 3, 20])
def test_horizon_is_the_last_day(days: int) -> None:
    service = factories.make_live(horizon_days=days)
    offered = free_times(service, **{"from": str(TODAY), "to": str(TODAY + timedelta(days=40))})
    assert list(offered)[-1] == str(TODAY + timedelta(days=days))


def test_nobody_inactive_is_offered(service: Service, person: Practitioner) -> None:
    Practitioner.objects.update(is_active=False)
    assert free_times(service) == {}
    assert refused(service=str(service.pk), practitioner=str(person.pk)) == ["practitioner"]


def test_nowhere_inactive_is_offered(service: Service) -> None:
    Location.objects.update(is_active=False)
    assert free_times(service) == {}


def test_who_does_not_offer_the_service_is_not_offered(service: Service, person: Practitioner) -> None:
    other = factories.make_practitioner()
    factories.make_week(other)
    assert refused(service=str(service.pk), practitioner=str(other.pk)) == ["practitioner"]
    person.services.clear()
    assert free_times(service) == {}


@pytest.mark.parametrize("fields", [{"booking": "ask"}, {"is_offered": False}], ids=str)
def test_service_without_live_times_has_none(fields: dict[str, Any]) -> None:
    assert refused(service=str(factories.make_live(**fields).pk)) == ["service"]


# --- Questions that can't be answered --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"service": ""}, "service"),
        ({"service": "all"}, "service"),
        ({"service": "00000000-0000-4000-8000-000000000000"}, "service"),
        ({"service": "' OR 1=1 --"}, "service"),
        ({"practitioner": ""}, "practitioner"),
        ({"practitioner": "ANY"}, "practitioner"),
        ({"practitioner": "00000000-0000-4000-8000-000000000000"}, "practitioner"),
        ({"practitioner": "9" * 5000}, "practitioner"),
        ({"from": "2027-02-30"}, "from"),
        ({"from": "2027-03-02T09:00"}, "from"),
        ({"from": "٢٠٢٧-٠٣-٠٢"}, "from"),
        ({"to": "２０２７-03-02"}, "to"),
        ({"from": "tomorrow"}, "from"),
        ({"from": ""}, "from"),
        ({"from": "\0"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "9999-12-01", "to": "9999-12-31"}, "from"),
        ({"from": "2028-03-03"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"to": "2027-02-28"}, "to"),
        ({"from": "2027-03-02", "to": "2027-03-01"}, "to"),
        ({"from": "2027-03-01", "to": "2027-05-02"}, "to"),
        ({"limit": "5"}, "limit"),
        ({"From": "2027-03-01"}, "From"),
        ({"é": "1"}, "é"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_question_that_makes_no_sense_is_refused(query: dict[str, str], field: str, service: Service) -> None:
    assert refused(**({"service": str(service.pk)} | query)) == [field]


def test_service_must_be_named(service: Service) -> None:
    assert refused() == ["service"]


def test_sixty_two_days_can_be_asked_for(service: Service) -> None:
    offered = free_times(service, **{"from": "2027-03-01", "to": "2027-05-01"})
    assert (min(offered), max(offered)) == ("2027-03-01", "2027-04-30")


# --- The clock goes forward, the clock goes back ---------------------------------------------------------------------


def booked_out(service: Service, day: date, clock: Any) -> list[str]:
    """Book the first free time of a day until there is none: when each began."""
    starts: list[str] = []
    while slots := free_times(service, **{"from": str(day), "to": str(day)}).get(str(day)):
        assert book(slots[0]["id"]).status_code == 201
        length = datetime.fromisoformat(slots[0]["end"]) - datetime.fromisoformat(slots[0]["start"])
        assert length == timedelta(minutes=60)
        starts.append(slots[0]["start"].removeprefix(f"{day}T"))
        clock.shift(CACHED_SECONDS + 1)
    return starts


@pytest.mark.parametrize(
    ("zone", "day", "hours", "starts"),
    [
        ("Europe/London", date(2027, 3, 28), (time(1), time(3)), ["02:00:00+01:00"]),
        ("Europe/London", date(2027, 3, 28), (time(0), time(3)), ["00:00:00Z", "02:00:00+01:00"]),
        ("Europe/London", date(2027, 3, 28), (time(0, 30), time(1, 30)), []),
        ("Europe/London", date(2027, 10, 31), (time(1), time(3)), ["01:00:00+01:00", "01:00:00Z", "02:00:00Z"]),
        ("Europe/Berlin", date(2027, 3, 28), (time(1), time(3)), ["01:00:00+01:00"]),
        ("Europe/Berlin", date(2027, 3, 28), (time(1), time(4)), ["01:00:00+01:00", "03:00:00+02:00"]),
        ("Europe/Berlin", date(2027, 3, 28), (time(1, 30), time(2, 30)), []),
        (
            "Europe/Berlin",
            date(2027, 10, 31),
            (time(1), time(3)),
            ["01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00"],
        ),
    ],
    ids=str,
)
def test_hour_has_sixty_minutes_on_the_day_the_clock_changes(
    zone: str, day: date, hours: tuple[time, time], starts: list[str], clock: Any, settings: Any
) -> None:
    """No time that the clock skips is offered; of an hour that comes twice, both are."""
    settings.TIME_ZONE = zone
    clock.move_to(datetime.combine(day - timedelta(days=3), time(12), tzinfo=UTC), tick=False)
    service = factories.make_live(hours={"starts": hours[0], "ends": hours[1]})
    assert booked_out(service, day, clock) == starts


def test_closure_ends_with_the_second_of_two_hours(clock: Any) -> None:
    day = date(2027, 10, 31)
    clock.move_to(on(day - timedelta(days=1), 12), tick=False)
    service = factories.make_live(hours={"starts": time(0), "ends": time(4)})
    factories.make_closure(day, from_time=time(1), to_time=time(2))
    assert booked_out(service, day, clock) == ["00:00:00+01:00", "02:00:00Z", "03:00:00Z"]


def test_offsets_are_those_of_each_day(settings: Any, clock: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    clock.move_to(datetime(2027, 3, 26, tzinfo=UTC), tick=False)
    days = free_times(factories.make_live(), **{"from": "2027-03-27", "to": "2027-03-29"})
    assert [slots[0]["start"] for slots in days.values()] == [
        "2027-03-27T09:00:00+01:00",
        "2027-03-28T09:00:00+02:00",
        "2027-03-29T09:00:00+02:00",
    ]


def test_days_are_those_of_the_clinics_calendar(settings: Any, clock: Any) -> None:
    """Half past one at night in Berlin: it is the second of July already, and its first hour is its own."""
    settings.TIME_ZONE = "Europe/Berlin"
    clock.move_to(datetime(2027, 7, 1, 23, 30, tzinfo=UTC), tick=False)
    service = factories.make_live(horizon_days=2, hours={"starts": time(0), "ends": time(1)})
    factories.make_closure(date(2027, 7, 4))
    factories.make_week(service.practitioners.get(), starts=time(22, 30), ends=time(23, 30))
    days = {day: [slot["start"] for slot in slots] for day, slots in free_times(service).items()}
    assert days == {
        "2027-07-02": ["2027-07-02T22:30:00+02:00"],
        "2027-07-03": ["2027-07-03T00:00:00+02:00", "2027-07-03T22:30:00+02:00"],
    }


def test_half_days_are_those_of_the_clinics_clock(settings: Any, clock: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    clock.move_to(datetime(2027, 7, 1, tzinfo=UTC), tick=False)
    service = factories.make_live(duration_minutes=15, hours={"starts": time(11, 30), "ends": time(13)})
    assert shown(service, date(2027, 7, 5)) == ["11:30", "11:45", "12:00", "12:15", "12:30"]


# --- The same for everyone, and cheap --------------------------------------------------------------------------------


def test_time_that_was_taken_is_shown_for_half_a_minute_and_booked_by_nobody(service: Service, clock: Any) -> None:
    wanted = slot_at(service, "2027-03-02T09:00")
    assert book(wanted).status_code == 201
    assert slot_at(service, "2027-03-02T09:00") == wanted
    assert book(wanted).status_code == 409
    clock.shift(CACHED_SECONDS + 1)
    assert shown(service) == ["10:00", "10:15", "10:30"]


def test_answer_is_the_same_for_everyone(service: Service) -> None:
    path = f"{SLOTS_PATH}?service={service.pk}"
    visitors = [
        Visitor(),
        Visitor(HTTP_ACCEPT_LANGUAGE="de", HTTP_USER_AGENT="Else", REMOTE_ADDR="198.51.100.9"),
        Visitor(HTTP_COOKIE="session=x; consent=y", HTTP_SEC_FETCH_SITE="cross-site", HTTP_AUTHORIZATION="Basic x"),
    ]
    answers = [visitor.get(path) for visitor in visitors]
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0]["Cache-Control"] == f"public, max-age={CACHED_SECONDS}"
    assert answers[0]["Cache-Tag"] == "booking"
    assert not any(answer.cookies for answer in answers)
    assert "Cookie" not in answers[0].get("Vary", "")


def test_id_of_a_time_stays_the_same(service: Service, clock: Any) -> None:
    first = slot_at(service, "2027-03-02T09:00")
    clock.shift(CACHED_SECONDS + 1)
    assert slot_at(service, "2027-03-02T09:00") == first


def statements(service: Service, **query: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        free_times(service, **query)
    return [query["sql"] for query in captured.captured_queries]


def test_reading_writes_nothing(service: Service) -> None:
    assert all(sql.startswith("SELECT") for sql in statements(service))


DAY = {"from": "2027-03-02", "to": "2027-03-02"}
TWO_MONTHS = {"from": "2027-03-01", "to": "2027-05-01"}


def test_work_behind_an_answer_is_bounded(service: Service) -> None:
    """Some queries for each week that is not in the cache, and none for each day or each practitioner."""
    for _ in range(4):
        factories.make_week(factories.make_practitioner(services=[service]))
    assert len(statements(service, **DAY)) <= 8
    assert len(statements(service, **TWO_MONTHS)) <= 9 * 4 + 4
    assert len(statements(service, **TWO_MONTHS)) <= 4


def fill(service: Service, number: int) -> None:
    """Appointments of five minutes, one after the other, the last of them on Sunday."""
    person, place, consent = service.practitioners.get(), Location.objects.get(), ConsentText.objects.first()
    end = on(date(2027, 3, 7), 20)
    made = [
        Appointment(
            service=service,
            practitioner=person,
            location=place,
            starts_at=end - timedelta(minutes=5 * back),
            ends_at=end - timedelta(minutes=5 * back - 5),
            name="Ada",
            consent=consent,
        )
        for back in range(number)
    ]
    Appointment.objects.bulk_create(made)
    SlotClaim.objects.bulk_create(
        SlotClaim(practitioner=person, granule=granules(one.starts_at, 5).start, appointment=one) for one in made
    )


def test_ten_thousand_appointments_cost_no_query_more(service: Service, clock: Any) -> None:
    few = len(statements(service))
    fill(service, 10_000)
    clock.shift(CACHED_SECONDS + 1)
    days = free_times(service)
    assert min(days) == "2027-03-08"
    clock.shift(CACHED_SECONDS + 1)
    assert len(statements(service)) <= few


@pytest.mark.parametrize(
    "remove",
    [
        pytest.param(lambda service: service.practitioners.get().delete(), id="practitioner"),
        pytest.param(
            lambda service: (service.practitioners.get().rules.all().delete(), Location.objects.all().delete()),
            id="location",
        ),
    ],
)
def test_what_was_deleted_half_a_minute_ago_breaks_no_answer(
    remove: Callable[[Service], Any], service: Service
) -> None:
    """The times in the cache still know it."""
    slots = free_times(service)[str(TUESDAY)]
    remove(service)
    assert Visitor().get(SLOTS_PATH, {"service": str(service.pk)}).status_code == 200
    assert book(slots[0]["id"]).status_code == 409
