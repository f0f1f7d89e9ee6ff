"""The site's register, as its public API gives it: what each purpose may store and reach."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_HARDENED = re.compile(r"__(?:Host|Secure)-")


class AuditError(Exception):
    """The audit could not be made; nothing is known about the site."""


@dataclass(frozen=True)
class Item:
    """One thing that may be stored; `*` in its name stands for any characters, `seconds` None for no fixed end."""

    name: str
    kind: str
    is_first_party: bool
    seconds: int | None
    purpose: str

    def names(self, name: str) -> bool:
        """Whether it means this name. On https our own cookies carry a prefix that the register leaves out."""
        found = _HARDENED.sub("", name, count=1) if self.is_first_party else name
        return _matches(self.name, found) or _matches(self.name, name)


@dataclass(frozen=True)
class Host:
    """A host that may be reached, with its port if it has one; `*.` in front stands for its subdomains."""

    pattern: str
    purpose: str

    def names(self, host: str) -> bool:
        if self.pattern.startswith("*."):
            return host.lower().endswith(self.pattern[1:])
        return host.lower() == self.pattern


@dataclass(frozen=True)
class Register:
    revision: int
    hash: str
    published_at: str
    names: dict[str, str]
    optional: frozenset[str]
    items: tuple[Item, ...]
    hosts: tuple[Host, ...]
    services: dict[str, str]

    def allowed(self, granted: Collection[str]) -> frozenset[str]:
        """The purposes in force when these optional ones were granted."""
        return frozenset(self.names) - (self.optional - frozenset(granted))

    def hosts_naming(self, host: str) -> list[Host]:
        return [declared for declared in self.hosts if declared.names(host)]

    def items_naming(self, name: str, *, kind: str, is_first_party: bool) -> list[Item]:
        of_kind = (item for item in self.items if (item.kind, item.is_first_party) == (kind, is_first_party))
        return [item for item in of_kind if item.names(name)]


def parse(document: dict[str, Any]) -> Register:
    """Read what `/api/v1/consent/` answers; KeyError or TypeError if it is anything else."""
    purposes = document["purposes"]
    return Register(
        revision=document["revision"],
        hash=document["hash"],
        published_at=document["published_at"],
        names={purpose["key"]: purpose["name"] for purpose in purposes},
        optional=frozenset(purpose["key"] for purpose in purposes if not purpose["required"]),
        items=tuple(_item(item, purpose["key"]) for purpose in purposes for item in purpose["items"]),
        hosts=tuple(host for purpose in purposes for host in _hosts(purpose)),
        services={service["key"]: purpose["key"] for purpose in purposes for service in purpose["services"]},
    )


def _item(item: dict[str, Any], purpose: str) -> Item:
    return Item(item["name"], item["kind"], item["party"] == "first", item["lifetime_seconds"], purpose)


def _hosts(purpose: dict[str, Any]) -> list[Host]:
    by_directive = (service["hosts"].values() for service in purpose["services"])
    addresses = dict.fromkeys(address for lists in by_directive for hosts in lists for address in hosts)
    return [Host(urlsplit(address).netloc.lower(), purpose["key"]) for address in addresses]


def _matches(pattern: str, name: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None
