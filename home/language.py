"""The site's own language: what is written for its visitors is in it, whatever language an editor's admin speaks."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, override


def in_site_language() -> override:
    """A block in which words are the site's, as `with in_site_language(): …`."""
    return override(settings.LANGUAGE_CODE)


def _in_site_language(message: str) -> str:
    # Django makes migrations with translations off: they hold the words as they stand in the code.
    if get_language() is None:
        return message
    with in_site_language():
        return gettext(message)


site_words = lazy(_in_site_language, str)
