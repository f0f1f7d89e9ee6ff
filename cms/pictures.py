from __future__ import annotations

from collections.abc import Iterator

from blog.models import Author
from cms.api import PAGE_TYPES
from home import renditions
from home.models import SiteSettings
from home.renditions import Use


def make_missing() -> None:
    """Make every rendition that the live site shows and that is not there, after an import or a kill for example."""
    for use in _uses():
        renditions.make([use])


def _uses() -> Iterator[Use]:
    for model in PAGE_TYPES:
        for page in model._default_manager.live().iterator(chunk_size=100):
            yield from page.pictures()
    for author in Author.objects.all():
        yield from author.pictures()
    yield from SiteSettings.current().pictures()
