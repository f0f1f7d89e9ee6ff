"""The states a visitor can be in, and how each is reached."""

from __future__ import annotations

from dataclasses import dataclass

from consent.audit.register import AuditError, Register


@dataclass(frozen=True)
class Choice:
    """One press of a button: in the banner, or on the settings page with these purposes switched on."""

    action: str
    granted: frozenset[str] = frozenset()
    on_settings_page: bool = False


@dataclass(frozen=True)
class State:
    name: str
    description: str
    choices: tuple[Choice, ...] = ()
    java_script: bool = True
    gpc: bool = False


@dataclass(frozen=True)
class Viewport:
    name: str
    width: int
    height: int
    is_phone: bool = False


VIEWPORTS = (Viewport("desktop", 1280, 900), Viewport("phone", 360, 740, is_phone=True))


def all_states(register: Register) -> list[State]:
    accept = Choice("accept", register.optional)
    reject = Choice("reject")
    take_back = Choice("reject", on_settings_page=True)
    return [
        State("untouched", "No choice was made."),
        State("rejected", "“Reject” was pressed in the banner.", (reject,)),
        State("accepted", "“Accept” was pressed in the banner.", (accept,)),
        *(_only(key) for key in sorted(register.optional)),
        State("withdrawn", "Everything was accepted and used, then rejected in the settings.", (accept, take_back)),
        State("gpc", "No choice was made; the browser sends Global Privacy Control.", gpc=True),
        State("no-js", "No JavaScript; no choice was made.", java_script=False),
        State("no-js-rejected", "No JavaScript; the banner’s form was sent with “Reject”.", (reject,), False),
        State("no-js-accepted", "No JavaScript; the banner’s form was sent with “Accept”.", (accept,), False),
    ]


def _only(key: str) -> State:
    choice = Choice("save", frozenset({key}), on_settings_page=True)
    return State(key, f"Only “{key}” was switched on in the settings.", (choice,))


def chosen_states(register: Register, names: str) -> list[State]:
    """The states of these names, separated by commas; every state for an empty string."""
    known = {state.name: state for state in all_states(register)}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise AuditError(f"No such state: {', '.join(unknown)}. There are: {', '.join(known)}.")
    return [known[name] for name in wanted]
