"""Booking a free time, and what whoever holds the key of an appointment can do with it: over the API alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import signing

from booking.models import (
    Appointment,
    ConsentText,
    Location,
    OpeningRule,
    Practitioner,
    Service,
    SlotClaim,
)
from booking.tokens import manage_token
from guard.models import IdempotencyKey, RateEvent, SpentToken
from outbox.models import Message
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import (
    APPOINTMENTS_PATH,
    BOOKING_TICKET_PATH,
    MANAGE_PATH,
    book,
    filled_appointment,
    free_times,
    manage,
    slot_at,
    somebody,
)

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
NINE = datetime(2027, 3, 3, 9, tzinfo=UTC)
NEXT_DAY = datetime(2027, 3, 4, 9, tzinfo=UTC)
HALF_A_MINUTE = 31
ACTIONS = ["", "accept/", "calendar/", "cancel/", "erase/", "move/"]
PERSON = {"name": "Quillon Ashby", "email": "q@visitor.example", "phone": "01632 960 214", "message": "Zebrawort"}


@pytest.fixture(autouse=True)
def clock(site: Any, time_machine: Any) -> Any:
    """Monday morning, until a test moves it."""
    factories.ask_no_proof()
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def service() -> Service:
    return factories.make_live(name="Podiatry")


@pytest.fixture
def slot(service: Service) -> str:
    """The id of Wednesday at nine."""
    return slot_at(service, "2027-03-03T09:00")


@pytest.fixture
def appointment(service: Service) -> Appointment:
    """Somebody has Wednesday at nine."""
    return factories.make_appointment(service, NINE, **PERSON)


@pytest.fixture
def token(appointment: Appointment) -> str:
    return manage_token(appointment)


def stored() -> list[int]:
    """How much there is of everything that a booking leaves behind."""
    return [model.objects.count() for model in (Appointment, SlotClaim, Message, IdempotencyKey, SpentToken, RateEvent)]


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- A time is booked ------------------------------------------------------------------------------------------------


def test_booking_is_answered_with_a_reference_and_a_key(slot: str, service: Service) -> None:
    answer = book(slot, **PERSON)
    assert answer.status_code == 201, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    appointment = Appointment.objects.get()
    assert answer.json() == {
        "reference": appointment.reference,
        "status": "booked",
        "start": "2027-03-03T09:00:00Z",
        "end": "2027-03-03T10:00:00Z",
        "timezone": "Europe/London",
        "manage_token": manage_token(appointment),
    }
    assert (appointment.starts_at, appointment.ends_at) == (NINE, NINE + timedelta(hours=1))
    assert (appointment.name, appointment.email, appointment.message) == ("Quillon Ashby", PERSON["email"], "Zebrawort")
    assert appointment.phone == "+44 1632 960214"
    assert (appointment.practitioner, appointment.sequence) == (service.practitioners.get(), 0)
    assert appointment.consent == ConsentText.objects.first()


def test_booking_takes_its_minutes_and_those_after_it() -> None:
    service = factories.make_live(duration_minutes=45, buffer_minutes=10)
    assert book(slot_at(service, "2027-03-03T09:15")).status_code == 201
    taken = SlotClaim.objects.order_by("granule").values_list("granule", flat=True)
    start = int(NINE.timestamp()) // 300 + 3
    assert list(taken) == list(range(start, start + 11))


def test_price_is_the_one_of_the_day(service: Service) -> None:
    Service.objects.update(price="54.00")
    book(slot_at(service, "2027-03-03T09:00"))
    Service.objects.update(price="60.00")
    assert str(Appointment.objects.get().price) == "54.00"


def test_whoever_has_less_to_do_gets_the_visitor_to_whom_anybody_is_welcome() -> None:
    service = factories.make_live(practitioners=2)
    busy, idle = service.practitioners.all()
    factories.make_appointment(service, NINE + timedelta(hours=2), practitioner=busy)
    book(slot_at(service, "2027-03-03T09:00"))
    assert Appointment.objects.get(starts_at=NINE).practitioner == idle
    book(slot_at(service, "2027-03-03T09:00"))
    assert set(Appointment.objects.filter(starts_at=NINE).values_list("practitioner", flat=True)) == {busy.pk, idle.pk}
    assert error(book(slot_at(service, "2027-03-03T09:00"))) == (409, "slot_taken")


def test_whoever_was_asked_for_is_booked(clock: Any) -> None:
    service = factories.make_live(practitioners=2)
    wanted = service.practitioners.latest("pk")
    slot = slot_at(service, "2027-03-03T09:00", practitioner=str(wanted.pk))
    assert book(slot).status_code == 201
    assert Appointment.objects.get().practitioner == wanted
    assert error(book(slot)) == (409, "slot_taken")


def test_address_that_is_known_is_never_merged(service: Service) -> None:
    first = book(slot_at(service, "2027-03-03T09:00"), **PERSON).json()
    factories.make_request(**PERSON)
    second = book(slot_at(service, "2027-03-04T09:00"), name="Somebody Else", email=PERSON["email"].upper()).json()
    assert first["manage_token"] != second["manage_token"]
    rows = Appointment.objects.order_by("starts_at").values_list("name", "phone", "message")
    assert list(rows) == [("Quillon Ashby", "+44 1632 960214", "Zebrawort"), ("Somebody Else", "", "")]


@pytest.mark.parametrize(
    "name", ["=1+1", "@SUM(A1)", "<script>alert(1)</script>", "O’Brien-Şahin", "'; DROP TABLE x;--"]
)
def test_names_are_kept_as_they_are_typed(name: str, slot: str) -> None:
    assert book(slot, name=name).status_code == 201
    assert Appointment.objects.get().name == name


# --- Ids that are none of ours ---------------------------------------------------------------------------------------


def altered(slot: str) -> str:
    """Another time under the same signature."""
    value, _, signature = slot.rpartition(":")
    payload = signing.JSONSerializer().loads(signing.b64_decode(value.encode()))
    payload[0] += 900
    return f"{signing.b64_encode(signing.JSONSerializer().dumps(payload)).decode()}:{signature}"


FORGERIES: dict[str, Callable[[str, Appointment], Any]] = {
    "nothing": lambda slot, other: "",
    "null": lambda slot, other: None,
    "list": lambda slot, other: [slot],
    "number": lambda slot, other: 9,
    "word": lambda slot, other: "nine",
    "cut off": lambda slot, other: slot[:-1],
    "without its signature": lambda slot, other: slot.rpartition(":")[0],
    "twice": lambda slot, other: slot + slot,
    "another time": lambda slot, other: altered(slot),
    "another salt": lambda slot, other: signing.Signer(salt="booking.manage").sign_object([1, "a", "b", ""]),
    "another site": lambda slot, other: signing.Signer(key="theirs", salt="booking.slot").sign_object(
        [1, "a", "b", ""]
    ),
    "key": lambda slot, other: manage_token(other),
    "appointment": lambda slot, other: str(other.pk),
    "ticket": lambda slot, other: fetch_ticket(BOOKING_TICKET_PATH)["ticket"],
    "other digits": lambda slot, other: slot.replace("1", "١").replace("2", "٢"),
    "long": lambda slot, other: "9" * 10_000,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_id_that_was_not_given_out_is_refused(forge: Any, slot: str, service: Service) -> None:
    other = factories.make_appointment(service, NEXT_DAY)
    before = stored()
    answer = book(forge(slot, other))
    assert error(answer) == (400, "invalid")
    assert list(answer.json()["errors"]) == ["slot_id"]
    assert stored() == before


# --- Times that are gone ---------------------------------------------------------------------------------------------

GONE: dict[str, Callable[[Service, Any], Any]] = {
    "taken": lambda service, clock: factories.make_appointment(service, NINE),
    "partly taken": lambda service, clock: factories.make_appointment(service, NINE + timedelta(minutes=45)),
    "proposed": lambda service, clock: factories.make_appointment(service, NINE, status="proposed"),
    "past": lambda service, clock: clock.move_to(NINE + timedelta(seconds=1), tick=False),
    "long past": lambda service, clock: clock.move_to(NINE + timedelta(days=400), tick=False),
    "too soon": lambda service, clock: Service.objects.update(minimum_notice_hours=50),
    "too far": lambda service, clock: Service.objects.update(horizon_days=1),
    "without a rule": lambda service, clock: OpeningRule.objects.all().delete(),
    "rule is over": lambda service, clock: OpeningRule.objects.update(valid_to=date(2027, 3, 2)),
    "shorter hours": lambda service, clock: OpeningRule.objects.update(ends=time(9, 55)),
    "closed": lambda service, clock: factories.make_closure(NINE.date()),
    "closed at noon": lambda service, clock: factories.make_closure(
        NINE.date(), from_time=time(9, 55), to_time=time(13)
    ),
    "nobody active": lambda service, clock: Practitioner.objects.update(is_active=False),
    "nobody offers it": lambda service, clock: service.practitioners.clear(),
    "location closed down": lambda service, clock: Location.objects.update(is_active=False),
    "service withdrawn": lambda service, clock: Service.objects.update(is_offered=False),
    "service is asked for first": lambda service, clock: Service.objects.update(booking="ask"),
    "service deleted": lambda service, clock: Service.objects.all().delete(),
    "practitioner deleted": lambda service, clock: Practitioner.objects.all().delete(),
}


@pytest.mark.parametrize("whose", ["any", "one"])
@pytest.mark.parametrize("go", GONE.values(), ids=GONE)
def test_time_that_is_gone_is_not_booked(whose: str, go: Any, service: Service, clock: Any) -> None:
    asked = {"practitioner": str(service.practitioners.get().pk)} if whose == "one" else {}
    slot = slot_at(service, "2027-03-03T09:00", **asked)
    go(service, clock)
    before = stored()
    answer = book(slot)
    assert error(answer) in {(409, "slot_taken"), (400, "invalid")}
    assert stored() == before


def test_ticket_is_good_for_one_of_three_other_times(slot: str, service: Service) -> None:
    factories.make_appointment(service, NINE)
    sent = filled_appointment(slot, **PERSON)
    visitor = somebody()
    answer = visitor.send("POST", APPOINTMENTS_PATH, sent)
    assert error(answer) == (409, "slot_taken")
    others = answer.json()["alternatives"]
    assert [other["start"] for other in others] == [f"2027-03-03T{clock}:00Z" for clock in ("10:00", "10:15", "10:30")]
    assert visitor.send("POST", APPOINTMENTS_PATH, sent | {"slot_id": others[0]["id"]}).status_code == 201


def test_other_times_are_on_later_days_where_a_day_is_full(slot: str, service: Service) -> None:
    factories.make_closure(NINE.date())
    starts = [other["start"] for other in book(slot).json()["alternatives"]]
    assert starts == [f"2027-03-04T{clock}:00Z" for clock in ("09:00", "09:15", "09:30")]


def test_other_times_are_of_whoever_was_asked_for() -> None:
    service = factories.make_live(practitioners=2)
    asked, other = service.practitioners.all()
    slot = slot_at(service, "2027-03-03T09:00", practitioner=str(asked.pk))
    factories.make_appointment(service, NINE, practitioner=asked)
    taken_from = book(slot).json()["alternatives"][0]["id"]
    assert book(taken_from).status_code == 201
    assert not Appointment.objects.filter(practitioner=other).exists()


def test_there_may_be_no_other_time(slot: str) -> None:
    OpeningRule.objects.all().delete()
    answer = book(slot)
    assert (*error(answer), answer.json()["alternatives"]) == (409, "slot_taken", [])


# --- What else is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    [
        *["id", "pk", "status", "reference", "service", "practitioner", "location", "starts_at", "ends_at", "request"],
        *[
            "sequence",
            "price",
            "currency",
            "made_by",
            "staff_note",
            "legal_hold",
            "network",
            "consent_id",
            "created_at",
        ],
        *["preferences", "is_suspect", "slot", "token", "manage_token"],
    ],
)
def test_nobody_writes_what_is_not_asked_for(field: str, slot: str, appointment: Appointment) -> None:
    before = stored()
    answer = book(slot, **{field: str(appointment.pk)})
    assert (*error(answer), list(answer.json()["errors"])) == (400, "invalid", [field])
    assert stored() == before
    appointment.refresh_from_db()
    assert (appointment.name, appointment.status) == ("Quillon Ashby", "booked")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"name": "Ada\r\nBcc: everybody@visitor.example"}, "name"),
        ({"name": "Ada\u2028Ben"}, "name"),
        ({"name": "Ada\0"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"email": "a@visitor.example, b@visitor.example"}, "email"),
        ({"email": "ada@visitor.example\r\nBcc: b@visitor.example"}, "email"),
        ({"email": f"{'a' * 250}@visitor.example"}, "email"),
        ({"phone": "ring me"}, "phone"),
        ({"phone": "1" * 10_000}, "phone"),
        ({"message": "x" * 10_000}, "message"),
        ({"message": "\0"}, "message"),
        ({"consent": None}, "consent"),
        ({"consent": {"version": "1"}}, "consent"),
        ({"consent": {"given": True}}, "consent"),
        ({"consent": "yes"}, "consent"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_field_that_cannot_be_read_is_named(fields: dict[str, Any], wrong: str, slot: str) -> None:
    before = stored()
    answer = book(slot, **fields)
    assert (*error(answer), list(answer.json()["errors"])) == (400, "invalid", [wrong])
    assert stored() == before


@pytest.mark.parametrize("given", [False, "true", 1, None])
def test_consent_is_given_by_nothing_but_true(given: Any, slot: str) -> None:
    current = str(ConsentText.objects.latest("version").version)
    assert error(book(slot, consent={"version": current, "given": given})) == (400, "invalid")
    assert not Appointment.objects.exists()


def test_consent_to_an_older_text_is_a_conflict(slot: str) -> None:
    sent = filled_appointment(slot)
    ConsentText.objects.create(text="Something else.")
    before = stored()
    assert error(somebody().send("POST", APPOINTMENTS_PATH, sent)) == (409, "consent_outdated")
    assert stored() == before


def test_ticket_books_once(service: Service) -> None:
    ticket = fetch_ticket(BOOKING_TICKET_PATH)["ticket"]
    assert book(slot_at(service, "2027-03-03T09:00"), ticket=ticket).status_code == 201
    assert error(book(slot_at(service, "2027-03-04T09:00"), ticket=ticket)) == (400, "ticket_spent")
    assert Appointment.objects.count() == 1


def test_one_network_books_three_times_an_hour(service: Service) -> None:
    visitor, slots = Visitor(), [slots[0]["id"] for slots in list(free_times(service).values())[1:5]]
    answers = [visitor.send("POST", APPOINTMENTS_PATH, filled_appointment(slot)) for slot in slots]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert int(answers[-1]["Retry-After"]) == 3600
    assert Appointment.objects.count() == 3


def test_repeated_request_with_a_key_is_answered_as_before(slot: str) -> None:
    key, sent, visitor = str(uuid.uuid4()), filled_appointment(slot), somebody()
    answers = [visitor.send("POST", APPOINTMENTS_PATH, sent, HTTP_IDEMPOTENCY_KEY=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert (Appointment.objects.count(), Message.objects.count()) == (1, 2)
    other = visitor.send("POST", APPOINTMENTS_PATH, sent | {"name": "Else"}, HTTP_IDEMPOTENCY_KEY=key)
    assert error(other) == (409, "idempotency_mismatch")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_appointments_are_listed_and_changed_by_nobody(method: str, appointment: Appointment) -> None:
    for path in (
        APPOINTMENTS_PATH,
        f"{APPOINTMENTS_PATH}{appointment.pk}/",
        f"{APPOINTMENTS_PATH}{appointment.reference}/",
    ):
        answer = somebody().send(method, path, {})
        assert answer.status_code in {404, 405}
        assert "Quillon" not in answer.content.decode()
    appointment.refresh_from_db()
    assert appointment.name == "Quillon Ashby"


# --- With the key ----------------------------------------------------------------------------------------------------


def state(appointment: Appointment) -> tuple[Any, ...]:
    """Everything that a change would change."""
    appointment.refresh_from_db()
    claims = sorted(SlotClaim.objects.filter(appointment=appointment).values_list("granule", flat=True))
    values = (appointment.status, appointment.starts_at, appointment.sequence, appointment.name, appointment.updated_at)
    return (*values, claims, Message.objects.count())


def test_key_shows_the_appointment_and_nothing_of_the_person(appointment: Appointment, token: str) -> None:
    Location.objects.update(directions="The green door.")
    answer = manage("", token)
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["reference"], body["status"], body["can_change"]) == (appointment.reference, "booked", True)
    assert (body["start"], body["end"]) == ("2027-03-03T09:00:00Z", "2027-03-03T10:00:00Z")
    assert (body["timezone"], body["practitioner"]) == ("Europe/London", "Maren Holt")
    assert body["service"]["name"] == "Podiatry"
    assert body["place"] == {
        "name": "Tern Street",
        "address": "14 Tern Street, Aldermere",
        "directions": "The green door.",
    }
    for secret in (*PERSON.values(), "Quillon", "960214", str(appointment.pk), token):
        assert secret not in answer.content.decode()


def test_key_opens_one_appointment_alone(appointment: Appointment, token: str, service: Service) -> None:
    other = factories.make_appointment(service, NEXT_DAY, name="Other", email=PERSON["email"])
    before = state(other)
    for action in ["", "calendar/", "cancel/", "erase/"]:
        answer = manage(action, token)
        assert other.reference not in answer.content.decode()
    assert state(other) == (*before[:-1], Message.objects.count())


WRONG_KEYS: dict[str, Callable[[Appointment], str]] = {
    "word": lambda appointment: "x",
    "id": lambda appointment: str(appointment.pk),
    "hex": lambda appointment: appointment.pk.hex,
    "reference": lambda appointment: appointment.reference,
    "cut off": lambda appointment: manage_token(appointment)[:-1],
    "with more": lambda appointment: manage_token(appointment) + "A",
    "another appointment": lambda appointment: f"{uuid.uuid4().hex}:{manage_token(appointment).partition(':')[2]}",
    "nobody": lambda appointment: signing.Signer(salt="booking.manage").sign(uuid.uuid4().hex),
    "another salt": lambda appointment: signing.Signer(salt="booking.slot").sign(appointment.pk.hex),
    "another site": lambda appointment: signing.Signer(key="theirs", salt="booking.manage").sign(appointment.pk.hex),
    "a time": lambda appointment: slot_at(appointment.service, "2027-03-04T09:00"),
}


def with_every_action(token: str, service: Service) -> list[Any]:
    """The answers to everything that can be asked with a key."""
    slot = slot_at(service, "2027-03-04T09:00")
    return [manage(action, token, **({"slot_id": slot} if action == "move/" else {})) for action in ACTIONS]


@pytest.mark.parametrize("wrong", WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_wrong_key_opens_nothing(wrong: Any, appointment: Appointment, service: Service) -> None:
    before = state(appointment)
    for answer in with_every_action(wrong(appointment), service):
        assert error(answer) == (404, "not_found")
        assert answer["Cache-Control"] == "no-store"
    assert state(appointment) == before


def test_key_of_what_was_erased_or_deleted_opens_nothing(
    appointment: Appointment, token: str, service: Service
) -> None:
    manage("erase/", token)
    erased = with_every_action(token, service)
    appointment.delete()
    deleted = with_every_action(token, service)
    assert [error(answer) for answer in [*erased, *deleted]] == [(404, "not_found")] * 12
    assert len({answer.content for answer in [*erased, *deleted]}) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"token": ""}, {"token": None}, {"token": "x" * 301}, [], None],
    ids=lambda body: str(body)[:20],
)
def test_request_without_a_key_is_refused(body: Any) -> None:
    for action in ACTIONS:
        assert error(somebody().send("POST", f"{MANAGE_PATH}{action}", body)) == (400, "invalid")


@pytest.mark.parametrize("field", ["status", "starts_at", "reference", "reason", "id"])
def test_key_writes_nothing_but_what_is_asked_for(field: str, appointment: Appointment, token: str) -> None:
    before = state(appointment)
    for action in ACTIONS:
        answer = manage(action, token, **{field: "x"})
        assert error(answer) == (400, "invalid")
        assert field in answer.json()["errors"]
    assert state(appointment) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_link_alone_does_nothing(method: str, appointment: Appointment, token: str) -> None:
    before = state(appointment)
    for action in ACTIONS:
        answer = somebody().send(method, f"{MANAGE_PATH}{action}?token={token}", {"token": token})
        assert answer.status_code == 405
    assert state(appointment) == before


def test_keys_cannot_be_tried_without_end(token: str) -> None:
    visitor = somebody()
    answers = [visitor.send("POST", MANAGE_PATH, {"token": f"{number}"}) for number in range(20)]
    assert {answer.status_code for answer in answers} == {404}
    last = visitor.send("POST", MANAGE_PATH, {"token": token})
    assert error(last) == (429, "throttled")
    assert int(last["Retry-After"]) <= 60
    assert manage("", token).status_code == 200


# --- Cancel ----------------------------------------------------------------------------------------------------------


def test_cancelled_time_is_free_again(appointment: Appointment, token: str, service: Service) -> None:
    answer = manage("cancel/", token).json()
    assert (answer["status"], answer["can_change"]) == ("cancelled", False)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.sequence) == ("cancelled", 1)
    assert not SlotClaim.objects.exists()
    assert book(slot_at(service, "2027-03-03T09:00")).status_code == 201


def test_what_is_cancelled_stays_so(appointment: Appointment, token: str, service: Service) -> None:
    manage("cancel/", token)
    before = state(appointment)
    slot = slot_at(service, "2027-03-04T09:00")
    for action, extra in (("cancel/", {}), ("move/", {"slot_id": slot})):
        assert error(manage(action, token, **extra)) == (409, "already_cancelled")
    assert error(manage("accept/", token)) == (409, "not_proposed")
    assert state(appointment) == before


@pytest.mark.parametrize("action", ["cancel/", "move/"])
def test_near_appointment_is_changed_by_phone_alone(
    action: str, appointment: Appointment, token: str, clock: Any, service: Service
) -> None:
    clock.move_to(NINE - timedelta(hours=24) + timedelta(seconds=1), tick=False)
    extra = {"slot_id": slot_at(service, "2027-03-05T09:00")} if action == "move/" else {}
    before = state(appointment)
    assert manage("", token).json()["can_change"] is False
    assert error(manage(action, token, **extra)) == (409, "too_late")
    assert state(appointment) == before


@pytest.mark.parametrize(("hours", "code"), [(24, 200), (26, 409), (0, 200)])
def test_clinic_sets_until_when(hours: int, code: int, appointment: Appointment, token: str, clock: Any) -> None:
    clock.move_to(NINE - timedelta(hours=25), tick=False)
    factories.set_booking(cancel_hours=hours)
    assert manage("cancel/", token).status_code == code


def test_appointment_that_is_over_is_not_cancelled(appointment: Appointment, token: str, clock: Any) -> None:
    factories.set_booking(cancel_hours=0)
    clock.move_to(NINE + timedelta(minutes=1), tick=False)
    assert error(manage("cancel/", token)) == (409, "too_late")


# --- Move ------------------------------------------------------------------------------------------------------------


def test_moved_appointment_has_the_new_time_and_gives_the_old_one_back(
    appointment: Appointment, token: str, service: Service, clock: Any
) -> None:
    new = slot_at(service, "2027-03-04T09:15")
    answer = manage("move/", token, slot_id=new).json()
    assert (answer["start"], answer["end"]) == ("2027-03-04T09:15:00Z", "2027-03-04T10:15:00Z")
    appointment.refresh_from_db()
    assert (appointment.status, appointment.sequence) == ("booked", 1)
    assert SlotClaim.objects.filter(appointment=appointment).count() == 12
    assert error(book(new)) == (409, "slot_taken")
    clock.shift(HALF_A_MINUTE)
    assert book(slot_at(service, "2027-03-03T09:00")).status_code == 201
    assert manage("", token).json()["start"] == "2027-03-04T09:15:00Z"


# An appointment keeps its service and its practitioner from being deleted.
STAYS = {name: go for name, go in GONE.items() if "deleted" not in name}


@pytest.mark.parametrize("go", STAYS.values(), ids=STAYS)
def test_old_time_is_kept_if_the_new_one_is_gone(go: Any, service: Service, clock: Any) -> None:
    appointment = factories.make_appointment(service, NINE + timedelta(days=3), **PERSON)
    slot = slot_at(service, "2027-03-03T09:00")
    go(service, clock)
    before = state(appointment)
    answer = manage("move/", manage_token(appointment), slot_id=slot)
    assert error(answer) in {(409, "slot_taken"), (409, "too_late")}
    assert state(appointment) == before


def test_move_to_a_taken_time_names_three_others(appointment: Appointment, token: str, service: Service) -> None:
    slot = slot_at(service, "2027-03-04T09:00")
    factories.make_appointment(service, NEXT_DAY)
    others = manage("move/", token, slot_id=slot).json()["alternatives"]
    assert [other["start"] for other in others] == [f"2027-03-04T{at}:00Z" for at in ("10:00", "10:15", "10:30")]
    assert manage("move/", token, slot_id=others[2]["id"]).status_code == 200


def test_appointment_can_be_moved_by_a_quarter_of_an_hour(service: Service) -> None:
    """Its own time is not in its way."""
    slot = slot_at(service, "2027-03-03T09:15")
    appointment = factories.make_appointment(service, NINE)
    assert manage("move/", manage_token(appointment), slot_id=slot).json()["start"] == "2027-03-03T09:15:00Z"
    assert SlotClaim.objects.count() == 12


def test_moved_appointment_may_come_to_somebody_else(appointment: Appointment, token: str, service: Service) -> None:
    other = factories.make_practitioner(name="Idris Vaughan", services=[service])
    factories.make_week(other)
    slot = slot_at(service, "2027-03-03T09:00", practitioner=str(other.pk))
    assert manage("move/", token, slot_id=slot).json()["practitioner"] == "Idris Vaughan"
    assert set(SlotClaim.objects.values_list("practitioner", flat=True)) == {other.pk}


def test_appointment_is_moved_to_a_time_for_its_own_service(appointment: Appointment, token: str) -> None:
    slot = slot_at(factories.make_live(), "2027-03-04T09:00")
    before = state(appointment)
    assert error(manage("move/", token, slot_id=slot)) == (409, "wrong_service")
    assert state(appointment) == before


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_appointment_is_moved_to_no_forged_time(
    forge: Any, appointment: Appointment, token: str, service: Service
) -> None:
    forged = forge(slot_at(service, "2027-03-04T09:00"), appointment)
    before = state(appointment)
    answer = manage("move/", token, slot_id=forged)
    assert (*error(answer), list(answer.json()["errors"])) == (400, "invalid", ["slot_id"])
    assert state(appointment) == before


# --- Accept ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposal(service: Service) -> Appointment:
    return factories.make_appointment(service, NINE, status=Appointment.Status.PROPOSED, **PERSON)


def test_proposed_time_is_accepted_once(proposal: Appointment) -> None:
    token = manage_token(proposal)
    assert manage("", token).json()["status"] == "proposed"
    assert manage("accept/", token).json()["status"] == "booked"
    proposal.refresh_from_db()
    assert (proposal.status, proposal.sequence) == ("booked", 1)
    before = state(proposal)
    assert error(manage("accept/", token)) == (409, "not_proposed")
    assert state(proposal) == before


@pytest.mark.parametrize("action", ["accept/", "move/"])
def test_request_is_answered_when_its_visitor_takes_a_time(
    action: str, proposal: Appointment, service: Service
) -> None:
    proposal.request = factories.make_request(status="contacted")
    proposal.save()
    extra = {"slot_id": slot_at(service, "2027-03-04T09:00")} if action == "move/" else {}
    assert manage(action, manage_token(proposal), **extra).status_code == 200
    proposal.request.refresh_from_db()
    assert proposal.request.status == "confirmed"


def test_other_time_than_the_proposed_one_is_booked_by_moving(proposal: Appointment, service: Service) -> None:
    answer = manage("move/", manage_token(proposal), slot_id=slot_at(service, "2027-03-04T09:00")).json()
    assert (answer["status"], answer["start"]) == ("booked", "2027-03-04T09:00:00Z")


def test_proposal_that_does_not_suit_is_cancelled(proposal: Appointment) -> None:
    assert manage("cancel/", manage_token(proposal)).json()["status"] == "cancelled"
    assert not SlotClaim.objects.exists()


def test_proposed_time_that_has_passed_is_not_accepted(proposal: Appointment, clock: Any) -> None:
    clock.move_to(NINE + timedelta(minutes=1), tick=False)
    before = state(proposal)
    assert manage("accept/", manage_token(proposal)).status_code == 409
    assert state(proposal) == before


# --- Calendar file, consent taken back -------------------------------------------------------------------------------


def test_calendar_file_is_named_after_the_reference(appointment: Appointment, token: str) -> None:
    answer = manage("calendar/", token)
    assert answer["Cache-Control"] == "no-store"
    file = answer.json()
    assert file["name"] == f"{appointment.reference}.ics"
    assert file["content"].startswith("BEGIN:VCALENDAR\r\n")
    for secret in PERSON.values():
        assert secret not in file["content"]


def test_who_takes_the_consent_back_leaves_a_record_without_content(
    appointment: Appointment, token: str, service: Service
) -> None:
    answer = manage("erase/", token)
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (204, b"", "no-store")
    appointment.refresh_from_db()
    assert appointment.status == "erased"
    person = ("name", "email", "phone", "message", "staff_note", "network")
    assert [getattr(appointment, name) for name in person] == [""] * 6
    assert book(slot_at(service, "2027-03-03T09:00")).status_code == 201


def test_what_is_on_legal_hold_is_not_erased_with_a_key(appointment: Appointment, token: str) -> None:
    Appointment.objects.update(legal_hold=True)
    before = state(appointment)
    assert error(manage("erase/", token)) == (409, "on_hold")
    assert state(appointment) == before


def test_request_on_legal_hold_outlives_the_appointment_that_came_of_it(service: Service) -> None:
    request = factories.make_request(legal_hold=True, **PERSON)
    appointment = factories.make_appointment(service, NINE, request=request, **PERSON)
    assert manage("erase/", manage_token(appointment)).status_code in {204, 409}
    request.refresh_from_db()
    assert (request.name, request.message, request.legal_hold) == ("Quillon Ashby", "Zebrawort", True)


def test_request_is_erased_with_the_appointment_that_came_of_it(service: Service) -> None:
    request = factories.make_request(**PERSON, preferences=[{"date": "2027-03-03", "part": "morning"}])
    appointment = factories.make_appointment(service, NINE, request=request, **PERSON)
    manage("erase/", manage_token(appointment))
    request.refresh_from_db()
    appointment.refresh_from_db()
    assert (request.status, request.name, request.message, request.preferences) == ("erased", "", "", [])
    assert (appointment.status, appointment.name) == ("erased", "")
