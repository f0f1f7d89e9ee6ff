"""Reception in the admin: what waits, the diary, answers with their mail shown first, and who may do any of it."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Page
from wagtail.users.models import UserProfile

from booking.admin import urls
from booking.models import (
    Appointment,
    AppointmentRequest,
    Closure,
    ConsentText,
    Location,
    OpeningRule,
    Practitioner,
    Service,
    new_reference,
)
from booking.services import take
from outbox import kinds
from outbox.models import Message
from tests import factories
from tests.conftest import Visitor

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)  # a Monday
MONDAY, TUESDAY = date(2027, 3, 1), date(2027, 3, 2)
HOSTILE = "<script>alert(1)</script>\"'{{ 7|add:7 }}"

pytestmark = pytest.mark.usefixtures("site", "monday")


@pytest.fixture
def monday(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def staff(name: str = "staff", *, permissions: tuple[str, ...] = (), group: str = "", **fields: Any) -> Visitor:
    user = get_user_model().objects.create_user(name, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if group:
        user.groups.add(Group.objects.get(name=group))
    visitor = Visitor()
    visitor.force_login(user)
    return visitor


@pytest.fixture
def desk(site: Page) -> Visitor:
    """Somebody at reception: in the group that the migration made, and nowhere else."""
    return staff("rita", group="Reception")


@pytest.fixture
def writer(site: Page) -> Visitor:
    """Somebody who may enter the admin and nothing else."""
    return staff("wren", permissions=("access_admin",))


@pytest.fixture
def boss(site: Page) -> Visitor:
    return staff("boss", is_superuser=True)


@pytest.fixture
def service(site: Page) -> Service:
    return factories.make_service(name="Podiatry", booking="live", minimum_notice_hours=0)


@pytest.fixture
def location(site: Page) -> Location:
    return Location.objects.create(name="Tern Street", address="14 Tern Street")


@pytest.fixture
def maren(service: Service, location: Location) -> Practitioner:
    """She sees people from nine to five, on every day of the week."""
    practitioner = factories.make_practitioner(services=[service])
    for weekday in range(7):
        OpeningRule.objects.create(
            practitioner=practitioner, location=location, weekday=weekday, starts=time(9), ends=time(17)
        )
    return practitioner


def make_appointment(practitioner: Practitioner, start: datetime, **fields: Any) -> Appointment:
    service = practitioner.services.get()
    defaults = {"name": "Ada", "email": "ada@visitor.example", "location": Location.objects.get()}
    appointment = Appointment(
        service=service,
        practitioner=practitioner,
        starts_at=start,
        ends_at=start + timedelta(minutes=service.duration_minutes),
        **(defaults | fields),
    )
    assert take(appointment)
    return appointment


def at_ten(day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(10), tzinfo=UTC)


def address(what: str, record: Any = None) -> str:
    return reverse(f"reception_{what}", args=[record.pk] if record else [])


def text(response: Any) -> str:
    """What is read on the page."""
    page = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def headings(response: Any, scope: str) -> list[str]:
    """The diary's own: Wagtail has a table of its keys on every page."""
    table = response.content.decode().split("reception-diary", 1)[1].split("</table>")[0]
    return re.findall(rf'<th scope="{scope}">([^<]+)</th>', table)


def time_form(maren: Practitioner, **fields: str) -> dict[str, str]:
    defaults = {
        "service": str(maren.services.get().pk),
        "practitioner": str(maren.pk),
        "location": str(Location.objects.get().pk),
        "day": "2027-03-02",
        "time": "10:00",
    }
    return defaults | fields


