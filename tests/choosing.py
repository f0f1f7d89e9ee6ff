"""What tests of consent do again and again: read the register, choose, and change what there is to choose."""

from __future__ import annotations

from typing import Any

from cookie_consent.models import Cookie, CookieGroup
from django.test import Client

from consent.catalogue import DAY
from consent.models import StorageItem
from tests.conftest import Visitor

REGISTER_PATH, CHOICE_PATH, ONCE_PATH = "/api/v1/consent/", "/api/v1/consent/choice/", "/api/v1/consent/once/"
SETTINGS_PATH, RECEIPT_PATH, BAR_PATH = (
    "/privacy-choices/",
    "/privacy-choices/receipt/",
    "/privacy-choices/bar.css",
)
YOUTUBE, VIMEO = "/embed/youtube/aqz-KE-bpKQ/", "/embed/vimeo/76979871/"
MAP = "/embed/openstreetmap/51.50137,-0.14189/"


def register() -> dict[str, Any]:
    return dict(Visitor().get(REGISTER_PATH).json())


def purposes(document: dict[str, Any]) -> list[str]:
    return [purpose["key"] for purpose in document["purposes"]]


def since() -> dict[str, int]:
    """For each purpose, the revision since which it means what it means now."""
    return {purpose["key"]: purpose["since"] for purpose in register()["purposes"]}


def payload(*granted: str, **fields: Any) -> dict[str, Any]:
    """A decision about every optional purpose: yes to these, no to the others."""
    shown = register()
    optional = [purpose["key"] for purpose in shown["purposes"] if not purpose["required"]]
    return {"revision": shown["revision"], "choices": {key: key in granted for key in optional}} | fields


def choose(visitor: Visitor, *granted: str, **fields: Any) -> Any:
    return visitor.send("PUT", CHOICE_PATH, payload(*granted, **fields))


def choice_of(visitor: Client) -> dict[str, Any]:
    return dict(visitor.get(CHOICE_PATH).json())


def with_cookie(value: str, name: str = "consent", **defaults: Any) -> Visitor:
    """A browser that sends this cookie, byte for byte."""
    return Visitor(HTTP_COOKIE=f"{name}={value}".encode().decode("latin-1"), **defaults)


def declare(purpose: str, name: str = "", *, seconds: int | None = DAY) -> StorageItem:
    """An editor declares a cookie under a purpose."""
    group = CookieGroup.objects.get(varname=purpose)
    cookie = Cookie.objects.create(cookiegroup=group, name=name or f"{purpose}_id", description="Counts.")
    return StorageItem.objects.create(cookie=cookie, lifetime_seconds=seconds)


def policy_of(response: Any) -> dict[str, list[str]]:
    directives = (directive.split() for directive in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}
