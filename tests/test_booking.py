"""Asking for an appointment: what is offered, what is taken, what is refused, and who may read it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import get_resolver
from django.utils import timezone
from wagtail.models import Page

from booking.models import AppointmentRequest, ConsentText, Practitioner, Service
from booking.offer import REFERENCE_ALPHABET
from outbox.models import Message
from tests import factories
from tests.conftest import Visitor, fetch_ticket

OPTIONS = "/api/v1/booking/options/"
REQUESTS = "/api/v1/booking/requests/"
TICKET = "/api/v1/forms/booking/ticket/"


def on(number: int) -> str:
    """The day that many days from now, as the API writes it."""
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def consent() -> dict[str, Any]:
    return {"version": str(ConsentText.objects.latest("version").version), "given": True}


def send(visitor: Visitor, **fields: Any) -> Any:
    body = {"ticket": fetch_ticket(TICKET)["ticket"], "name": "Ada", "email": "ada@visitor.example"}
    # `None` leaves a field out.
    body = {name: value for name, value in (body | {"consent": consent()} | fields).items() if value is not None}
    return visitor.send("POST", REQUESTS, body)


@pytest.fixture(autouse=True)
def no_proof(site: Page) -> None:
    factories.ask_no_proof()


@pytest.fixture
def service(site: Page) -> Service:
    return factories.make_service(name="Running assessment")


@pytest.fixture
def practitioner(service: Service) -> Practitioner:
    return factories.make_practitioner(services=[service])


# What is offered


def test_the_options_say_everything_the_form_needs(practitioner: Practitioner, visitor: Visitor) -> None:
    factories.make_settings(street="14 Tern Street", locality="Aldermere", postal_code="AM4 2TS")
    data = visitor.get(OPTIONS).json()
    (service,) = data["services"]
    assert (service["name"], service["booking"], service["duration_minutes"]) == ("Running assessment", "ask", 45)
    (person,) = data["practitioners"]
    assert (person["name"], person["services"]) == ("Maren Holt", [service["id"]])
    assert data["places"] == [{"name": "Tern Street Clinic", "address": "14 Tern Street, Aldermere, AM4 2TS"}]
    assert [part["key"] for part in data["parts"]] == ["morning", "afternoon", "evening"]
    assert (data["first_date"], data["last_date"]) == (on(1), on(60))
    assert data["consent"]["version"] == consent()["version"]
    assert "health" in data["consent"]["text"]


def test_what_is_not_offered_is_not_named(site: Page, visitor: Visitor) -> None:
    factories.make_service(is_offered=False)
    factories.make_practitioner(is_active=False)
    data = visitor.get(OPTIONS).json()
    assert (data["services"], data["practitioners"]) == ([], [])


def test_a_person_names_no_service_that_is_not_offered(site: Page, visitor: Visitor) -> None:
    gone = factories.make_service(is_offered=False)
    factories.make_practitioner(services=[gone])
    (person,) = visitor.get(OPTIONS).json()["practitioners"]
    assert person["services"] == []


def test_services_stand_in_the_clinics_order(site: Page, visitor: Visitor) -> None:
    for name, place in (("B", 1), ("A", 2)):
        factories.make_service(name=name, sort_order=place)
    assert [service["name"] for service in visitor.get(OPTIONS).json()["services"]] == ["B", "A"]


# What is taken


def test_a_request_is_stored_and_answered_with_a_reference(practitioner: Practitioner, visitor: Visitor) -> None:
    service = practitioner.services.get()
    wishes = [{"date": on(3), "part": "morning"}, {"date": on(4), "part": "evening"}]
    answer = send(
        visitor,
        service=str(service.pk),
        practitioner=str(practitioner.pk),
        preferences=wishes,
        phone="01632 960 214",
        message="Line one\nLine two",
    )
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    request = AppointmentRequest.objects.get()
    assert answer.json() == {"reference": request.reference, "status": "new"}
    assert (request.service, request.practitioner, request.preferences) == (service, practitioner, wishes)
    assert (request.name, request.email, request.phone) == ("Ada", "ada@visitor.example", "+44 1632 960214")
    assert request.message == "Line one\nLine two"
    assert str(request.consent.version) == consent()["version"]


def test_a_name_and_an_address_are_enough(site: Page, visitor: Visitor) -> None:
    assert send(visitor).status_code == 201
    request = AppointmentRequest.objects.get()
    assert (request.service, request.practitioner, request.preferences, request.phone) == (None, None, [], "")


def test_a_reference_can_be_read_over_the_phone(site: Page, visitor: Visitor) -> None:
    references = {send(visitor).json()["reference"] for _ in range(3)}
    assert len(references) == 3
    assert all(len(reference) == 8 and set(reference) <= set(REFERENCE_ALPHABET) for reference in references)


def test_two_mails_are_queued_with_the_request(site: Page, visitor: Visitor) -> None:
    send(visitor)
    request = AppointmentRequest.objects.get()
    assert sorted(Message.objects.values_list("kind", flat=True)) == ["booking.received", "booking.waiting"]
    assert all(message.context == {"request": str(request.pk)} for message in Message.objects.all())


# What is refused


@pytest.mark.parametrize(
    "wishes",
    [
        [{"date": 0, "part": "morning"}],
        [{"date": -1, "part": "morning"}],
        [{"date": 61, "part": "morning"}],
        [{"date": 3, "part": "night"}],
        [{"date": 3}],
        [{"part": "morning"}],
        [{"date": 3, "part": "morning", "hour": 9}],
        [{"date": 3, "part": "morning"}] * 4,
        {"date": 3, "part": "morning"},
        ["tomorrow"],
        "tomorrow",
    ],
    ids=lambda wishes: str(wishes)[:45],
)
def test_wishes_that_cannot_be_met_are_refused(wishes: Any, site: Page, visitor: Visitor) -> None:
    if isinstance(wishes, list):
        wishes = [
            wish | {"date": on(wish["date"])} if isinstance(wish, dict) and "date" in wish else wish for wish in wishes
        ]
    answer = send(visitor, preferences=wishes)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["preferences"]
    assert not AppointmentRequest.objects.exists()


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize("write", [lambda day: day.translate(ARABIC), lambda day: f"{day}T09:00"])
def test_day_is_written_in_plain_digits_and_without_a_time(write: Any, site: Page, visitor: Visitor) -> None:
    answer = send(visitor, preferences=[{"date": write(on(3)), "part": "morning"}])
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["preferences"])


@pytest.mark.parametrize(
    "day", ["2027-02-30", "9999-12-31", "0001-01-01", "", None, 20270303, "9" * 10_000], ids=lambda day: str(day)[:12]
)
def test_day_that_is_none_is_refused(day: Any, site: Page, visitor: Visitor) -> None:
    answer = send(visitor, preferences=[{"date": day, "part": "morning"}])
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["preferences"])
    assert not AppointmentRequest.objects.exists()


@pytest.mark.parametrize("number", [1, 60])
def test_the_first_and_the_last_day_can_be_asked_for(number: int, site: Page, visitor: Visitor) -> None:
    assert send(visitor, preferences=[{"date": on(number), "part": "morning"}] * 3).status_code == 201


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("01632 960 214", "+44 1632 960214"),
        ("(01632) 960-214", "+44 1632 960214"),
        ("+44 1632 960214", "+44 1632 960214"),
        ("0044 1632 960214", "+44 1632 960214"),
        ("+49 30 901820", "+49 30 901820"),
        ("", ""),
    ],
)
def test_phone_numbers_are_read_as_people_write_them(typed: str, stored: str, site: Page, visitor: Visitor) -> None:
    assert send(visitor, phone=typed).status_code == 201
    assert AppointmentRequest.objects.get().phone == stored


@pytest.mark.parametrize("phone", ["call me", "12", "+999999999999999999", "0" * 33])
def test_what_is_no_phone_number_is_refused(phone: str, site: Page, visitor: Visitor) -> None:
    answer = send(visitor, phone=phone)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["phone"])


@pytest.mark.parametrize(
    "given",
    [None, {}, {"given": True}, {"version": "1"}, {"version": "1", "given": False}, "yes", True],
    ids=str,
)
def test_without_consent_nothing_is_stored(given: Any, site: Page, visitor: Visitor) -> None:
    if isinstance(given, dict) and "version" in given:
        given = given | {"version": consent()["version"]}
    answer = send(visitor, consent=given)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["consent"]
    assert not AppointmentRequest.objects.exists()


@pytest.mark.parametrize("version", ["0", "999", "latest"])
def test_consent_to_another_text_is_a_conflict(version: str, site: Page, visitor: Visitor) -> None:
    answer = send(visitor, consent={"version": version, "given": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_outdated")


def test_consent_to_yesterdays_text_is_a_conflict(site: Page, visitor: Visitor) -> None:
    old = consent()
    ConsentText.objects.create(text="Something else.")
    assert send(visitor, consent=old).status_code == 409
    assert send(visitor).status_code == 201


def test_a_person_must_offer_the_service(service: Service, visitor: Visitor) -> None:
    other = factories.make_practitioner()
    answer = send(visitor, service=str(service.pk), practitioner=str(other.pk))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["practitioner"])


@pytest.mark.parametrize("field", ["service", "practitioner"])
def test_what_is_not_offered_cannot_be_asked_for(field: str, site: Page, visitor: Visitor) -> None:
    hidden = {
        "service": factories.make_service(is_offered=False),
        "practitioner": factories.make_practitioner(is_active=False),
    }[field]
    answers = [send(visitor, **{field: str(pk)}) for pk in (hidden.pk, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert [list(answer.json()["errors"]) for answer in answers] == [[field], [field]]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Ada\nBcc: x"}, "name"),
        ({"email": "ada"}, "email"),
        ({"email": "ada@visitor.example\nBcc: b@b.example"}, "email"),
        ({"message": "x" * 1001}, "message"),
        ({"service": "all"}, "service"),
        ({"status": "confirmed"}, "status"),
        ({"reference": "AAAAAAAA"}, "reference"),
        ({"staff_note": "x"}, "staff_note"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], wrong: str, site: Page, visitor: Visitor) -> None:
    answer = send(visitor, **fields)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [wrong])
    assert not AppointmentRequest.objects.exists()
    assert not Message.objects.exists()


# Who may read it


def test_no_route_reads_a_request(site: Page, visitor: Visitor) -> None:
    request = factories.make_request(name="Quentin", message="My zebra")
    for path in (REQUESTS, f"{REQUESTS}{request.pk}/", f"{REQUESTS}{request.reference}/", "/book/received/"):
        for method in ("get", "put", "patch", "delete"):
            answer = getattr(visitor, method)(path)
            assert answer.status_code in {200, 404, 405}, path
            assert "Quentin" not in answer.content.decode()
            assert "zebra" not in answer.content.decode()
    assert visitor.get(REQUESTS).status_code == 405
    assert AppointmentRequest.objects.count() == 1


def test_requests_and_appointments_have_no_route_of_their_own() -> None:
    """No path takes an id: what was asked for and booked is opened with a key, or by nobody."""
    (api,) = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "api/v1/"]
    nested = [pattern for group in api.url_patterns for pattern in getattr(group, "url_patterns", [group])]
    paths = {str(pattern.pattern) for pattern in nested if str(pattern.pattern).startswith("booking/")}
    keys = {f"booking/manage/{action}" for action in ("", "accept/", "calendar/", "cancel/", "erase/", "move/")}
    assert paths == {"booking/options/", "booking/slots/", "booking/appointments/", "booking/requests/"} | keys


def test_an_answer_repeats_nothing_of_what_was_sent(site: Page, visitor: Visitor) -> None:
    answer = send(visitor, name="Quentin", message="My zebra")
    assert set(answer.json()) == {"reference", "status"}


# Without JavaScript


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the page to check, as a browser sends them back."""
    form = re.search(r'<form class="form" method="post".*?</form>', page, re.DOTALL)
    assert form
    inputs = re.findall(r'<input [^>]*?name="([^"]+)"(?: value="([^"]*)")?', form[0])
    return {name: unescape(value) for name, value in inputs}


