"""What the worker does for the diary: reminders, proposals that nobody answered, holidays, what is too old."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command

from booking import jobs, reception
from booking.models import Appointment, AppointmentRequest, BookingSettings, Closure, Location, Service, SlotClaim
from booking.tokens import manage_token
from outbox.models import Message
from outbox.services import send_due
from tests import factories
from tests.forms import book, free_times, manage, slot_at

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
NINE = datetime(2027, 3, 3, 9, tzinfo=UTC)
DAY_BEFORE = datetime(2027, 3, 2, 9, tzinfo=UTC)
VISITOR = "ada@visitor.example"


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    factories.ask_no_proof()
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live(name="Podiatry")


def reminders() -> list[str]:
    """Whom the worker reminds now."""
    jobs.remind()
    mail.outbox.clear()
    send_due()
    return [message.to[0] for message in mail.outbox if message.subject.startswith("Tomorrow")]


# --- Reminders -------------------------------------------------------------------------------------------------------


def test_who_comes_tomorrow_is_reminded_once(service: Service, clock: Any) -> None:
    appointment = factories.make_appointment(service, NINE)
    factories.make_appointment(service, NINE - timedelta(days=1), email="today@visitor.example")
    factories.make_appointment(service, NINE + timedelta(days=1), email="later@visitor.example")
    assert reminders() == []
    clock.move_to(DAY_BEFORE, tick=False)
    assert reminders() == [VISITOR]
    (message,) = mail.outbox
    assert message.subject == f"Tomorrow: your appointment {appointment.reference}"
    assert "Wednesday 3 March 2027, 09:00 to 10:00 (Europe/London)" in message.body
    clock.shift(600)
    assert reminders() == []
    clock.shift(4 * 60 * 60)
    assert reminders() == []


def test_worker_reminds(service: Service, clock: Any) -> None:
    factories.make_appointment(service, NINE)
    clock.move_to(DAY_BEFORE, tick=False)
    call_command("worker", "--once")
    assert Message.objects.filter(kind="booking.reminder").count() == 1


@pytest.mark.parametrize(
    ("zone", "today", "reminded_at"),
    [
        ("Europe/London", date(2027, 3, 26), datetime(2027, 3, 26, 9, tzinfo=UTC)),
        ("Europe/London", date(2027, 3, 27), datetime(2027, 3, 27, 9, tzinfo=UTC)),
        ("Europe/London", date(2027, 3, 28), datetime(2027, 3, 28, 8, tzinfo=UTC)),
        ("Europe/London", date(2027, 10, 30), datetime(2027, 10, 30, 8, tzinfo=UTC)),
        ("Europe/London", date(2027, 10, 31), datetime(2027, 10, 31, 9, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 27), datetime(2027, 3, 27, 8, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 28), datetime(2027, 3, 28, 7, tzinfo=UTC)),
    ],
    ids=str,
)
def test_reminder_goes_at_nine_on_the_clinics_clock(
    zone: str, today: date, reminded_at: datetime, service: Service, clock: Any, settings: Any
) -> None:
    settings.TIME_ZONE = zone
    tomorrow = datetime.combine(today + timedelta(days=1), time(12), tzinfo=UTC)
    factories.make_appointment(service, tomorrow)
    clock.move_to(reminded_at - timedelta(seconds=1), tick=False)
    assert reminders() == []
    clock.move_to(reminded_at, tick=False)
    assert reminders() == [VISITOR]


@pytest.mark.parametrize(
    ("starts_at", "reminded"),
    [
        (datetime(2027, 7, 1, 22, 59, tzinfo=UTC), 0),
        (datetime(2027, 7, 1, 23, 0, tzinfo=UTC), 1),
        (datetime(2027, 7, 2, 22, 55, tzinfo=UTC), 1),
        (datetime(2027, 7, 2, 23, 0, tzinfo=UTC), 0),
    ],
    ids=str,
)
def test_tomorrow_is_a_day_of_the_clinics_calendar(
    starts_at: datetime, reminded: int, service: Service, clock: Any
) -> None:
    """In July midnight on the clinic's clock is eleven at night in UTC."""
    factories.make_appointment(service, starts_at)
    clock.move_to(datetime(2027, 7, 1, 12, tzinfo=UTC), tick=False)
    assert len(reminders()) == reminded


