"""Booking as somebody without JavaScript does it: pages read, forms filled in and sent, nothing else."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest

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
from booking.tokens import manage_token
from tests import factories
from tests.conftest import Visitor

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
MANAGE = "/book/manage/"
PERSON = {"name": "Ada <3", "email": "ada@visitor.example", "phone": "01632 960 214", "message": "Sagittal wombat"}


class Page(HTMLParser):
    """The forms of a page: what each would send, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.forms, self._select = html, [], ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append({"action": given.get("action"), "fields": {}, "buttons": [], "options": {}})
        elif self.forms and tag in {"input", "textarea", "select", "option", "button"}:
            self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        form, name, value = self.forms[-1], given.get("name", ""), given.get("value", "")
        if tag == "button":
            form["buttons"].append((name, value))
        elif tag == "select":
            self._select = name
        elif tag == "option":
            first = form["fields"].setdefault(self._select, value)
            form["fields"][self._select] = value if "selected" in given else first
        elif given.get("type") in {"radio", "checkbox"}:
            form["options"].setdefault(name, []).append(value)
            if "checked" in given:
                form["fields"][name] = value
        else:
            form["fields"][name] = value

    def form(self, **hidden: str) -> dict[str, Any]:
        """The form with these values in its fields."""
        return next(form for form in self.forms if hidden.items() <= form["fields"].items())

    @property
    def booking(self) -> dict[str, Any]:
        return next(form for form in self.forms if form["action"] == "/book/")


class Guest(Visitor):
    """Somebody who fills in and presses."""

    def read(self, response: Any, status: int = 200) -> Page:
        assert response.status_code == status, response.content.decode()[:2000]
        return Page(response.content.decode())

    def book(self, page: Page, status: int = 200, **typed: str) -> Page:
        return self.read(self.post("/book/", page.booking["fields"] | typed), status)

    def manage(self, token: str, action: str = "", status: int = 200, **fields: str) -> Page:
        return self.read(self.post(MANAGE, {"token": token, "action": action, **fields}), status)


@pytest.fixture
def guest() -> Guest:
    return Guest()


@pytest.fixture
def clock(time_machine: Any) -> Any:
    """Monday morning, and it stands still until a test moves it."""
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def practitioner(site: Any, clock: Any, transport: str) -> Practitioner:
    """Somebody who is there on weekdays from 9 to 12, and does one thing with live times and one without."""
    factories.make_settings(phone="01632 960 200", country="GB")
    live = factories.make_service(name="Podiatry", slug="podiatry", booking=Service.Booking.LIVE, price="54.00")
    asked = factories.make_service(name="Running assessment", slug="running")
    practitioner = factories.make_practitioner(services=[live, asked])
    place = Location.objects.create(name="Tern Street", address="14 Tern Street, Aldermere", directions="Green door.")
    for weekday in range(5):
        OpeningRule.objects.create(
            practitioner=practitioner, location=place, weekday=weekday, starts=time(9), ends=time(12)
        )
    return practitioner


@pytest.fixture
def service(practitioner: Practitioner) -> Service:
    return Service.objects.get(slug="podiatry")


def person(**fields: str) -> dict[str, str]:
    return PERSON | {"consent": str(ConsentText.objects.latest("version").version)} | fields


def times(page: Page) -> list[str]:
    return list(page.booking["options"].get("slot", []))


def headings(page: Page) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r"<h1>(.*?)</h1>", page.html, re.DOTALL)]


def make_appointment(service: Service, **fields: Any) -> Appointment:
    starts = MONDAY + timedelta(days=2, hours=1)
    defaults = {
        "service": service,
        "practitioner": service.practitioners.get(),
        "location": Location.objects.get(),
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=service.duration_minutes),
        "name": "Ada",
        "email": "ada@visitor.example",
    }
    return Appointment.objects.create(**(defaults | fields))


# --- What and when ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("practitioner")
def test_first_page_offers_everything_and_no_times(guest: Guest) -> None:
    page = guest.read(guest.get("/book/"))
    assert "Podiatry" in page.html
    assert "45 minutes, £54" in page.html
    assert times(page) == []
    assert "date_1" in page.booking["fields"]