def hidden(response: Any) -> dict[str, str]:
    """What the second step sends back."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.content.decode())
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def both_steps(client: Visitor, url: str, form: dict[str, str] | None = None) -> tuple[Any, Any]:
    """The page with the mail, and the answer to the button below it."""
    checked = client.post(url, form or {})
    assert checked.status_code == 200, text(checked)
    return checked, client.post(url, {**hidden(checked), "confirmed": "1"})


def mails() -> list[str]:
    return list(Message.objects.order_by("created_at").values_list("kind", flat=True))


def actions() -> list[str]:
    return list(ModelLogEntry.objects.order_by("timestamp", "pk").values_list("action", flat=True))


# --- What waits ------------------------------------------------------------------------------------------------------


def test_it_opens_on_what_waits_oldest_first(desk: Visitor, maren: Practitioner, time_machine: Any) -> None:
    wishes = [{"date": "2027-03-04", "part": "morning"}]
    old = factories.make_request(name="Olive Old", service=maren.services.get(), preferences=wishes)
    time_machine.shift(timedelta(hours=2))
    new = factories.make_request(name="Nora New")
    rung = factories.make_request(name="Rosa Rung", status="contacted")
    kept = make_appointment(maren, at_ten(), status="proposed", name="Petra Proposed")
    comes = make_appointment(maren, at_ten(MONDAY), name="Tove Today")
    factories.make_request(name="Sally Spam", status="suspected")
    shown = text(desk.get("/admin/reception/"))
    order = [shown.index(record.reference) for record in (old, new, rung, kept, comes)]
    assert order == sorted(order)
    for words in ("Olive Old", "2 hours", "Podiatry", "Thursday 4 March, morning", "New requests (2)", "10:00–10:45"):
        assert words in shown
    assert "Sally Spam" not in shown
    assert "Europe/London" in shown


def test_suspected_spam_stands_behind_a_tab(desk: Visitor) -> None:
    factories.make_request(name="Sally Spam", status="suspected")
    assert "Sally Spam" in text(desk.get("/admin/reception/?tab=suspected"))


def test_an_accepted_proposal_waits_for_nobody(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request(status="contacted")
    make_appointment(maren, at_ten(), request=request)
    assert request.reference not in text(desk.get("/admin/reception/"))


def test_the_menu_and_the_home_page_count_what_waits(desk: Visitor, writer: Visitor) -> None:
    for _ in range(7):
        factories.make_request(name="Quentin")
    home = desk.get("/admin/").content.decode()
    assert "Reception (7)" in home
    assert "7 to answer" in text(desk.get("/admin/"))
    assert "Quentin" not in home
    for words in ("Reception", "to answer", "for an appointment waiting"):
        assert words not in writer.get("/admin/").content.decode()


def test_a_reference_opens_what_it_stands_for(desk: Visitor, maren: Practitioner) -> None:
    request, appointment = factories.make_request(), make_appointment(maren, at_ten())
    for record, what in ((request, "request"), (appointment, "appointment")):
        found = desk.get(f"/admin/reception/find/?reference=+{record.reference.lower()}")
        assert found["Location"] == address(what, record)
    assert desk.get("/admin/reception/find/?reference=NOTHING")["Location"] == "/admin/reception/"


def fill(maren: Practitioner, number: int) -> None:
    """Half of them ask, half of them come this week."""
    consent, service, location = ConsentText.objects.get(), maren.services.get(), Location.objects.get()
    AppointmentRequest.objects.bulk_create(
        AppointmentRequest(name="Ada", email="a@b.example", consent=consent, service=service, practitioner=maren)
        for _ in range(number // 2)
    )
    Appointment.objects.bulk_create(
        Appointment(
            reference=new_reference(),
            service=service,
            practitioner=maren,
            location=location,
            starts_at=at_ten(MONDAY) + timedelta(minutes=index % 9000),
            ends_at=at_ten(MONDAY) + timedelta(minutes=index % 9000 + 45),
            status="proposed" if index % 2 else "booked",
            name="Ada",
        )
        for index in range(number // 2)
    )


def test_the_lists_cost_the_same_however_much_there_is(desk: Visitor, maren: Practitioner) -> None:
    pages = (
        "/admin/reception/",
        "/admin/reception/?tab=suspected",
        "/admin/reception/diary/?day=2027-03-02",
        "/admin/reception/diary/?day=2027-03-02&view=week",
    )

    def costs() -> list[int]:
        return [_queries(desk, page) for page in pages]

    costs()
    fill(maren, 20)
    few = costs()
    fill(maren, 10_000)
    assert costs() == few
    assert max(few) <= 25


def _queries(client: Visitor, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


# --- The diary -------------------------------------------------------------------------------------------------------


def test_a_day_has_a_column_for_each_practitioner(desk: Visitor, maren: Practitioner) -> None:
    factories.make_practitioner(name="Ines Wolf")
    late = make_appointment(maren, at_ten() + timedelta(hours=4), name="Bea Later")
    early = make_appointment(maren, at_ten(), name="Ada Earlier", status="proposed")
    Closure.objects.create(
        name="Team meeting",
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        from_time=time(13),
        to_time=time(14),
        practitioner=maren,
    )
    page = desk.get("/admin/reception/diary/?day=2027-03-02")
    assert headings(page, "col") == ["Ines Wolf", "Maren Holt"]
    assert headings(page, "row") == ["Open", "Morning", "Afternoon", "Evening"]
    shown = text(page)
    assert shown.index(early.reference) < shown.index(late.reference)
    for words in (
        "Tuesday 2 March 2027",
        "10:00–10:45",
        "Ada Earlier",
        "Podiatry",
        "Proposed",
        "09:00–17:00 (Tern Street)",
        "Closed: Team meeting, 13:00–14:00 (Maren Holt)",
        "No opening hours",
        "Europe/London",
    ):
        assert words in shown


def test_a_week_has_a_column_for_each_day(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten())
    Closure.objects.create(name="Holiday", starts_on=date(2027, 3, 5), ends_on=date(2027, 3, 5))
    page = desk.get("/admin/reception/diary/?day=2027-03-03&view=week")
    assert headings(page, "col")[0] == "Mon 1 Mar"
    assert len(headings(page, "col")) == 7
    shown = text(page)
    assert appointment.reference in shown
    assert "1 March to 7 March 2027" in shown
    assert shown.count("Closed: Holiday") == 1


def test_the_diary_leads_to_the_days_beside_it(desk: Visitor, maren: Practitioner) -> None:
    page = desk.get("/admin/reception/diary/?day=2027-03-10&view=week").content.decode()
    for day in ("2027-03-03", "2027-03-17", "2027-03-01"):
        assert f"view=week&amp;day={day}" in page


def test_the_diary_can_be_one_practitioners(desk: Visitor, maren: Practitioner) -> None:
    factories.make_practitioner(name="Ines Wolf")
    assert headings(desk.get(f"/admin/reception/diary/?practitioner={maren.pk}"), "col") == ["Maren Holt"]


@pytest.mark.parametrize("query", ["day=2027-02-30", "day=soon", "day=9999-12-31", "day=0001-01-01", "practitioner=x"])
def test_a_day_that_is_none_is_today_or_near_it(query: str, desk: Visitor, maren: Practitioner) -> None:
    for view in ("day", "week"):
        assert desk.get(f"/admin/reception/diary/?view={view}&{query}").status_code == 200


def test_the_clinics_clock_counts_not_the_readers(desk: Visitor, maren: Practitioner) -> None:
    user = get_user_model().objects.get(username="rita")
    UserProfile.objects.create(user=user, current_time_zone="Asia/Tokyo")
    appointment = make_appointment(maren, datetime(2027, 6, 1, 22, 30, tzinfo=UTC))
    assert "23:30–00:15" in text(desk.get("/admin/reception/diary/?day=2027-06-01"))
    assert "Tuesday 1 June 2027, 23:30" in text(desk.get(address("appointment", appointment)))
    checked = desk.post(address("appointment_move", appointment), {"day": "2027-06-02", "time": "09:00"})
    assert "Wednesday 2 June 2027, 09:00 to 09:45 (Europe/London)" in text(checked)


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_a_request_shows_everything_that_was_asked(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request(
        name="Ada Marsh",
        phone="+44 1632 960214",
        message="My zebra",
        service=maren.services.get(),
        practitioner=maren,
        preferences=[{"date": "2027-03-04", "part": "afternoon"}],
        staff_note="Rang twice",
    )
    shown = text(desk.get(address("request", request)))
    for words in (
        "Ada Marsh",
        "ada@visitor.example",
        "+44 1632 960214",
        "My zebra",
        "Podiatry",
        "Maren Holt",
        "Thursday 4 March, afternoon",
        f"Version {request.consent.version}",
    ):
        assert words in shown
    assert "Rang twice" in desk.get(address("request", request)).content.decode()


@pytest.mark.parametrize(
    ("answer", "kind", "status", "request_status"),
    [("confirm", "booked", "booked", "confirmed"), ("propose", "proposed", "proposed", "contacted")],
)
def test_a_time_is_given_after_its_mail_was_shown(
    answer: str, kind: str, status: str, request_status: str, desk: Visitor, maren: Practitioner
) -> None:
    request = factories.make_request(service=maren.services.get(), message="My zebra")
    url = address(f"request_{answer}", request)
    checked = desk.post(url, time_form(maren))
    shown = text(checked)
    assert "ada@visitor.example" in shown
    assert "Tuesday 2 March 2027, 10:00 to 10:45 (Europe/London)" in shown
    assert "Send and confirm" in shown
    assert not Appointment.objects.exists()
    assert (mails(), actions()) == ([], [])
    request.refresh_from_db()
    assert request.status == "new"

    done = desk.post(url, {**hidden(checked), "confirmed": "1"})
    assert (done.status_code, done["Location"]) == (302, "/admin/reception/")
    appointment = Appointment.objects.get()
    assert (appointment.status, appointment.starts_at, appointment.name) == (status, at_ten(), "Ada")
    assert mails() == [f"booking.{kind}"]
    assert actions() == ["booking.book", "booking.answer"]
    request.refresh_from_db()
    assert (request.status, str(request.assigned_to)) == (request_status, "rita")
    # The mail that was shown is the mail that goes: its reference and its key too.
    assert appointment.reference in shown
    assert sent_body(Message.objects.get()) in checked.content.decode().replace("&#x27;", "'")


def sent_body(message: Message) -> str:
    mail = kinds.render(message.kind, message.context)
    assert mail is not None
    return str(mail.body).strip()


def test_free_times_are_one_click_wished_ones_first(desk: Visitor, maren: Practitioner) -> None:
    wishes = [{"date": "2027-03-20", "part": "afternoon"}]
    request = factories.make_request(service=maren.services.get(), preferences=wishes)
    make_appointment(maren, datetime(2027, 3, 20, 12, tzinfo=UTC))
    page = desk.get(address("request", request))
    shown = text(page)
    assert shown.index("Sat 20 Mar, 13:00 Maren Holt, Tern Street as wished") < shown.index("Mon 1 Mar, 09:00")
    assert "Sat 20 Mar, 12:00" not in shown
    slot = re.search(r'name="slot" value="([^"]+)" formaction="[^"]+/confirm/"', page.content.decode())
    assert slot
    checked, done = both_steps(desk, address("request_confirm", request), {"slot": unescape(slot[1])})
    assert "Saturday 20 March 2027, 13:00" in text(checked)
    assert done.status_code == 302
    assert Appointment.objects.get(request=request).starts_at == datetime(2027, 3, 20, 13, tzinfo=UTC)


def test_a_time_that_is_taken_is_said_and_the_form_kept(desk: Visitor, maren: Practitioner) -> None:
    taken = make_appointment(maren, at_ten())
    request = factories.make_request()
    answer = desk.post(address("request_confirm", request), time_form(maren, time="10:30"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "somebody else at that time" in text(answer)
    assert 'value="10:30"' in page
    assert list(Appointment.objects.all()) == [taken]
    assert mails() == []


def test_a_time_that_is_taken_between_the_two_steps_is_said(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request()
    checked = desk.post(address("request_confirm", request), time_form(maren))
    make_appointment(maren, at_ten())
    late = desk.post(address("request_confirm", request), {**hidden(checked), "confirmed": "1"})
    assert late.status_code == 409
    assert Appointment.objects.count() == 1
    assert mails() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day": "2027-02-28"}, "This is in the past."),
        ({"day": "2027-02-30"}, "Enter a valid date."),
        ({"day": "2027-03-28", "time": "01:30"}, "this time does not exist"),
        ({"time": "10:03"}, "Whole steps of 5 minutes are needed."),
        ({"time": "٢٥:٠٠"}, "Enter a valid time."),
        ({"practitioner": ""}, "This field is required."),
        ({"practitioner": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice"),
        ({"service": "x"}, "is not a valid UUID"),
    ],
    ids=str,
)
def test_no_time_is_given_that_is_none(fields: dict[str, str], words: str, desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request()
    for more in ({}, {"confirmed": "1"}):
        answer = desk.post(address("request_confirm", request), {**time_form(maren, **fields), **more})
        assert answer.status_code == 400
        assert words in text(answer)
    assert not Appointment.objects.exists()


def test_reception_may_give_a_time_that_is_not_offered_and_is_told(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request()
    checked, done = both_steps(desk, address("request_confirm", request), time_form(maren, time="19:00"))
    assert "outside the opening hours: 09:00–17:00" in text(checked)
    assert done.status_code == 302
    assert "Visitors are not offered this time" not in text(
        desk.post(address("request_confirm", factories.make_request()), time_form(maren, time="12:00"))
    )


def test_one_request_gets_one_time(desk: Visitor, maren: Practitioner) -> None:
    """Pressed twice, or answered by two people at once."""
    request = factories.make_request()
    url = address("request_confirm", request)
    first, second = desk.post(url, time_form(maren)), desk.post(url, time_form(maren, time="14:00"))
    assert desk.post(url, {**hidden(first), "confirmed": "1"}).status_code == 302
    for late in (first, second):
        again = desk.post(url, {**hidden(late), "confirmed": "1"})
        assert again.status_code == 409
        assert "has a time already" in text(again)
    assert desk.post(address("request_decline", request)).status_code == 409
    assert Appointment.objects.count() == 1
    assert mails() == ["booking.booked"]


def test_back_and_free_times_keep_what_was_typed(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request()
    checked = desk.post(address("request_propose", request), time_form(maren, time="15:15"))
    for button in ("back", "look"):
        page = desk.post(address("request_propose", request), {**hidden(checked), button: "1"})
        assert page.status_code == 200
        assert 'value="15:15"' in page.content.decode()
        assert 'value="2027-03-02"' in page.content.decode()
        assert "Next free times" in text(page)
    assert not Appointment.objects.exists()


def test_decline(desk: Visitor) -> None:
    request = factories.make_request()
    checked, done = both_steps(desk, address("request_decline", request))
    assert "we could not find a time" in text(checked)
    assert done.status_code == 302
    request.refresh_from_db()
    assert request.status == "declined"
    assert (mails(), actions()) == (["booking.declined"], ["booking.answer"])


def test_contacted_and_assigned_without_a_mail(desk: Visitor) -> None:
    request = factories.make_request()
    assert desk.post(address("request_assign", request)).status_code == 302
    assert desk.post(address("request_contacted", request)).status_code == 302
    request.refresh_from_db()
    assert (request.status, str(request.assigned_to)) == ("contacted", "rita")
    assert (mails(), actions()) == ([], ["booking.assign", "booking.answer"])


def test_an_erasure_leaves_nothing_of_the_person(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request(name="Quentin", message="My zebra", phone="+44 1632 960214")
    appointment = make_appointment(maren, at_ten(), request=request, name="Quentin", message="My zebra")
    checked, done = both_steps(desk, address("request_erase", request))
    assert "No mail goes." in text(checked)
    assert done["Location"] == address("request", request)
    for page in (desk.get(done["Location"]), desk.get(address("appointment", appointment))):
        shown = page.content.decode()
        assert "Erased" in shown
        assert [word for word in ("Quentin", "zebra", "960214", "ada@") if word in shown] == []
    assert desk.post(address("request_confirm", request), time_form(maren)).status_code == 409
    assert mails() == []


def test_a_legal_hold_keeps_from_erasure(desk: Visitor, maren: Practitioner) -> None:
    for record, what in ((factories.make_request(), "request"), (make_appointment(maren, at_ten()), "appointment")):
        desk.post(address(f"{what}_hold", record))
        assert "On legal hold" in text(desk.get(address(what, record)))
        assert desk.post(address(f"{what}_erase", record), {"confirmed": "1"}).status_code == 409
        desk.post(address(f"{what}_release", record))
        assert desk.post(address(f"{what}_erase", record), {"confirmed": "1"}).status_code == 302
        record.refresh_from_db()
        assert record.status == "erased"


def test_a_note_is_kept_and_the_log_does_not_quote_it(desk: Visitor, maren: Practitioner) -> None:
    for record, what in ((factories.make_request(), "request"), (make_appointment(maren, at_ten()), "appointment")):
        assert desk.post(address(f"{what}_note", record), {"note": "Rang\nback"}).status_code == 302
        record.refresh_from_db()
        assert record.staff_note.splitlines() == ["Rang", "back"]
        assert "Note changed, rita" in text(desk.get(address(what, record)))
    assert not [entry for entry in ModelLogEntry.objects.all() if "Rang" in f"{entry.label} {entry.data}"]


# --- Appointments ----------------------------------------------------------------------------------------------------


def test_move(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten())
    checked, done = both_steps(desk, address("appointment_move", appointment), {"day": "2027-03-03", "time": "11:00"})
    assert "Wednesday 3 March 2027, 11:00" in text(checked)
    assert done["Location"] == address("appointment", appointment)
    appointment.refresh_from_db()
    assert appointment.starts_at == datetime(2027, 3, 3, 11, tzinfo=UTC)
    assert (mails(), actions()) == (["booking.moved"], ["booking.move"])


def test_a_moved_proposal_is_proposed_anew(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten(), status="proposed")
    checked, _ = both_steps(desk, address("appointment_move", appointment), {"day": "2027-03-03", "time": "11:00"})
    assert "A time for you" in text(checked)
    assert mails() == ["booking.proposed"]


def test_a_move_to_a_taken_time_keeps_the_old_one(desk: Visitor, maren: Practitioner) -> None:
    appointment, other = make_appointment(maren, at_ten()), make_appointment(maren, at_ten() + timedelta(hours=2))
    answer = desk.post(
        address("appointment_move", appointment), {"day": "2027-03-02", "time": "12:00", "confirmed": "1"}
    )
    assert answer.status_code == 409
    assert 'value="12:00"' in answer.content.decode()
    appointment.refresh_from_db()
    assert appointment.starts_at == at_ten()
    assert other.claims.count() == appointment.claims.count() == 11


def test_cancel(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten())
    checked, _ = both_steps(desk, address("appointment_cancel", appointment))
    assert "is cancelled" in text(checked)
    assert "appointment.ics" in text(checked)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.claims.count()) == ("cancelled", 0)
    assert (mails(), actions()) == (["booking.cancelled"], ["booking.cancel"])
    assert desk.post(address("appointment_cancel", appointment)).status_code == 409


def test_a_proposed_time_is_accepted_on_the_phone(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten(), status="proposed")
    both_steps(desk, address("appointment_accept", appointment))
    appointment.refresh_from_db()
    assert appointment.status == "booked"
    assert (mails(), actions()) == (["booking.booked"], ["booking.accept"])


def test_nobody_can_have_stayed_away_before_the_time(desk: Visitor, maren: Practitioner, time_machine: Any) -> None:
    appointment = make_appointment(maren, at_ten())
    assert "Did not come" not in text(desk.get(address("appointment", appointment)))
    assert desk.post(address("appointment_no-show", appointment), {"confirmed": "1"}).status_code == 409
    time_machine.move_to(at_ten() + timedelta(hours=1))
    desk.force_login(get_user_model().objects.get(username="rita"))
    assert "Did not come" in text(desk.get(address("appointment", appointment)))
    checked, _ = both_steps(desk, address("appointment_no-show", appointment))
    assert "No mail goes." in text(checked)
    appointment.refresh_from_db()
    assert appointment.status == "no_show"
    assert (mails(), actions()) == ([], ["booking.no_show"])


def test_where_there_is_no_address_no_mail_goes_and_that_is_said(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten(), email="")
    checked, done = both_steps(desk, address("appointment_cancel", appointment))
    assert "No mail goes: there is no e-mail address." in text(checked)
    assert "Send and confirm" not in text(checked)
    assert done.status_code == 302
    assert mails() == []


# --- By phone --------------------------------------------------------------------------------------------------------


def phone_form(maren: Practitioner, **fields: str) -> dict[str, str]:
    who = {"name": "Quentin Marsh", "phone": "01632 960 214", "email": "q@visitor.example", "note": "Needs the ramp"}
    return time_form(maren) | who | fields


def test_book_by_phone(desk: Visitor, maren: Practitioner) -> None:
    checked, done = both_steps(desk, "/admin/reception/phone/", phone_form(maren))
    assert "Tuesday 2 March 2027, 10:00" in text(checked)
    appointment = Appointment.objects.get()
    assert done["Location"] == address("appointment", appointment)
    assert (appointment.name, appointment.phone, appointment.staff_note) == (
        "Quentin Marsh",
        "+44 1632 960214",
        "Needs the ramp",
    )
    assert str(appointment.made_by) == "rita"
    assert appointment.reference in text(checked)
    assert (mails(), actions()) == (["booking.booked"], ["booking.book"])
    again = desk.post("/admin/reception/phone/", {**hidden(checked), "confirmed": "1"})
    assert again["Location"] == done["Location"]
    assert Appointment.objects.count() == 1


def test_a_phone_booking_without_an_address_sends_nothing(desk: Visitor, maren: Practitioner) -> None:
    checked, done = both_steps(desk, "/admin/reception/phone/", phone_form(maren, email=""))
    assert "there is no e-mail address" in text(checked)
    assert done.status_code == 302
    assert mails() == []


def test_what_is_not_possible_keeps_what_was_typed(desk: Visitor, maren: Practitioner) -> None:
    make_appointment(maren, at_ten())
    for fields, status in (({}, 409), ({"phone": "call me"}, 400), ({"day": "2027-02-01"}, 400)):
        answer = desk.post("/admin/reception/phone/", phone_form(maren, **fields))
        page = answer.content.decode()
        assert answer.status_code == status
        assert 'value="Quentin Marsh"' in page
        assert "Needs the ramp</textarea>" in page
    assert Appointment.objects.count() == 1


def test_free_times_stand_beside_the_phone_form(desk: Visitor, maren: Practitioner) -> None:
    page = desk.post("/admin/reception/phone/", phone_form(maren, practitioner="", time="", look="1"))
    assert "Mon 1 Mar, 09:00 Maren Holt, Tern Street" in text(page)
    assert 'value="Quentin Marsh"' in page.content.decode()
    slot = re.search(r'name="slot" value="([^"]+)"', page.content.decode())
    assert slot
    form = phone_form(maren, practitioner="", time="", slot=unescape(slot[1]))
    checked, done = both_steps(desk, "/admin/reception/phone/", form)
    assert "Monday 1 March 2027, 09:00" in text(checked)
    assert done.status_code == 302


# --- Why not ---------------------------------------------------------------------------------------------------------


def why(desk: Visitor, maren: Practitioner, day: str, clock: str) -> str:
    query = {"service": str(maren.services.get().pk), "practitioner": str(maren.pk), "day": day, "time": clock}
    return text(desk.get("/admin/reception/why/", query))


def test_why_a_time_is_not_offered(desk: Visitor, maren: Practitioner) -> None:
    appointment = make_appointment(maren, at_ten())
    Closure.objects.create(name="Wedding", starts_on=date(2027, 3, 4), ends_on=date(2027, 3, 4))
    assert f"It meets appointment {appointment.reference}" in why(desk, maren, "2027-03-02", "10:30")
    assert "Closed: Wedding." in why(desk, maren, "2027-03-04", "10:00")
    assert "outside the opening hours" in why(desk, maren, "2027-03-03", "20:00")
    assert "in the past" in why(desk, maren, "2027-02-01", "10:00")
    assert "every quarter of an hour" in why(desk, maren, "2027-03-03", "10:05")
    assert "the first 3 free times only" in why(desk, maren, "2027-03-03", "11:00")
    assert "It is offered." in why(desk, maren, "2027-03-03", "09:00")
    assert "Enter a valid date." in why(desk, maren, "2027-02-30", "09:00")


def test_the_diary_and_the_phone_form_ask_why(desk: Visitor, maren: Practitioner) -> None:
    for page in ("/admin/reception/diary/", "/admin/reception/phone/"):
        main = desk.get(page).content.decode().split('class="reception-nav"')[1].split("</nav>", 1)[1]
        assert 'href="/admin/reception/why/' in main


# --- Export ----------------------------------------------------------------------------------------------------------

EXPORT = "/admin/reception/export/"


def export_form(**fields: str) -> dict[str, str]:
    return {"what": "requests", "first": "2027-03-01", "last": "2027-03-31", "kind": "csv"} | fields


def read_csv(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_nothing_in_an_export_is_a_formula(start: str, desk: Visitor) -> None:
    factories.make_request(name=start, message="Ünïcode")
    (row,) = read_csv(desk.post(EXPORT, export_form()))
    assert (row["Name"], row["Message"]) == (f"'{start}", "Ünïcode")
    book = openpyxl.load_workbook(BytesIO(desk.post(EXPORT, export_form(kind="xlsx")).content))
    header, line = book.active.rows
    cell = line[[one.value for one in header].index("Name")]
    assert (cell.data_type, str(cell.value).strip()) == ("s", start.strip())


def test_an_export_has_the_days_that_were_asked_for(desk: Visitor, maren: Practitioner) -> None:
    inside = make_appointment(maren, datetime(2027, 3, 31, 22, 45, tzinfo=UTC))  # 23:45 in London, on the last day
    make_appointment(maren, datetime(2027, 3, 31, 23, 45, tzinfo=UTC))
    answer = desk.post(EXPORT, export_form(what="appointments"))
    (row,) = read_csv(answer)
    assert (row["Reference"], row["Begins"], row["Zone"]) == (inside.reference, "2027-03-31 23:45", "Europe/London")
    assert answer["Content-Disposition"] == 'attachment; filename="appointments-2027-03-01-2027-03-31.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_an_export_is_logged_with_its_number(desk: Visitor) -> None:
    for _ in range(3):
        factories.make_request(name="Quentin")
    assert desk.get(EXPORT).status_code == 200
    assert actions() == []
    desk.post(EXPORT, export_form())
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.data) == ("booking.export", {"what": "requests", "count": 3})
    assert entry.message == "Exported requests: 3"


def test_an_export_of_nothing_or_of_no_days(desk: Visitor) -> None:
    assert read_csv(desk.post(EXPORT, export_form())) == []
    assert desk.post(EXPORT, export_form(first="2027-04-01")).status_code == 400
    assert desk.post(EXPORT, export_form(what="users")).status_code == 400


def test_only_those_who_may_export_do(maren: Practitioner) -> None:
    factories.make_request(name="Quentin")
    answerer = staff("anna", permissions=("access_admin", "handle_request"))
    assert answerer.get("/admin/reception/").status_code == 200
    assert EXPORT not in answerer.get("/admin/reception/").content.decode()
    for answer in (answerer.get(EXPORT), answerer.post(EXPORT, export_form())):
        assert answer.status_code in {302, 403}
        assert "Quentin" not in answer.content.decode()


# --- What the clinic offers ------------------------------------------------------------------------------------------

LISTS = ("service", "practitioner", "location", "openingrule", "closure", "consenttext")


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_of_the_group_answer(name: str, boss: Visitor, maren: Practitioner) -> None:
    Closure.objects.create(name="Holiday", starts_on=MONDAY, ends_on=MONDAY)
    base = f"/admin/snippets/booking/{name}/"
    for path in ("", "add/", "?ordering=sort_order"):
        assert boss.get(base + path).status_code == 200


@pytest.mark.parametrize("model", [Service, Practitioner, Location])
def test_what_has_an_order_can_be_put_in_order(model: Any, boss: Visitor, maren: Practitioner) -> None:
    record = model.objects.get()
    name = model._meta.model_name
    assert boss.get(f"/admin/snippets/booking/{name}/edit/{record.pk}/").status_code == 200
    assert boss.post(f"/admin/snippets/booking/{name}/reorder/{record.pk}/?position=0").status_code == 200


def test_no_list_of_requests_is_left_to_edit_by_hand(boss: Visitor) -> None:
    request = factories.make_request()
    for path in ("", f"edit/{request.pk}/", "add/"):
        assert boss.get(f"/admin/snippets/booking/appointmentrequest/{path}").status_code == 404


def test_a_feed_is_made_shown_once_and_taken_back(boss: Visitor, maren: Practitioner, visitor: Visitor) -> None:
    page = reverse("booking_feed_of", args=[maren.pk])
    assert page in boss.get("/admin/snippets/booking/practitioner/").content.decode()
    assert boss.get(page).status_code == 200
    maren.refresh_from_db()
    assert maren.feed_key == ""
    made = boss.post(page)
    found = re.search(r"http://127.0.0.1:8000(/feeds/practitioner/\w+\.ics)", made.content.decode())
    assert found
    assert "no-store" in made["Cache-Control"]
    assert visitor.get(found[1]).status_code == 200
    assert found[1] not in boss.get(page).content.decode()
    again = re.search(r"/feeds/practitioner/\w+\.ics", boss.post(page).content.decode())
    assert again
    assert [visitor.get(path).status_code for path in (found[1], again[0])] == [404, 200]
    assert boss.post(page, {"take_back": "1"}).status_code == 302
    assert visitor.get(again[0]).status_code == 404
    assert actions() == ["booking.make_feed", "booking.make_feed", "booking.take_feed_back"]


# --- Who may ---------------------------------------------------------------------------------------------------------


def every_address(request: AppointmentRequest, appointment: Appointment, maren: Practitioner) -> list[str]:
    requests = [address(f"request_{step}", request) for step in urls.ANSWERS]
    appointments = [address(f"appointment_{step}", appointment) for step in urls.CHANGES]
    plain = [address(name) for name in ("find", "diary", "phone", "why", "export")]
    return [
        "/admin/reception/",
        *plain,
        address("request", request),
        address("appointment", appointment),
        *requests,
        *appointments,
        reverse("booking_feed_of", args=[maren.pk]),
    ]


def test_entering_the_admin_is_not_enough_anywhere(writer: Visitor, visitor: Visitor, maren: Practitioner) -> None:
    request = factories.make_request(name="Quentin", message="My zebra")
    appointment = make_appointment(maren, at_ten(), name="Quentin")
    before = rows()
    form = {**phone_form(maren), **export_form(), "note": "x", "confirmed": "1"}
    for path in every_address(request, appointment, maren):
        for answer in (writer.get(path), writer.post(path, form), visitor.get(path), visitor.post(path, form)):
            assert answer.status_code in {302, 403}, path
            assert "Quentin" not in answer.content.decode()
    assert rows() == before


def rows() -> list[Any]:
    kept = [list(model.objects.order_by("pk").values()) for model in (AppointmentRequest, Appointment, Practitioner)]
    return [kept, mails(), actions()]


def test_looking_changes_nothing(desk: Visitor, boss: Visitor, maren: Practitioner) -> None:
    request, appointment = factories.make_request(), make_appointment(maren, at_ten())
    before = rows()
    for path in every_address(request, appointment, maren):
        for client in (desk, boss):
            assert client.get(path, {"confirmed": "1"}).status_code in {200, 302}, path
    assert rows() == before


def test_another_site_can_do_nothing(desk: Visitor, maren: Practitioner) -> None:
    request, appointment = factories.make_request(), make_appointment(maren, at_ten())
    strict = Visitor(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    before = rows()
    for path in every_address(request, appointment, maren):
        assert strict.post(path, {**time_form(maren), "confirmed": "1"}).status_code == 403, path
    assert rows() == before


def test_what_people_write_is_text_everywhere(desk: Visitor, maren: Practitioner) -> None:
    Service.objects.update(name=HOSTILE)
    Practitioner.objects.update(name=HOSTILE)
    Location.objects.update(name=HOSTILE)
    Closure.objects.create(name=HOSTILE, starts_on=TUESDAY, ends_on=TUESDAY)
    people = {"name": HOSTILE, "message": HOSTILE, "phone": HOSTILE[:32], "staff_note": HOSTILE}
    request = factories.make_request(service=maren.services.get(), practitioner=maren, **people)
    maren.refresh_from_db()
    appointment = make_appointment(maren, at_ten(), request=request, **people)
    pages = [desk.get(path) for path in every_address(request, appointment, maren)]
    pages += [desk.get("/admin/"), desk.get("/admin/reception/diary/?day=2027-03-02")]
    pages += [desk.get("/admin/reception/why/", {**time_form(maren), "time": "20:00"})]
    pages += [desk.post(address("appointment_cancel", appointment))]
    pages += [desk.post("/admin/reception/phone/", phone_form(maren, name=HOSTILE, note=HOSTILE))]
    for page in pages:
        assert "<script>alert(1)" not in page.content.decode()
        assert "14" not in re.findall(r"\D(14)\D*alert", page.content.decode())
    assert sum("&lt;script&gt;alert(1)" in page.content.decode() for page in pages) >= 6


def test_the_group_does_its_work_and_nothing_else(desk: Visitor, maren: Practitioner) -> None:
    rule = OpeningRule.objects.first()
    assert rule
    allowed = [
        "/admin/",
        "/admin/reception/",
        "/admin/snippets/booking/closure/",
        "/admin/snippets/booking/closure/add/",
        f"/admin/snippets/booking/openingrule/edit/{rule.pk}/",
    ]
    assert {path: desk.get(path).status_code for path in allowed} == dict.fromkeys(allowed, 200)
    form = {"name": "Course", "starts_on": "2027-03-09", "ends_on": "2027-03-10", "practitioner": str(maren.pk)}
    assert desk.post("/admin/snippets/booking/closure/add/", form).status_code == 302
    assert Closure.objects.get().practitioner == maren
    page = factories.make_page()
    refused = [
        f"/admin/pages/{page.pk}/edit/",
        "/admin/users/",
        "/admin/groups/",
        "/admin/snippets/booking/service/add/",
        "/admin/snippets/booking/practitioner/add/",
        "/admin/snippets/booking/consenttext/add/",
        "/admin/snippets/blog/readercomment/",
        reverse("wagtailsettings:edit", args=["booking", "bookingsettings"]),
        reverse("booking_feed_of", args=[maren.pk]),
    ]
    found = {path: desk.get(path).status_code for path in refused}
    assert {path for path, status in found.items() if status not in {302, 403, 404}} == set()


def test_the_log_speaks_in_words_and_of_nobody(desk: Visitor, maren: Practitioner) -> None:
    request = factories.make_request(name="Quentin", message="My zebra")
    desk.post(address("request_hold", request))
    desk.post(address("request_release", request))
    both_steps(desk, address("request_propose", request), time_form(maren))
    appointment = Appointment.objects.get()
    both_steps(desk, address("appointment_move", appointment), {"day": "2027-03-03", "time": "11:00"})
    both_steps(desk, address("appointment_cancel", appointment))
    both_steps(desk, address("request_erase", request))
    words = " ".join(f"{entry.label} {entry.data} {entry.message}" for entry in ModelLogEntry.objects.all())
    for message in (
        "Legal hold set",
        "Legal hold lifted",
        "Request answered: contacted",
        "Appointment made",
        "Appointment moved",
        "Appointment cancelled",
        "Erased: the consent was taken back",
    ):
        assert message in words
    assert [word for word in ("Quentin", "zebra", "ada@") if word in words] == []
