"""What was seen, held against the register. Nothing here knows a browser."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from consent.audit.register import Item, Register

DECLARABLE = {"cookie", "local", "session", "indexeddb"}
TOLERANCE = 24 * 60 * 60  # seconds that a cookie may outlive its declared lifetime


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Load:
    """
    A host that was asked for something.

    `through` holds the other sites that led there: the documents it happened in, and what redirected to it.
    """

    host: str
    through: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stored:
    """
    One thing in the browser. `host` is a cookie's domain, or the host whose page keeps the thing.

    `seconds` is what is left of its life, None if it has no fixed end. `was_there` says that it is older than the
    visitor's latest choice.
    """

    kind: str
    name: str
    host: str
    seconds: float | None = None
    was_there: bool = False


@dataclass
class Visit:
    """One page in one state, and everything that happened there."""

    state: str
    viewport: str
    page: str
    granted: frozenset[str] = frozenset()
    loads: list[Load] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    problem: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Finding:
    level: Level
    kind: str
    name: str
    host: str
    why: str
    state: str = ""
    viewport: str = ""
    page: str = ""


@dataclass(frozen=True)
class Site:
    """The site under audit, by its address."""

    url: str

    @property
    def host(self) -> str:
        """With its port, if it is not the usual one."""
        return urlsplit(self.url).netloc

    def owns_cookie_of(self, domain: str) -> bool:
        name = urlsplit(self.url).hostname or ""
        parent = domain.removeprefix(".")
        return name == parent or name.endswith(f".{parent}")

    def owns(self, stored: Stored) -> bool:
        return self.owns_cookie_of(stored.host) if stored.kind == "cookie" else stored.host == self.host


@dataclass(frozen=True)
class Verdict:
    """What the register says about one thing; no level: it is as declared."""

    level: Level | None
    why: str = ""


FINE = Verdict(None)


def findings_of(visit: Visit, register: Register, site: Site) -> list[Finding]:
    """What one visit shows that the register does not allow."""
    allowed = register.allowed(visit.granted)
    found = (
        [_finding(visit, Verdict(Level.ERROR, visit.problem), "page", visit.page, site.host)] if visit.problem else []
    )
    for stored in visit.stored:
        verdict = judge_stored(stored, visit, register, site)
        found.append(_finding(visit, verdict, stored.kind, stored.name, stored.host))
    for load in dict.fromkeys(visit.loads):
        found.append(_finding(visit, judge_load(load, allowed, register, site), "host", load.host, load.host))
    for host in dict.fromkeys(visit.blocked):
        why = "The page asks for it and the browser blocked it: take it out of the page."
        found.append(_finding(visit, Verdict(Level.WARNING, why), "host", host, host))
    return [finding for finding in found if finding]


def _finding(visit: Visit, verdict: Verdict, kind: str, name: str, host: str) -> Finding | None:
    if verdict.level is None:
        return None
    return Finding(verdict.level, kind, name, host, verdict.why, visit.state, visit.viewport, visit.page)


def judge_load(load: Load, allowed: Collection[str], register: Register, site: Site) -> Verdict:
    declared = register.hosts_naming(load.host)
    if load.host == site.host or any(host.purpose in allowed for host in declared):
        return FINE
    if any(host.purpose in allowed for other in load.through for host in register.hosts_naming(other)):
        return Verdict(Level.WARNING, "A provider’s own player reached it, from inside the provider’s frame.")
    if declared:
        return Verdict(Level.ERROR, _needs_yes(register, {host.purpose for host in declared}))
    return Verdict(Level.ERROR, "The register does not name this host.")


def judge_stored(stored: Stored, visit: Visit, register: Register, site: Site) -> Verdict:
    is_ours = site.owns(stored)
    declared = register.items_naming(stored.name, kind=stored.kind, is_first_party=is_ours)
    allowed = register.allowed(visit.granted)
    in_force = [item for item in declared if item.purpose in allowed]
    if in_force:
        return _judge_lifetime(stored, in_force, is_ours)
    if _is_beyond_words(stored, allowed, register):
        return Verdict(Level.WARNING, "The provider’s own frame keeps it; the register has no word for this kind.")
    if stored.was_there and not is_ours:
        return Verdict(Level.WARNING, "Left from before the choice; only the provider or the visitor can delete it.")
    if declared and stored.was_there:
        return Verdict(Level.ERROR, "Still there after the yes was taken back.")
    if declared:
        return Verdict(Level.ERROR, _needs_yes(register, {item.purpose for item in declared}))
    return Verdict(Level.ERROR, "The register does not name it.")


def _is_beyond_words(stored: Stored, allowed: Collection[str], register: Register) -> bool:
    hosts = register.hosts_naming(stored.host)
    return stored.kind not in DECLARABLE and any(host.purpose in allowed for host in hosts)


def _judge_lifetime(stored: Stored, declared: Sequence[Item], is_ours: bool) -> Verdict:
    """A cookie may end sooner than declared, never later; of a provider's we say so and can't change it."""
    longest = max((item.seconds or 0 for item in declared), default=0)
    if stored.kind != "cookie" or stored.seconds is None or stored.seconds <= longest + TOLERANCE:
        return FINE
    declared_as = f"{longest / 86400:.4g} days" if longest else "the end of the browser’s session"
    why = f"It lives {stored.seconds / 86400:.4g} days; the register says {declared_as}."
    return Verdict(Level.ERROR if is_ours else Level.WARNING, why)


def _needs_yes(register: Register, purposes: Collection[str]) -> str:
    names = " or ".join(f"“{register.names[key]}”" for key in sorted(purposes))
    return f"Nothing of {names} may happen without a yes, and there was none."


def never_seen(visits: Sequence[Visit], register: Register, site: Site, *, is_offline: bool) -> Iterator[Finding]:
    """What is declared for a purpose that was in force in some visit, and yet never turned up."""
    in_force = {key for visit in visits for key in register.allowed(visit.granted)}
    stored = {(thing.kind, thing.name, site.owns(thing)) for visit in visits for thing in visit.stored}
    reached = {load.host for visit in visits for load in visit.loads}
    for item in register.items:
        is_expected = item.purpose in in_force and (item.is_first_party or not is_offline)
        if is_expected and not any(_is_seen(item, *thing) for thing in stored):
            yield _unseen(item.kind, item.name, "")
    for host in register.hosts:
        if host.purpose in in_force and not any(host.names(name) for name in reached):
            yield _unseen("host", host.pattern, host.pattern)


def _is_seen(item: Item, kind: str, name: str, is_ours: bool) -> bool:
    return (item.kind, item.is_first_party) == (kind, is_ours) and item.names(name)


def _unseen(kind: str, name: str, host: str) -> Finding:
    return Finding(Level.WARNING, kind, name, host, "Declared, but never seen on these pages.")


def all_findings(visits: Sequence[Visit], register: Register, site: Site, *, is_offline: bool) -> list[Finding]:
    found = [finding for visit in visits for finding in findings_of(visit, register, site)]
    return [*found, *never_seen(visits, register, site, is_offline=is_offline)]