def test_who_booked_today_is_not_reminded(service: Service, clock: Any) -> None:
    factories.make_rule(service.practitioners.get(), weekday=2, starts=time(13), ends=time(17))
    clock.move_to(DAY_BEFORE + timedelta(hours=1), tick=False)
    assert book(slot_at(service, "2027-03-03T13:00")).status_code == 201
    assert reminders() == []
    clock.shift(6 * 60 * 60)
    assert reminders() == []


def test_who_cancelled_is_not_reminded(service: Service, clock: Any) -> None:
    before, after = (factories.make_appointment(service, NINE + timedelta(hours=hour)) for hour in (1, 2))
    manage("cancel/", manage_token(before))
    send_due()
    clock.move_to(DAY_BEFORE, tick=False)
    assert jobs.remind() == 1
    manage("cancel/", manage_token(after))
    mail.outbox.clear()
    send_due()
    assert [message.subject for message in mail.outbox if message.subject.startswith("Tomorrow")] == []


def test_who_moved_is_reminded_of_the_new_day(service: Service, clock: Any) -> None:
    token = manage_token(factories.make_appointment(service, NINE))
    manage("move/", token, slot_id=slot_at(service, "2027-03-05T09:00"))
    send_due()
    clock.move_to(DAY_BEFORE, tick=False)
    assert reminders() == []
    clock.shift(timedelta(days=2))
    assert reminders() == [VISITOR]
    assert "Friday 5 March 2027" in mail.outbox[0].body


def test_reminder_that_was_overtaken_by_a_move_does_not_go(service: Service, clock: Any) -> None:
    """It was queued while the mail server was away: "tomorrow" would be wrong now."""
    token = manage_token(factories.make_appointment(service, NINE))
    clock.move_to(DAY_BEFORE, tick=False)
    assert jobs.remind() == 1
    assert manage("move/", token, slot_id=slot_at(service, "2027-03-09T09:00")).status_code == 200
    send_due()
    assert [message.subject for message in mail.outbox if message.subject.startswith("Tomorrow")] == []


def test_reminder_that_is_a_day_late_does_not_go(service: Service, clock: Any) -> None:
    factories.make_appointment(service, NINE)
    clock.move_to(DAY_BEFORE, tick=False)
    assert jobs.remind() == 1
    clock.move_to(NINE - timedelta(hours=1), tick=False)
    send_due()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "fields", [{"status": "proposed"}, {"status": "cancelled"}, {"status": "erased"}, {"email": ""}], ids=str
)
def test_nobody_else_is_reminded(fields: dict[str, str], service: Service, clock: Any) -> None:
    factories.make_appointment(service, NINE, **fields)
    clock.move_to(DAY_BEFORE, tick=False)
    assert reminders() == []


def test_clinic_can_do_without_reminders(service: Service, clock: Any) -> None:
    factories.set_booking(reminders=False)
    factories.make_appointment(service, NINE)
    clock.move_to(DAY_BEFORE, tick=False)
    assert reminders() == []


# --- Proposals -------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposal(service: Service, admin_user: Any) -> Appointment:
    """Friday at nine, kept for whoever asked."""
    made = reception.give_time(
        request=factories.make_request(service=service),
        service=service,
        practitioner=service.practitioners.get(),
        location=Location.objects.get(),
        start=NINE + timedelta(days=2),
        user=admin_user,
        is_proposal=True,
    )
    send_due()
    return made


def lapse(clock: Any, *, hours: float) -> int:
    mail.outbox.clear()
    clock.move_to(MONDAY + timedelta(hours=hours), tick=False)
    released = jobs.release_unanswered()
    send_due()
    return released