@pytest.mark.parametrize("query", ["?service=podiatry", "?service={id}"])
def test_link_from_a_service_starts_with_its_free_times(query: str, service: Service, guest: Guest) -> None:
    answer = guest.get(f"/book/{query.format(id=service.pk)}")
    page = guest.read(answer)
    assert page.booking["fields"]["service"] == str(service.pk)
    assert "Tuesday 2 March" in page.html
    assert page.html.count("Europe/London") == 1
    assert ">9:00<" in page.html
    assert len(times(page)) == 15  # three of each morning
    assert "date_1" not in page.booking["fields"]


@pytest.mark.usefixtures("practitioner")
def test_link_from_a_service_without_times_starts_with_half_days(guest: Guest) -> None:
    page = guest.read(guest.get("/book/?service=running"))
    assert times(page) == []
    assert "date_1" in page.booking["fields"]
    assert "Running assessment" in page.html


def test_page_with_times_is_everyones_and_is_kept_as_long_as_they_are(service: Service) -> None:
    first, second = Visitor(), Visitor(HTTP_COOKIE="session=x", HTTP_ACCEPT_LANGUAGE="de", REMOTE_ADDR="203.0.113.9")
    one, two = (visitor.get("/book/?service=podiatry") for visitor in (first, second))
    assert one.content == two.content
    assert one["Cache-Control"] == two["Cache-Control"] == "public, max-age=30"
    assert "booking" in one["Cache-Tag"].split(",")
    assert not one.cookies
    assert Visitor().get("/book/?service=running")["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_nothing_of_a_person_is_taken_from_an_address(service: Service, guest: Guest) -> None:
    page = guest.read(guest.get("/book/?service=podiatry&name=Mallory&email=m@x.example&consent=1&slot=x"))
    assert "Mallory" not in page.html
    assert "consent" not in page.booking["fields"]


def test_days_are_leafed_through_with_everything_typed(service: Service, guest: Guest) -> None:
    first = guest.read(guest.get("/book/?service=podiatry"))
    later = dict(first.booking["buttons"])["later"]
    typed = person(slot=times(first)[0], later=later)
    second = guest.book(first, **typed)
    assert "Tuesday 9 March" in second.html
    assert 'value="Ada &lt;3"' in second.html
    assert "Your choice so far" in second.html
    assert second.booking["fields"]["slot"] == times(first)[0]
    back = guest.book(second, earlier=dict(second.booking["buttons"])["earlier"])
    assert times(back) == times(first)
    assert back.booking["fields"]["email"] == PERSON["email"]
    assert "earlier" not in dict(back.booking["buttons"])


def test_who_likes_none_of_the_times_asks_first(service: Service, guest: Guest, clock: Any) -> None:
    page = guest.read(guest.get("/book/?service=podiatry"))
    asking = guest.book(page, **person(none="1"))
    assert times(asking) == []
    check = guest.book(asking, **person(date_1="2027-03-04", part_1="evening"))
    assert "Thursday 4 March, evening" in check.html
    clock.shift(4)
    sent = guest.post("/book/", check.booking["fields"])
    assert (sent.status_code, sent["Location"]) == (303, "/book/received/")
    request = AppointmentRequest.objects.get()
    assert (request.service, request.preferences) == (service, [{"date": "2027-03-04", "part": "evening"}])


@pytest.mark.parametrize(
    "typed", ["2027-02-30", "tomorrow", "0001-01-01", "9999-12-31", "2027-03-04T09:00", "2" * 9999]
)
def test_wished_day_that_is_none_is_named_on_the_form(typed: str, service: Service, guest: Guest, clock: Any) -> None:
    page = guest.read(guest.get("/book/?service=podiatry"))
    check = guest.book(guest.book(page, **person(none="1")), **person(date_1=typed, part_1="evening"))
    assert headings(check) == ["Check what you ask for"]
    clock.shift(4)
    again = guest.book(check, 400)
    assert again.booking["fields"]["date_1"] == typed
    assert not AppointmentRequest.objects.exists()


def test_chosen_service_shows_its_times_before_anything_is_sent(service: Service, guest: Guest) -> None:
    page = guest.read(guest.get("/book/"))
    for pressed in ({"show": "1"}, person()):
        shown = guest.book(page, service=str(service.pk), **pressed)
        assert len(times(shown)) == 15
        assert "There is a problem" not in shown.html


@pytest.mark.parametrize("later", ["practitioner", "service"])
def test_what_is_chosen_after_the_times_shows_its_own(
    later: str, service: Service, practitioner: Practitioner, guest: Guest
) -> None:
    other = factories.make_service(name="Follow-up visit", booking=Service.Booking.LIVE)
    practitioner.services.add(other)
    page = guest.read(guest.get("/book/?service=podiatry"))
    changed = {"practitioner": str(practitioner.pk), "service": str(other.pk)}[later]
    shown = guest.book(page, **person(slot=times(page)[0], **{later: changed}))
    assert "There is a problem" not in shown.html
    assert len(times(shown)) == 15
    assert not set(times(shown)) & set(times(page))
    assert "slot" not in shown.booking["fields"]
    assert headings(guest.book(shown, slot=times(shown)[0])) == ["Check your appointment"]


def test_no_free_time_leads_to_asking_and_to_the_phone(service: Service, guest: Guest) -> None:
    OpeningRule.objects.all().delete()
    page = guest.read(guest.get("/book/?service=podiatry"))
    assert "No time is free online" in page.html
    assert "date_1" in page.booking["fields"]
    assert page.html.count("01632 960 200") >= 2


def test_first_free_day_is_found_however_far_it_is(service: Service, guest: Guest) -> None:
    OpeningRule.objects.update(valid_from="2027-04-12")
    page = guest.read(guest.get("/book/?service=podiatry"))
    assert "Monday 12 April" in page.html


def test_times_are_of_whoever_was_asked_for(service: Service, practitioner: Practitioner, guest: Guest) -> None:
    other = factories.make_practitioner(name="Idris Vaughan", services=[service])
    page = guest.read(guest.get(f"/book/?service=podiatry&practitioner={other.pk}"))
    assert "No time is free online" in page.html
    page = guest.read(guest.get(f"/book/?service=podiatry&practitioner={practitioner.pk}"))
    assert len(times(page)) == 15
    assert "with Maren Holt" in page.html


def test_who_does_not_offer_the_service_is_named_as_the_mistake(service: Service, guest: Guest) -> None:
    other = factories.make_practitioner(name="Idris Vaughan")
    answer = guest.get(f"/book/?service=podiatry&practitioner={other.pk}")
    page = guest.read(answer, 400)
    assert 'href="#practitioner"' in page.html
    assert "This person does not offer that service." in page.html


@pytest.mark.parametrize("turn", ["later=2027-02-30", "earlier=x", "from=9999-12-31", "later=0001-01-01", "earlier=٢"])
def test_day_that_is_none_breaks_nothing(turn: str, service: Service, guest: Guest) -> None:
    assert times(guest.read(guest.get(f"/book/?service=podiatry&{turn}")))


def test_two_places_are_told_apart(service: Service, practitioner: Practitioner, guest: Guest) -> None:
    harbour = Location.objects.create(name="Harbour", address="2 Quay")
    OpeningRule.objects.filter(weekday=1).update(location=harbour)
    html = guest.get("/book/?service=podiatry").text
    assert '<span class="time-place">Harbour</span>' in html
    assert '<span class="time-place">Tern Street</span>' in html


def test_one_place_is_not_repeated(service: Service, guest: Guest) -> None:
    assert "time-place" not in guest.get("/book/?service=podiatry").text


# --- Who, and sending it ---------------------------------------------------------------------------------------------


def to_check(guest: Guest, place: int = 0, **fields: str) -> Page:
    page = guest.read(guest.get("/book/?service=podiatry"))
    return guest.book(page, **person(slot=times(page)[place], **fields))


def test_time_is_checked_and_booked(service: Service, guest: Guest, clock: Any) -> None:
    check = to_check(guest)
    assert headings(check) == ["Check your appointment"]
    assert "Tuesday 2 March, 9:00" in check.html
    assert not Appointment.objects.exists()
    clock.shift(4)
    answer = guest.post("/book/", check.booking["fields"])
    page = guest.read(answer)
    appointment = Appointment.objects.get()
    assert headings(page) == ["You have an appointment"]
    assert answer["Cache-Control"] == "private, no-store"
    for words in (
        "Podiatry",
        "Maren Holt",
        "Tuesday 2 March, 9:00–9:45",
        "Europe/London",
        "14 Tern Street",
        "Green door.",
        appointment.reference,
        "ada@visitor.example",
        f'href="/book/manage/#{manage_token(appointment)}"',
    ):
        assert words in page.html, words
    assert "Sagittal" not in page.html
    assert (appointment.name, appointment.phone) == ("Ada <3", "+44 1632 960214")
    assert appointment.starts_at == datetime(2027, 3, 2, 9, tzinfo=UTC)


def test_loading_the_answer_again_books_nothing(service: Service, guest: Guest, clock: Any) -> None:
    check = to_check(guest)
    clock.shift(4)
    guest.post("/book/", check.booking["fields"])
    again = guest.post("/book/", check.booking["fields"])
    page = guest.read(again, 400)
    assert headings(page) == ["We have this already"]
    assert "ada@visitor.example" in page.html
    assert again["Cache-Control"] == "private, no-store"
    assert Appointment.objects.count() == 1


def test_time_that_was_just_taken_leaves_three_others(service: Service, guest: Guest, clock: Any) -> None:
    slow, quick = to_check(guest), to_check(Guest(REMOTE_ADDR="198.51.100.7"))
    clock.shift(4)
    guest.read(Guest(REMOTE_ADDR="198.51.100.7").post("/book/", quick.booking["fields"]))
    page = guest.read(guest.post("/book/", slow.booking["fields"]), 409)
    assert "This time has just been taken." in page.html
    assert "Free instead" in page.html
    taken = slow.booking["fields"]["slot"]
    assert taken not in times(page)
    assert "slot" not in page.booking["fields"]
    kept = {name: page.booking["fields"][name] for name in ("name", "email", "phone")}
    assert kept == {name: PERSON[name] for name in kept}
    assert "Sagittal wombat</textarea>" in page.html
    ticket = page.booking["fields"]["ticket"]
    assert ticket not in {"", slow.booking["fields"]["ticket"]}
    clock.shift(4)
    done = guest.book(page, slot=times(page)[1], message=PERSON["message"])
    assert headings(done) == ["You have an appointment"]
    assert Appointment.objects.count() == 2


MISTAKES = [
    ({"slot": ""}, "slot_id"),
    ({"slot": "2027-03-02T09:00:00Z forged"}, "slot_id"),
    ({"slot": "nonsense"}, "slot_id"),
    ({"slot": "0001-01-01T00:00:00Z forged"}, "slot_id"),
    ({"slot": "2027-03-02T9:00 forged"}, "slot_id"),
    ({"name": ""}, "name"),
    ({"email": "ada"}, "email"),
    ({"phone": "call me"}, "phone"),
    ({"message": "x" * 1001}, "message"),
    ({"consent": ""}, "consent"),
]


@pytest.mark.parametrize(("wrong", "field"), MISTAKES, ids=lambda value: str(value)[:30])
def test_mistake_is_named_and_the_rest_is_kept(
    wrong: dict[str, str], field: str, service: Service, guest: Guest, clock: Any
) -> None:
    check = to_check(guest)
    clock.shift(4)
    page = guest.book(check, 400, **wrong)
    assert f'href="#{field}"' in page.html
    assert f'id="{field}"' in page.html
    assert f'id="{field}-error"' in page.html
    assert "<title>Error: " in page.html
    kept = page.booking["fields"]
    for name in {"name", "email", "phone", "consent"} - {field}:
        assert kept[name] == check.booking["fields"][name], name
    if field != "slot_id":
        assert kept["slot"] == check.booking["fields"]["slot"]
    assert not Appointment.objects.exists()


def test_check_page_is_left_to_change_something(service: Service, guest: Guest) -> None:
    check = to_check(guest, 4)
    page = guest.book(check, change="1")
    assert page.booking["fields"]["slot"] == check.booking["fields"]["slot"]
    assert len(times(page)) == 15


def test_consent_is_never_given_beforehand(service: Service, guest: Guest) -> None:
    for path in ("/book/", "/book/?service=podiatry"):
        assert "consent" not in guest.read(guest.get(path)).booking["fields"]
    check = to_check(guest)
    ConsentText.objects.create(text="Something quite different.")
    page = guest.book(check, change="1")
    assert "Something quite different." in page.html
    assert "consent" not in page.booking["fields"]


def test_fields_help_whoever_types(service: Service, guest: Guest) -> None:
    html = guest.get("/book/?service=podiatry").text
    for words in (
        'autocomplete="name"',
        'autocomplete="email"',
        'inputmode="email"',
        'autocomplete="tel"',
        'inputmode="tel"',
    ):
        assert words in html, words
    assert "Please no medical details" in html


# --- One's own appointment -------------------------------------------------------------------------------------------


@pytest.fixture
def appointment(service: Service) -> Appointment:
    return make_appointment(service)


@pytest.fixture
def key(appointment: Appointment) -> str:
    return manage_token(appointment)


def test_page_of_an_appointment_is_everyones_until_a_key_opens_it(site: Any, transport: str) -> None:
    answer = Visitor().get(MANAGE)
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "strict-origin"
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "Paste the code from your mail" in answer.text
    assert "appointment." in answer.text  # the script that takes the key out of the address


def test_key_opens_the_appointment(appointment: Appointment, key: str, guest: Guest) -> None:
    answer = guest.post(MANAGE, {"token": key})
    page = guest.read(answer)
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "strict-origin"
    for words in ("Podiatry", "Wednesday 3 March, 9:00–9:45", "Europe/London", "14 Tern Street", "Green door."):
        assert words in page.html, words
    assert {form["fields"].get("action") for form in page.forms} >= {"move", "cancel", "calendar", "erase"}


@pytest.mark.parametrize("typed", ["{}", "  {}\n", "http://127.0.0.1:8000/book/manage/#{}", "#{}"])
def test_key_is_taken_as_people_paste_it(typed: str, key: str, guest: Guest) -> None:
    assert "Podiatry" in guest.manage(typed.format(f"{key[:20]}\n {key[20:]}")).html


@pytest.mark.parametrize("wrong", ["x", "x:y", "#", "\0", "a" * 5000, "ü:Ω"])
def test_wrong_key_opens_nothing(wrong: str, appointment: Appointment, guest: Guest) -> None:
    answer = guest.post(MANAGE, {"token": wrong})
    assert answer.status_code == (400 if wrong == "#" else 404)
    assert "Paste the code from your mail" in answer.text
    assert "Podiatry" not in answer.text
    assert answer["Cache-Control"] == "private, no-store"


def test_reading_changes_nothing(appointment: Appointment, key: str, guest: Guest) -> None:
    for action in ("accept", "cancel", "move", "erase", "calendar"):
        page = guest.read(guest.get(f"{MANAGE}?token={key}&action={action}&sure=1"))
        assert "Podiatry" not in page.html
    appointment.refresh_from_db()
    assert (appointment.status, appointment.sequence) == ("booked", 0)


def test_appointment_is_cancelled_after_a_question(appointment: Appointment, key: str, guest: Guest) -> None:
    asked = guest.manage(key, "cancel")
    appointment.refresh_from_db()
    assert appointment.status == "booked"
    sure = asked.form(action="cancel")
    assert ("sure", "1") in sure["buttons"]
    done = guest.manage(key, "cancel", sure="1")
    assert "It is cancelled." in done.html
    appointment.refresh_from_db()
    assert appointment.status == "cancelled"
    again = guest.manage(key, "cancel", 409, sure="1")
    assert "cancelled already" in again.html
    assert "nobody expects you" in again.html


def test_appointment_is_moved(appointment: Appointment, key: str, guest: Guest) -> None:
    choosing = guest.manage(key, "move")
    form = next(form for form in choosing.forms if "slot" in form["options"])
    assert len(form["options"]["slot"]) == 15
    fields = form["fields"] | {"slot": form["options"]["slot"][0], "sure": "1"}
    moved = guest.read(guest.post(MANAGE, fields))
    assert "It is moved." in moved.html
    assert "Tuesday 2 March, 9:00–9:45" in moved.html
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.sequence) == (datetime(2027, 3, 2, 9, tzinfo=UTC), 1)
    again = guest.read(guest.post(MANAGE, fields))
    assert "Tuesday 2 March, 9:00–9:45" in again.html
    appointment.refresh_from_db()
    assert appointment.sequence == 1


