from __future__ import annotations

from collections.abc import Iterable, Iterator

from blog.models import Author
from cms.api import PAGE_TYPES
from home import preparing
from home.models import SiteSettings
from home.renditions import Use


def note_missing() -> None:
    """Note every size that the live site shows and that is not there, after an import or an upgrade for example."""
    for uses in _uses():
        preparing.note(uses)


def _uses() -> Iterator[Iterable[Use]]:
    for model in PAGE_TYPES:
        for page in model._default_manager.live().iterator(chunk_size=100):
            yield page.pictures()
    for author in Author.objects.all():
        yield author.pictures()
    yield SiteSettings.current().pictures()