def test_proposal_that_nobody_answers_lapses(proposal: Appointment, service: Service, clock: Any) -> None:
    assert lapse(clock, hours=48) == 0
    assert lapse(clock, hours=48.1) == 1
    (message,) = mail.outbox
    assert message.to == [VISITOR]
    assert message.subject == f"The time we kept for you is free again: {proposal.reference}"
    assert not SlotClaim.objects.exists()
    assert "2027-03-05" in free_times(service)
    assert manage("", manage_token(proposal)).json()["status"] == "cancelled"
    assert list(AppointmentRequest.objects.waiting()) == [proposal.request]
    assert lapse(clock, hours=60) == 0
    assert mail.outbox == []


def test_clinic_sets_how_long_a_proposal_is_kept(proposal: Appointment, clock: Any) -> None:
    factories.set_booking(proposal_hours=4)
    assert lapse(clock, hours=3.9) == 0
    assert lapse(clock, hours=4.1) == 1


def test_proposal_that_was_accepted_stays(proposal: Appointment, clock: Any) -> None:
    manage("accept/", manage_token(proposal))
    send_due()
    assert lapse(clock, hours=49) == 0
    assert mail.outbox == []
    assert manage("", manage_token(proposal)).json()["status"] == "booked"


def test_other_time_can_be_given_after_a_proposal_lapsed(
    proposal: Appointment, service: Service, clock: Any, admin_user: Any
) -> None:
    lapse(clock, hours=49)
    request = AppointmentRequest.objects.get()
    again = reception.give_time(
        request=request,
        service=service,
        practitioner=service.practitioners.get(),
        location=Location.objects.get(),
        start=proposal.starts_at,
        user=admin_user,
        is_proposal=False,
    )
    assert again.reference != proposal.reference
    assert error_of_accepting(proposal) == "not_proposed"


def error_of_accepting(appointment: Appointment) -> str:
    code: str = manage("accept/", manage_token(appointment)).json()["code"]
    return code


# --- Public holidays -------------------------------------------------------------------------------------------------


def test_holidays_close_the_clinic(service: Service) -> None:
    factories.set_booking(holidays_of="GB-ENG")
    assert "2027-03-26" in free_times(service, **{"from": "2027-03-20", "to": "2027-04-03"})
    assert jobs.import_holidays() > 10
    good_friday = Closure.objects.get(starts_on=date(2027, 3, 26))
    assert (good_friday.name, good_friday.ends_on, good_friday.from_time) == ("Good Friday", date(2027, 3, 26), None)
    later = free_times(service, **{"from": "2027-04-20", "to": "2027-04-29"})
    assert "2027-04-26" in later
    assert set(Closure.objects.values_list("starts_on__year", flat=True)) == {2027, 2028}


def test_holidays_of_the_part_of_the_country_are_closed(service: Service) -> None:
    factories.set_booking(holidays_of="DE-BY")
    jobs.import_holidays()
    days = set(Closure.objects.filter(starts_on__year=2027).values_list("starts_on", flat=True))
    assert {date(2027, 1, 6), date(2027, 10, 3), date(2027, 11, 1)} <= days
    assert date(2027, 10, 31) not in days


def test_holidays_are_imported_once_and_what_was_changed_stays(clock: Any) -> None:
    factories.set_booking(holidays_of="GB-ENG")
    jobs.import_holidays()
    Closure.objects.get(starts_on=date(2027, 3, 26)).delete()
    Closure.objects.filter(starts_on=date(2028, 1, 3)).update(name="Half a day", from_time=time(12), to_time=time(18))
    before = list(Closure.objects.order_by("pk").values())
    assert jobs.import_holidays() == 0
    clock.shift(timedelta(days=100))
    assert jobs.import_holidays() == 0
    assert list(Closure.objects.order_by("pk").values()) == before


def test_next_year_brings_its_own_holidays_and_no_old_one(clock: Any) -> None:
    factories.set_booking(holidays_of="GB-ENG")
    jobs.import_holidays()
    Closure.objects.filter(starts_on__year=2028).delete()
    kept = Closure.objects.count()
    clock.move_to(datetime(2028, 1, 1, 12, tzinfo=UTC), tick=False)
    new = jobs.import_holidays()
    assert set(Closure.objects.filter(starts_on__gte=date(2028, 1, 1)).values_list("starts_on__year", flat=True)) == {
        2029
    }
    assert Closure.objects.count() == kept + new


