"""A clinic's site speaks one language: German wherever it is set, English as it always was."""

from __future__ import annotations

import ast
import gettext as stdlib_gettext
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from cookie_consent.models import CookieGroup
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import gettext, override
from wagtail.users.models import UserProfile

from blog.models import BlogPage
from booking.models import ConsentText
from booking.signals import FIRST_CONSENT_TEXT
from consent import register as consent_register
from consent import seed, services
from consent.models import Service, Wording
from frontend.templatetags import site as site_tags
from home.models import HomePage, SiteSettings
from outbox import kinds
from tests import factories
from tests.choosing import RECEIPT_PATH, SETTINGS_PATH, YOUTUBE, choose, register
from tests.conftest import Visitor
from tests.forms import BOOKING_PATH, comments_path, filled_booking, filled_comment

ROOT = Path(django_settings.BASE_DIR)
CATALOGUES = sorted(ROOT.glob("*/locale/de/LC_MESSAGES/django.po"))
ROOMS = [path.parts[-5] for path in CATALOGUES]
PAGES = [
    "/",
    "/blog/",
    "/blog/calf/",
    "/blog/calf/comment/",
    "/blog/calf/comment/received/",
    "/search/",
    "/search/?q=calf",
    "/search/?q=zeppelin",
    "/book/",
    "/book/received/",
    SETTINGS_PATH,
    "/nowhere/",
]
# Names, not words.
UNTRANSLATED = {"Global Privacy Control", "de"}