def test_moving_without_a_time_asks_for_one(appointment: Appointment, key: str, guest: Guest) -> None:
    page = guest.manage(key, "move", 400, sure="1")
    assert 'href="#slot_id"' in page.html
    later = next(value for form in page.forms for name, value in form["buttons"] if name == "later")
    assert "Tuesday 9 March" in guest.manage(key, "move", later=later).html


def test_moving_to_a_time_that_is_gone_keeps_the_old_one(appointment: Appointment, key: str, guest: Guest) -> None:
    form = next(form for form in guest.manage(key, "move").forms if "slot" in form["options"])
    OpeningRule.objects.filter(weekday=1).delete()
    page = guest.read(guest.post(MANAGE, form["fields"] | {"slot": form["options"]["slot"][0], "sure": "1"}), 409)
    assert "This time has just been taken." in page.html
    assert "Free instead" in page.html
    assert "Wednesday 3 March, 9:00–9:45" in page.html
    appointment.refresh_from_db()
    assert appointment.sequence == 0


def test_proposed_time_is_accepted(service: Service, guest: Guest) -> None:
    appointment = make_appointment(service, status=Appointment.Status.PROPOSED)
    key = manage_token(appointment)
    assert guest.manage(key).form(action="accept")
    assert "The time is yours." in guest.manage(key, "accept").html
    appointment.refresh_from_db()
    assert appointment.status == "booked"
    assert "not waiting for an answer" in guest.manage(key, "accept", 409).html


