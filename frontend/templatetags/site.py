from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import dateformat, dates, formats
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

register = template.Library()

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
COUNTRIES = {"EE": _("Estonia"), "GB": _("United Kingdom"), "US": _("United States")}
KINDS = {
    "cookie": _("cookie"),
    "local": _("local storage"),
    "session": _("session storage"),
    "indexeddb": _("database"),
}
ANSWERS = {
    "accept_all": _("Everything accepted"),
    "reject_all": _("Everything rejected"),
    "custom": _("Chosen one by one"),
    "withdraw": _("Withdrawn"),
    "once": _("One video or map, once"),
}
SURFACES = {
    "bar": _("Bar at the top of a page"),
    "settings": _("Page with the settings"),
    "card": _("Card of a video or map"),
}
DATES = {
    "day": pgettext_lazy("date", "j F Y"),
    "short": pgettext_lazy("date", "j F"),
    "weekday": pgettext_lazy("date", "l j F"),
    "month": pgettext_lazy("date", "F Y"),
    "minute": pgettext_lazy("date", "j F Y, H:i"),
    "second": pgettext_lazy("date", "j F Y, H:i:s"),
    "time": "G:i",
}
DATES_KEPT = 5000
LONGEST_ISO = len("2026-10-01T20:05:09.123456+00:00")
CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
WEB_ADDRESS = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]])")
LINK = '<a href="{0}" rel="nofollow ugc noopener">{0}</a>'
# A script element ends at the first "</script", whatever the JSON means by it.
SCRIPT_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def has_block(body: list[dict[str, Any]], types: str) -> bool:
    return any(block["type"] in types.split() for block in body or [])


@register.filter
def written(iso: str | None, kind: str) -> str:
    """A date or time of the API as the site's language writes it on the clinic's clock; `kind` is a key of DATES."""
    if not iso or len(iso) > LONGEST_ISO:  # longer is what somebody typed, and nothing to remember
        return ""
    return _written(iso, str(DATES[kind]), get_language(), settings.TIME_ZONE)


@lru_cache(DATES_KEPT)
def _written(iso: str, pattern: str, language: str, zone: str) -> str:
    try:
        if len(iso) == len("2026-10-01"):
            return dateformat.format(date.fromisoformat(iso), pattern)
        return dateformat.format(datetime.fromisoformat(iso).astimezone(ZoneInfo(zone)), pattern)
    except (ValueError, OverflowError):  # what a visitor typed into the address or a form
        return ""


@register.filter
def json_ld(value: dict[str, Any]) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(SCRIPT_ESCAPES))  # noqa: S308


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as escaped paragraphs: blank lines divide, web addresses become links."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return mark_safe("".join(f"<p>{_linked(block)}</p>" for block in blocks))  # noqa: S308


def _linked(block: str) -> str:
    # Splitting by the address puts every address in an odd place.
    pieces = map(escape, WEB_ADDRESS.split(block))
    linked = (LINK.format(piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return "".join(linked).replace("\n", "<br>")


@register.filter
def weekday_range(days: list[str]) -> str:
    """``["monday", "tuesday"]`` as "Monday to Tuesday"; days with gaps are listed."""
    places = sorted(WEEKDAYS.index(day) for day in days)
    names = [str(dates.WEEKDAYS[place]) for place in places]
    if len(names) < 2:
        return "".join(names)
    if places[-1] - places[0] == len(places) - 1:
        return str(_("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]})
    return str(_("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]})


@register.filter
def price(service: dict[str, Any]) -> str:
    """``{"price": "62.00", "currency": "GBP"}`` as "£62", in German "62 £"; no price is no text."""
    if not service.get("price"):
        return ""
    number = Decimal(service["price"])
    amount = formats.number_format(number, decimal_pos=0 if number == int(number) else 2)
    sign = CURRENCY_SIGNS.get(service["currency"])
    if not sign:
        return f"{amount} {service['currency']}"
    return pgettext("price", "%(sign)s%(amount)s") % {"sign": sign, "amount": amount}


@register.filter
def titled(person: dict[str, Any]) -> str:
    """Name, role and credentials of a person, as far as there are any."""
    return ", ".join(person[part] for part in ("name", "role", "credentials") if person[part])


@register.filter
def in_a_sentence(label: str) -> str:
    """A label inside a sentence: small in English; in German a noun stays as it is."""
    return label if get_language() == "de" else label.lower()


@register.filter
def item(mapping: dict[str, Any] | None, key: str) -> Any:
    return (mapping or {}).get(key, "")


@register.filter
def by_id(entries: list[dict[str, Any]], wanted: str) -> dict[str, Any] | None:
    return next((entry for entry in entries if str(entry["id"]) == str(wanted)), None)


@register.filter
def within(path: str, section: str) -> bool:
    return section != "/" and path.startswith(section)


@register.filter
def by_key(entries: list[dict[str, Any]], wanted: str) -> dict[str, Any] | None:
    return next((entry for entry in entries if entry["key"] == wanted), None)


@register.filter
def asks(consent: dict[str, Any]) -> str:
    """What is to be decided, for our first script: ``an1 me3``, each purpose and the revision since which it is so."""
    return " ".join(f"{purpose['short_key']}{purpose['since']}" for purpose in _optional(consent))


@register.filter
def gpc_settles(consent: dict[str, Any]) -> bool:
    """Whether Global Privacy Control answers everything: no purpose is left that we would still ask about."""
    return all(purpose["refused_by_gpc"] for purpose in _optional(consent))


@register.filter
def visit_services(consent: dict[str, Any] | None) -> str:
    """The keys of the services that count visits, such as ``matomo``; empty if nobody counts."""
    services = [service for purpose in _optional(consent or {}) for service in purpose["services"]]
    return " ".join(service["key"] for service in services if service["kind"] == "script")


@register.filter
def offers(consent: dict[str, Any], card: dict[str, Any]) -> bool:
    """Whether the provider of this video or map is one that a visitor can allow."""
    purpose = by_key(_optional(consent), card["purpose"])
    return bool(purpose and by_key(purpose["services"], card["provider"]))


def _optional(consent: dict[str, Any]) -> list[dict[str, Any]]:
    return [purpose for purpose in consent.get("purposes", []) if not purpose["required"]]


@register.filter
def is_outdated_by(choice: dict[str, Any], purpose: dict[str, Any]) -> bool:
    """Whether this purpose is why the visitor is asked again."""
    return bool(choice["stale"] and not purpose["required"] and purpose["since"] > choice["revision"])


@register.filter
def hosts(service: dict[str, Any]) -> list[str]:
    """The hosts of a service, each once; the register has them by what the browser may do there."""
    addresses = (address for found in service["hosts"].values() for address in found)
    return list(dict.fromkeys(address.split("://")[-1] for address in addresses))


@register.filter
def country(code: str | None) -> str:
    return str(COUNTRIES.get(code or "", code or ""))


@register.filter
def kind_in_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.filter
def answer_in_words(action: str) -> str:
    return str(ANSWERS.get(action, action))


@register.filter
def surface_in_words(surface: str) -> str:
    return str(SURFACES.get(surface, surface))