# --- What stands on a page -------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """Everything that a visitor may read or hear: the texts of a page, and the attributes that hold words."""

    SPOKEN = {"aria-label", "alt", "title", "placeholder", "label"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        for name, value in attrs:
            if name in self.SPOKEN or (name.startswith("data-") and " " in (value or "").strip()):
                self._keep(value or "")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in {"script", "style", "code"}:
            self._keep(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def _keep(self, text: str) -> None:
        words = " ".join(text.split()).strip(" .,:()")
        if re.search(r"[A-Za-z]{2}", words):
            self.found.add(words)


def words_of(html: str) -> set[str]:
    return Words(html).found


def read(visitor: Visitor, path: str) -> str:
    return str(visitor.get(path).content.decode())


def strings_in(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for entry in data:
            yield from strings_in(entry)
    elif isinstance(data, str):
        yield data


def content_of(path: str, post: BlogPage) -> set[str]:
    """What the clinic and its readers wrote, as the API gives it: the same in any language."""
    page = f"pages/by-path/?path={path.split('?')[0]}"
    asked = ["site/", page, "posts/", f"posts/{post.pk}/comments/", "booking/options/", "consent/"]
    found = [text for part in asked for text in strings_in(Visitor().get(f"/api/v1/{part}").json())]
    return {words for text in found for words in words_of(f"<p>{text}</p>")}


# --- What the catalogues hold ----------------------------------------------------------------------------------------

BLOCK = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:"(?:[^"\\]|\\.)*"\n?)+)', re.MULTILINE)


def parse(path: Path) -> dict[tuple[str, str] | str, list[str]]:
    """A catalogue as `{msgid: [translations]}`; a message with a context is `context\\x04msgid`, as gettext has it."""
    entries: dict[Any, list[str]] = {}
    for part in path.read_text(encoding="utf-8").split("\n\n"):
        fields = {name: "".join(map(ast.literal_eval, value.split("\n"))) for name, value in _fields(part)}
        if fields.get("msgid"):
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            entries[context + fields["msgid"]] = [text for name, text in fields.items() if name.startswith("msgstr")]
    return entries


def _fields(part: str) -> Iterator[tuple[str, str]]:
    for name, value in BLOCK.findall(part):
        yield name, value.strip("\n")


def every_message() -> dict[Any, list[str]]:
    return {key: texts for path in CATALOGUES for key, texts in parse(path).items()}


def said_in_code() -> Iterator[tuple[str, str]]:
    """`(room, message)` for every message that the rooms' Python and templates give to be translated."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from ((room, text) for text in _message(node.func.id, node.args))
        for path in (ROOT / room).rglob("templates/**/*.html"):
            text = path.read_text(encoding="utf-8")
            for match in re.finditer(r"""(?:\{% translate |_\()(["'])(.+?)\1( context )?""", text):
                if not match[3]:
                    yield room, match[2]


def _message(function: str, args: list[ast.expr]) -> Iterator[str]:
    if function in {"_", "gettext", "ngettext", "ngettext_lazy"} and args and isinstance(args[0], ast.Constant):
        yield args[0].value


@pytest.mark.parametrize("path", CATALOGUES, ids=ROOMS)
def test_catalogue_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "fuzzy" not in text
    assert "#~" not in text
    assert [key for key, texts in parse(path).items() if not all(texts)] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=ROOMS)
def test_compiled_catalogue_says_what_the_written_one_says(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = stdlib_gettext.GNUTranslations(file)
    found: dict[Any, list[str]] = {}
    for key, text in compiled._catalog.items():  # type: ignore[attr-defined]
        if key:
            found.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    assert found == parse(path)


@pytest.mark.parametrize("path", CATALOGUES, ids=ROOMS)
def test_german_keeps_what_is_filled_in(path: Path) -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>", text))

    wrong = {key: texts for key, texts in parse(path).items() if any(places(text) != places(key) for text in texts)}
    assert wrong == {}


def test_everything_that_is_said_is_in_the_catalogue_of_its_room() -> None:
    known = {room: {key.split("\x04")[-1] for key in parse(path)} for room, path in zip(ROOMS, CATALOGUES, strict=True)}
    assert [(room, text) for room, text in said_in_code() if text not in known[room]] == []


def test_english_is_what_stands_in_the_code() -> None:
    """No catalogue of a package changes our words."""
    assert {key: gettext(key) for key in every_message() if "\x04" not in key and gettext(key) != key} == {}


# --- Settings and a new site -----------------------------------------------------------------------------------------

NEW_SITE = """
import json, django
django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from booking.models import ConsentText
from consent.register import current_revision
from wagtail.models import Locale
print(json.dumps({"document": current_revision().document, "agree": ConsentText.objects.get().text,
                  "locales": [locale.language_code for locale in Locale.objects.all()]}))
"""


def test_new_german_site_is_german_from_the_start(tmp_path: Path) -> None:
    """Migrations run with translations off, and what is written after them is for visitors."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"SITE_LANGUAGE": "de", "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "cms.settings"}
    command = [sys.executable, "-c", NEW_SITE]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    made = json.loads(result.stdout)
    assert made["locales"] == ["de"]
    assert made["agree"].startswith("Ich bin einverstanden")
    names = {purpose["key"]: purpose["name"] for purpose in made["document"]["purposes"]}
    assert names == {"necessary": "Notwendig", "media": "Medien"}
    assert made["document"]["wording"]["reject"] == "Cookies ablehnen"


def test_language_that_the_site_has_not_is_refused(tmp_path: Path) -> None:
    environment = os.environ | {"SITE_LANGUAGE": "fr", "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "LANGUAGE_CODE" in result.stderr


# --- The site --------------------------------------------------------------------------------------------------------


@pytest.fixture
def post(site: Any) -> BlogPage:
    factories.make_settings(
        phone="01632 960 214",
        street="14 Tern Street",
        locality="Aldermere",
        postal_code="AM4 2TS",
        opening_hours=[("hours", {"days": ["monday", "tuesday"], "opens": "08:00", "closes": "19:00"})],
    )
    service = factories.make_service(price="62.00")
    factories.make_practitioner(services=[service])
    return factories.make_rich_post(slug="calf", title="Calf")


@pytest.fixture
def german(post: BlogPage, settings: Any) -> None:
    """The same site with SITE_LANGUAGE=de, and a register that was filled in German."""
    settings.LANGUAGE_CODE = "de"
    speak_german()


def speak_german() -> None:
    CookieGroup.objects.all().delete()
    seed.seed_register()
    consent_register.publish_revision()
    with override("de"):
        ConsentText.objects.create(text=gettext(FIRST_CONSENT_TEXT))
    SiteSettings.objects.update(booking_label="Termin vereinbaren")
    HomePage.objects.update(services_heading="Was wir tun", posts_heading="Aus dem Behandlungszimmer")
    Visitor.page_cache.forget()  # a site that is to speak another language is started anew


@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_on_a_german_page(post: BlogPage, visitor: Visitor, settings: Any, path: str) -> None:
    english = words_of(read(visitor, path))
    settings.LANGUAGE_CODE = "de"
    speak_german()
    html = read(visitor, path)
    written = content_of(path, post)
    left = {words for words in english & words_of(html) if not set(words.split(", ")) <= written}
    same = {key for key, texts in every_message().items() if texts == [key]}
    assert left - same - UNTRANSLATED == set()
    assert '<html lang="de"' in html


def test_receipt_is_german(german: None, visitor: Visitor) -> None:
    choose(visitor, "media")
    words = words_of(read(visitor, RECEIPT_PATH))
    assert {"Ihr Beleg", "Alles akzeptiert", "Seite mit den Einstellungen", "Cookies ablehnen"} <= words
    assert not {"Your receipt", "Everything accepted", "Decided"} & words


@pytest.mark.usefixtures("german")
def test_banner_and_settings_page_are_german(visitor: Visitor) -> None:
    html = " ".join(read(visitor, SETTINGS_PATH).split())
    assert "Nichts davon wird verwendet, solange Sie es nicht einschalten" in html
    bar = " ".join(read(visitor, "/").split())
    link = '<a href="/cookies/">Cookie-Richtlinie</a>'
    assert f"Unsere Website verwendet Cookies. Weitere Informationen finden Sie in unserer {link}." in bar
    assert {"Cookies akzeptieren und schließen", "Cookies ablehnen", "Einstellungen verwalten"} <= words_of(bar)
    assert 'data-saved="Ihre Entscheidung ist gespeichert.' in bar


@pytest.mark.usefixtures("german")
def test_cookie_table_is_german() -> None:
    media = next(purpose for purpose in register()["purposes"] if purpose["key"] == "media")
    lifetimes = {item["name"]: item["lifetime"] for item in media["items"]}
    assert (lifetimes["VISITOR_INFO1_LIVE"], lifetimes["__cf_bm"]) == ("180 Tage", "30 Minuten")
    assert lifetimes["YSC"] == "bis der Browser geschlossen wird"
    html = read(Visitor(), "/blog/calf/")
    assert {"Wie lange", "Bis der Browser geschlossen wird", "Eine andere Website", "YouTube"} & words_of(html)
    assert "Vereinigte Staaten" in html


@pytest.mark.usefixtures("german")
def test_forms_say_in_german_what_is_missing(visitor: Visitor) -> None:
    answer = visitor.post("/book/", {"name": "", "email": "", "consent": ""})
    assert {"Es gibt ein Problem", "Bitte geben Sie Ihren Namen ein"} <= words_of(answer.content.decode())
    answer = visitor.post("/blog/calf/comment/", {"author_name": "Ada", "body": "Danke."})
    assert {"Prüfen Sie Ihren Kommentar", "Kommentar senden"} <= words_of(answer.content.decode())
    filled = {
        "name": "Ada",
        "email": "ada@visitor.example",
        "consent": "1",
        "date_1": "2026-12-01",
        "part_1": "morning",
    }
    checked = visitor.post("/book/", filled).content.decode()
    assert "Dienstag, 1. Dezember, Vormittag" in checked


@pytest.mark.usefixtures("german")
def test_errors_of_the_api_are_german(post: BlogPage, visitor: Visitor) -> None:
    booking = {"email": "nobody", "phone": "ring me", "consent": {"version": "0", "given": True}}
    answer = visitor.send("POST", BOOKING_PATH, filled_booking(**booking | {"consent": {}}))
    assert answer.json()["detail"] == "Einige Felder brauchen noch einen Blick."
    errors = answer.json()["errors"]
    assert errors["email"] == ["Bitte geben Sie eine gültige E-Mail-Adresse ein."]
    assert errors["consent"] == ["Bitte füllen Sie dieses Feld aus."]
    answer = visitor.send("POST", comments_path(post), filled_comment(post, ticket="forged"))
    assert answer.json()["errors"]["ticket"] == ["Dieses Formular ist nicht verwendbar. Bitte laden Sie die Seite neu."]
    assert visitor.get("/api/v1/nowhere/").json()["detail"] == "Nicht gefunden."
    stale = visitor.send("PUT", "/api/v1/consent/choice/", {"revision": 1, "choices": {"media": True}})
    assert stale.json()["detail"] == "Das, dem Sie zustimmen, hat sich geändert. Bitte lesen Sie es noch einmal."


@pytest.mark.usefixtures("german")
def test_mails_are_german(post: BlogPage) -> None:
    request = factories.make_request()
    received = kinds.render("booking.received", {"request": str(request.pk)})
    assert received is not None
    assert received.subject == f"Ihre Anfrage {request.reference} ist angekommen"
    assert "sagen Sie uns Bescheid: 01632 960 214 oder hello@clinic.example." in received.body
    for number, expected in ((1, "1 Kommentar wartet bei"), (2, "2 Kommentare warten bei")):
        factories.make_comment(post, status="pending")
        waiting = kinds.render("blog.comments_waiting", {})
        assert waiting is not None, number
        assert waiting.subject.startswith(expected)


@pytest.mark.usefixtures("german")
def test_programs_are_told_the_language(visitor: Visitor) -> None:
    assert visitor.get("/api/v1/site/").json()["language"] == "de"
    feed = ElementTree.fromstring(visitor.get("/feed/").content)  # noqa: S314
    assert feed.findtext("channel/language") == "de"
    assert "Preferred-Languages: de\n" in read(visitor, "/.well-known/security.txt")
    assert [part["label"] for part in visitor.get("/api/v1/booking/options/").json()["parts"]] == [
        "Vormittag",
        "Nachmittag",
        "Abend",
    ]


def test_english_site_says_so(site: Any, visitor: Visitor) -> None:
    assert visitor.get("/api/v1/site/").json()["language"] == "en-GB"
    assert '<html lang="en-GB"' in read(visitor, "/")


@pytest.mark.usefixtures("german")
def test_held_frame_and_the_page_of_a_fault_are_german(visitor: Visitor) -> None:
    held = read(visitor, YOUTUBE)
    assert "Angehalten, bis Sie es erlauben" in held
    assert '<html lang="de">' in held
    fault = render_to_string("500.html")
    assert '<html lang="de">' in fault
    assert "Der Fehler liegt bei uns, nicht bei Ihnen." in fault


@pytest.mark.usefixtures("german")
def test_nobody_gets_another_language_by_asking(visitor: Visitor) -> None:
    for path in ("/", "/book/", "/api/v1/consent/"):
        asked = visitor.get(path, HTTP_ACCEPT_LANGUAGE="en", HTTP_COOKIE="django_language=en")
        assert asked.content == visitor.get(path).content


def test_dates_days_and_prices_read_right_in_both() -> None:
    night = "2026-10-03T19:05:09Z"  # summer time in London
    service = {"price": "62.00", "currency": "GBP"}
    assert site_tags.written(night, "minute") == "3 October 2026, 20:05"
    assert site_tags.weekday_range(["monday", "tuesday", "friday"]) == "Monday, Tuesday and Friday"
    assert [site_tags.price(service | {"price": price}) for price in ("62.00", "62.50")] == ["£62", "£62.50"]
    with override("de"):
        assert site_tags.written(night, "minute") == "3. Oktober 2026, 20:05 Uhr"
        assert site_tags.written("2026-10-03", "day") == "3. Oktober 2026"
        assert site_tags.weekday_range(["monday", "tuesday", "wednesday"]) == "Montag bis Mittwoch"
        euros = [site_tags.price({"price": price, "currency": "EUR"}) for price in ("62.00", "62.50")]
        assert euros == ["62\u00a0€", "62,50\u00a0€"]


# --- An editor with another language ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("german")
def test_editor_with_an_english_admin_writes_german_for_visitors() -> None:
    with override("en"):
        Wording.objects.all().delete()
        services.switch_on(Service(key="googlemaps"))
        consent_register.publish_revision()
        assert str(Wording().accept) == "Cookies akzeptieren und schließen"
    media = next(purpose for purpose in register()["purposes"] if purpose["key"] == "media")
    stored = {item["name"]: (item["description"], item["lifetime"]) for item in media["items"]}
    assert stored["NID"] == ("Merkt sich Einstellungen für die Dienste von Google.", "183 Tage")


@pytest.mark.usefixtures("german")
def test_admin_speaks_the_language_of_its_user(client: Client) -> None:
    user = get_user_model().objects.create_superuser("ada", "ada@clinic.example", "a long password")
    client.force_login(user)
    assert '<html lang="de"' in client.get("/admin/", HTTP_HOST="127.0.0.1:8000").content.decode()
    profile = UserProfile.get_for_user(user)
    profile.preferred_language = "en"
    profile.save()
    assert '<html lang="en"' in client.get("/admin/", HTTP_HOST="127.0.0.1:8000").content.decode()


def test_language_alone_asks_nobody_again(post: BlogPage, visitor: Visitor, settings: Any) -> None:
    """The same cookies in other words are not another thing to agree to."""
    choose(visitor, "media")
    before = consent_register.current_revision()
    settings.LANGUAGE_CODE = "de"
    after = consent_register.publish_revision()
    assert after.number > before.number
    assert consent_register.changed_purposes(before.document, after.document) == []
    assert not visitor.get("/api/v1/consent/choice/").json()["stale"]