def test_appointment_goes_into_a_calendar(appointment: Appointment, key: str, guest: Guest) -> None:
    answer = guest.post(MANAGE, {"token": key, "action": "calendar"})
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{appointment.reference}.ics"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"DTSTART:20270303T090000Z" in answer.content


def test_consent_is_taken_back_after_a_question(appointment: Appointment, key: str, guest: Guest) -> None:
    guest.manage(key, "erase")
    appointment.refresh_from_db()
    assert appointment.name == "Ada"
    assert headings(guest.manage(key, "erase", sure="1")) == ["It is erased"]
    appointment.refresh_from_db()
    assert "Ada" not in {appointment.name, appointment.email}
    assert "opens no appointment" in guest.manage(key, "erase", 404, sure="1").html


def test_too_late_to_change_says_whom_to_phone(appointment: Appointment, key: str, guest: Guest) -> None:
    BookingSettings.objects.create(cancel_hours=72)
    page = guest.manage(key)
    assert "It is too near to be changed here." in page.html
    actions = {form["fields"].get("action") for form in page.forms}
    assert not {"move", "cancel"} & actions
    late = guest.manage(key, "cancel", 409, sure="1")
    assert "Please phone" in late.html
    appointment.refresh_from_db()
    assert appointment.status == "booked"