def test_without_a_country_nothing_is_imported() -> None:
    assert jobs.import_holidays() == 0
    factories.set_booking(holidays_of="")
    assert jobs.import_holidays() == 0
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("country", "is_known"),
    [("", True), ("GB", True), ("GB-ENG", True), ("XX", False), ("GB-XXX", False), ("de", False)],
)
def test_countries_that_are_not_known_are_refused(country: str, is_known: bool) -> None:
    settings = BookingSettings(holidays_of=country)
    if is_known:
        settings.full_clean()
    else:
        with pytest.raises(ValidationError, match="not known"):
            settings.full_clean()


# --- What is too old -------------------------------------------------------------------------------------------------


def test_what_nobody_touched_for_ninety_days_is_deleted(service: Service, clock: Any) -> None:
    factories.make_request()
    factories.make_appointment(service, NINE)
    clock.move_to(MONDAY + timedelta(days=90), tick=False)
    jobs.prune()
    assert (AppointmentRequest.objects.count(), Appointment.objects.count()) == (1, 1)
    clock.move_to(NINE + timedelta(days=90, hours=2), tick=False)
    call_command("worker", "--once")
    assert (AppointmentRequest.objects.count(), Appointment.objects.count()) == (0, 0)
    assert not SlotClaim.objects.exists()


def test_every_change_keeps_it_for_another_ninety_days(service: Service, clock: Any, admin_user: Any) -> None:
    request = factories.make_request()
    clock.shift(timedelta(days=80))
    reception.note(record=request, text="Rang", user=admin_user)
    clock.shift(timedelta(days=80))
    jobs.prune()
    assert AppointmentRequest.objects.exists()
    clock.shift(timedelta(days=11))
    jobs.prune()
    assert not AppointmentRequest.objects.exists()


def test_appointment_is_kept_until_long_after_its_day(service: Service, clock: Any) -> None:
    factories.make_appointment(service, MONDAY + timedelta(days=200))
    clock.shift(timedelta(days=280))
    jobs.prune()
    assert Appointment.objects.exists()
    clock.shift(timedelta(days=11))
    jobs.prune()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("days", [30, 365])
def test_clinic_sets_how_long_things_are_kept(days: int, service: Service, clock: Any) -> None:
    factories.set_booking(kept_days=days)
    factories.make_request()
    factories.make_appointment(service, MONDAY + timedelta(hours=1))
    clock.shift(timedelta(days=days - 1))
    jobs.prune()
    assert (AppointmentRequest.objects.count(), Appointment.objects.count()) == (1, 1)
    clock.shift(timedelta(days=2))
    jobs.prune()
    assert (AppointmentRequest.objects.count(), Appointment.objects.count()) == (0, 0)


def test_what_is_on_legal_hold_is_kept(service: Service, clock: Any, admin_user: Any) -> None:
    request, appointment = factories.make_request(), factories.make_appointment(service, NINE)
    for record in (request, appointment):
        reception.set_hold(record=record, is_held=True, user=admin_user)
    clock.shift(timedelta(days=1000))
    jobs.prune()
    assert (AppointmentRequest.objects.get().name, Appointment.objects.get().name) == ("Ada", "Ada")
    for record in (AppointmentRequest.objects.get(), Appointment.objects.get()):
        reception.set_hold(record=record, is_held=False, user=admin_user)
    clock.shift(timedelta(days=91))
    jobs.prune()
    assert not AppointmentRequest.objects.exists()
    assert not Appointment.objects.exists()


def test_erased_record_goes_with_the_rest(service: Service, clock: Any) -> None:
    manage("erase/", manage_token(factories.make_appointment(service, NINE)))
    assert Appointment.objects.get().status == "erased"
    clock.shift(timedelta(days=100))
    jobs.prune()
    assert not Appointment.objects.exists()
