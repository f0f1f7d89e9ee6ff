from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

UNITS = (
    (ngettext_lazy("%(number)d year", "%(number)d years", "number"), 365 * 86400),
    (ngettext_lazy("%(number)d day", "%(number)d days", "number"), 86400),
    (ngettext_lazy("%(number)d hour", "%(number)d hours", "number"), 3600),
    (ngettext_lazy("%(number)d minute", "%(number)d minutes", "number"), 60),
    (ngettext_lazy("%(number)d second", "%(number)d seconds", "number"), 1),
)


def in_words(seconds: int | None, kind: str) -> str:
    """How long something is kept, in the largest unit that fits evenly: "182 days", "12 hours"."""
    if seconds is None:
        return _("until the browser closes") if kind in {"cookie", "session"} else _("until you delete it")
    unit, size = next(((unit, size) for unit, size in UNITS if seconds >= size and seconds % size == 0), UNITS[-1])
    return str(unit % {"number": seconds // size})