def typed(**fields: str) -> dict[str, str]:
    plain = {"name": "Ada <3", "email": "ada@visitor.example", "message": 'Quotes " & <b>', "phone": "01632 960 214"}
    return plain | {"date_1": on(3), "part_1": "morning", "consent": consent()["version"], **fields}


def test_booking_without_javascript(practitioner: Practitioner, visitor: Visitor, time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    factories.make_settings(street="14 Tern Street")
    form = visitor.get("/book/").content.decode()
    service = practitioner.services.get()
    assert f'value="{service.pk}"' in form
    assert re.search(r'name="ticket" value=""', form)
    sent = typed(service=str(service.pk), practitioner=str(practitioner.pk))
    check = visitor.post("/book/", sent)
    page = check.content.decode()
    assert check.status_code == 200
    assert "no-store" in check["Cache-Control"]
    assert "Check what you ask for" in page
    assert "Running assessment" in page
    assert "Ada &lt;3" in page
    assert not AppointmentRequest.objects.exists()
    fields = fields_of(page)
    assert {name: fields[name] for name in sent} == sent
    time_machine.shift(4)
    taken = visitor.post("/book/", fields)
    assert (taken.status_code, taken["Location"]) == (303, "/book/received/")
    received = visitor.get(taken["Location"]).content.decode()
    assert "we have your request" in received
    assert "14 Tern Street" in received
    request = AppointmentRequest.objects.get()
    assert (request.name, request.message, request.service) == (sent["name"], sent["message"], service)
    assert request.preferences == [{"date": on(3), "part": "morning"}]


def test_sending_the_check_page_twice_asks_once(site: Page, visitor: Visitor, time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    fields = fields_of(visitor.post("/book/", typed()).content.decode())
    time_machine.shift(4)
    assert visitor.post("/book/", fields).status_code == 303
    assert visitor.post("/book/", fields).status_code == 400
    assert AppointmentRequest.objects.count() == 1


def test_a_form_with_mistakes_keeps_what_was_typed(practitioner: Practitioner, visitor: Visitor) -> None:
    service = practitioner.services.get()
    answer = visitor.post("/book/", typed(name="", consent="", service=str(service.pk)))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert '<a href="#name">Enter your name.</a>' in page
    assert '<a href="#consent">' in page
    assert 'value="ada@visitor.example"' in page
    assert "Quotes &quot; &amp; &lt;b&gt;</textarea>" in page
    assert f'value="{on(3)}"' in page
    assert re.search(rf'value="{service.pk}"[^>]* checked', page)
    assert "<title>Error: " in page
    assert not AppointmentRequest.objects.exists()


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"email": "ada"}, "#email"),
        ({"phone": "call me"}, "#phone"),
        ({"date_1": "2020-01-01"}, "#preferences"),
        ({"date_1": "soon"}, "#preferences"),
        ({"service": "all"}, "#service"),
    ],
    ids=str,
)
def test_mistakes_that_the_api_finds_are_shown_by_their_field(
    fields: dict[str, str], link: str, site: Page, visitor: Visitor
) -> None:
    answer = visitor.post("/book/", typed(**fields) | {"ticket": fetch_ticket(TICKET)["ticket"]})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'<a href="{link}">' in page
    assert "Ada &lt;3" in page
    assert not AppointmentRequest.objects.exists()


def test_an_outdated_text_is_shown_anew(site: Page, visitor: Visitor) -> None:
    sent = typed() | {"ticket": fetch_ticket(TICKET)["ticket"]}
    ConsentText.objects.create(text="Something quite different.")
    answer = visitor.post("/book/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "has changed" in page
    assert "Something quite different." in page
    assert "Ada &lt;3" in page


def test_the_check_page_can_be_left_to_change_something(site: Page, visitor: Visitor) -> None:
    fields = fields_of(visitor.post("/book/", typed()).content.decode())
    page = visitor.post("/book/", fields | {"change": "1"}).content.decode()
    assert "Quotes &quot; &amp; &lt;b&gt;</textarea>" in page
    assert "Check what you ask for" not in page


def test_a_filled_trap_is_taken_quietly(site: Page, visitor: Visitor) -> None:
    ticket = fetch_ticket(TICKET)
    answer = visitor.post("/book/", typed() | {"ticket": ticket["ticket"], ticket["honeypot"]: "https://spam.example/"})
    assert answer.status_code == 303
    assert AppointmentRequest.objects.get().status == "suspected"
    assert not Message.objects.exists()