def test_appointment_that_was_asked_for_is_moved_by_asking(practitioner: Practitioner, guest: Guest) -> None:
    appointment = make_appointment(Service.objects.get(slug="running"))
    page = guest.manage(manage_token(appointment))
    assert "For another time, answer the mail or phone us." in page.html
    assert "move" not in {form["fields"].get("action") for form in page.forms}
    assert "Free instead" not in guest.manage(manage_token(appointment), "move").html


def test_key_sent_from_another_site_does_nothing(appointment: Appointment, key: str) -> None:
    elsewhere = Guest(HTTP_SEC_FETCH_SITE="cross-site")
    elsewhere.manage(key, "cancel", 403, sure="1")
    appointment.refresh_from_db()
    assert appointment.status == "booked"


def test_keys_are_not_tried_without_end(key: str, guest: Guest) -> None:
    statuses = [guest.post(MANAGE, {"token": "x:y"}).status_code for _ in range(25)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_key_and_words_are_in_no_address_and_no_log(
    service: Service, guest: Guest, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    check = to_check(guest)
    clock.shift(4)
    answers = [guest.post("/book/", check.booking["fields"])]
    appointment = Appointment.objects.get()
    key = manage_token(appointment)
    actions: list[Callable[[], Any]] = [
        lambda action=action: guest.post(MANAGE, {"token": key, "action": action})  # type: ignore[misc]
        for action in ("", "move", "cancel", "calendar", "erase", "accept")
    ]
    answers += [act() for act in actions]
    answers.append(guest.post(MANAGE, {"token": f"{key}x"}))
    for answer in answers:
        assert key not in unquote(str(answer.headers))
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', answer.text):
            assert key not in unquote(address.split("#")[0])
    for record in caplog.records:
        line = f"{record.getMessage()} {record.args}"
        assert key not in line
        assert "wombat" not in line
