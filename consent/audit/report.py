"""What an audit found: as a table for the console, as JUnit XML, and as a page for whoever asks for proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from django.template.loader import render_to_string

from consent.audit.compare import Finding, Level, Site, Visit, all_findings, findings_of
from consent.audit.register import Register
from consent.audit.states import State

SHOWN_PLACES = 6
_NO_CONTROL = {code: " " for code in range(32) if chr(code) not in "\t\n\r"}


@dataclass(frozen=True)
class Audit:
    """One run of the audit."""

    site: Site
    register: Register
    states: Sequence[State]
    pages: Sequence[str]
    visits: Sequence[Visit]
    browser: str
    is_offline: bool
    started_at: datetime
    seconds: float

    @property
    def findings(self) -> list[Finding]:
        return all_findings(self.visits, self.register, self.site, is_offline=self.is_offline)

    def found_in(self, visit: Visit) -> list[Finding]:
        return findings_of(visit, self.register, self.site)


@dataclass
class Row:
    """A state on one device, in numbers and in what happened there."""

    state: str
    viewport: str
    visits: int = 0
    errors: int = 0
    warnings: int = 0
    hosts: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)


@dataclass
class Matter:
    """The same finding in all its places."""

    finding: Finding
    places: list[str] = field(default_factory=list)

    @property
    def shown_places(self) -> list[str]:
        more = len(self.places) - SHOWN_PLACES
        return [*self.places[:SHOWN_PLACES], *([f"and {more} more"] if more > 0 else [])]


def rows(audit: Audit) -> list[Row]:
    return [
        _row(audit, *key, list(visits))
        for key, visits in groupby(audit.visits, key=lambda visit: (visit.state, visit.viewport))
    ]


def _row(audit: Audit, state: str, viewport: str, visits: Sequence[Visit]) -> Row:
    levels = [finding.level for visit in visits for finding in audit.found_in(visit)]
    return Row(
        state,
        viewport,
        visits=len(visits),
        errors=levels.count(Level.ERROR),
        warnings=levels.count(Level.WARNING),
        hosts=sorted({load.host for visit in visits for load in visit.loads}),
        stored=sorted({stored.name for visit in visits for stored in visit.stored}),
    )


def matters(findings: Sequence[Finding]) -> list[Matter]:
    """Findings that say the same, together; errors first."""
    found: dict[tuple[str, ...], Matter] = {}
    for finding in sorted(findings, key=lambda finding: finding.level):
        key = (finding.level, finding.kind, finding.name, finding.host, finding.why)
        place = f"{finding.page} in {finding.state}, {finding.viewport}" if finding.page else ""
        matter = found.setdefault(key, Matter(finding))
        matter.places += [place] if place else []
    return list(found.values())


def lines(audit: Audit) -> Iterator[str]:
    """The summary for a console."""
    yield f"{'state':<18}{'viewport':<10}{'visits':>7}{'errors':>8}{'warnings':>10}  other hosts"
    for row in rows(audit):
        hosts = ", ".join(row.hosts) or "none"
        yield f"{row.state:<18}{row.viewport:<10}{row.visits:>7}{row.errors:>8}{row.warnings:>10}  {hosts}"
    for matter in matters(audit.findings):
        yield ""
        yield f"{matter.finding.level.upper()} {title(matter.finding)}: {matter.finding.why}"
        yield from (f"    {place}" for place in matter.shown_places)


def title(finding: Finding) -> str:
    """A finding's subject, such as "cookie _ga of stats.example"."""
    of = f" of {finding.host}" if finding.host not in {"", finding.name} else ""
    return f"{finding.kind} {finding.name}{of}"


def junit(audit: Audit) -> str:
    """One test case a state × viewport × page, and one for what was declared and never seen."""
    errors = [finding for finding in audit.findings if finding.level is Level.ERROR]
    cases = "".join(_case(f"{v.state}.{v.viewport}", v.page, v.seconds, audit.found_in(v)) for v in audit.visits)
    whole = _case("register", "declared and seen", 0, [finding for finding in audit.findings if not finding.page])
    counts = f'tests="{len(audit.visits) + 1}" failures="{len({_case_of(error) for error in errors})}" errors="0"'
    head = f'<testsuite name="consent_audit" {counts} time="{audit.seconds:.1f}" timestamp="{audit.started_at:%FT%T}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>{head}\n{cases}{whole}</testsuite></testsuites>\n'


def _case_of(finding: Finding) -> tuple[str, str, str]:
    return finding.state, finding.viewport, finding.page


def _case(group: str, name: str, seconds: float, findings: Sequence[Finding]) -> str:
    errors, warnings = (
        "\n".join(f"{title(finding)}: {finding.why}" for finding in findings if finding.level is level)
        for level in (Level.ERROR, Level.WARNING)
    )
    failure = f"<failure message={_attribute(errors.splitlines()[0])}>{_text(errors)}</failure>" if errors else ""
    output = f"<system-out>{_text(warnings)}</system-out>" if warnings else ""
    head = f'classname={_attribute(f"consent_audit.{group}")} name={_attribute(name)} time="{seconds:.2f}"'
    return f"<testcase {head}>{failure}{output}</testcase>\n"


def _text(value: str) -> str:
    return escape(value.translate(_NO_CONTROL))


def _attribute(value: str) -> str:
    return quoteattr(value.translate(_NO_CONTROL))


def html(audit: Audit) -> str:
    """A page that needs nothing beside it and runs nothing."""
    found = matters(audit.findings)
    context = {
        "audit": audit,
        "rows": rows(audit),
        "errors": [matter for matter in found if matter.finding.level is Level.ERROR],
        "warnings": [matter for matter in found if matter.finding.level is Level.WARNING],
    }
    return render_to_string("consent/audit/report.html", context)
