"""
The blocks of a page's body.

Each gives its public value in `get_api_representation`; `context["links"]` knows where rich text may link to.
`pictures` names the pictures it shows, so that their renditions can be made ahead and read together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.text import slugify
from django.utils.translation import gettext_noop as _
from wagtail import blocks

from home import providers, renditions
from home.language import site_words
from home.picture_blocks import DescribedPictureBlock, PictureChooserBlock
from home.renditions import Use
from home.richtext import FEATURES

BOOKING_PATH = "/book/"


def _alt(image: Any) -> str:
    return "" if image is None or image.decorative else image.contextual_alt_text or ""


class HeadingBlock(blocks.CharBlock):
    def get_api_representation(self, value: str, context: Any = None) -> dict[str, Any]:
        return {"text": value, "anchor": slugify(value)}

    class Meta:
        icon = "title"


class ParagraphBlock(blocks.RichTextBlock):
    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        return {"html": context["links"].html(value.source)}

    class Meta:
        icon = "pilcrow"


class PictureBlock(blocks.StructBlock):
    picture = DescribedPictureBlock()
    caption = blocks.CharBlock(required=False, max_length=250)

    def pictures(self, value: Any) -> Iterator[Use]:
        yield Use(value["picture"], "body")

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        picture = value["picture"]
        return {
            "picture": renditions.representation(picture, "body", alt=_alt(picture)),
            "caption": value["caption"],
        }

    class Meta:
        icon = "image"
        label = "Picture"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    source = blocks.CharBlock(required=False, help_text="Who said it. Leave empty for a sentence of the post itself.")

    class Meta:
        icon = "openquote"


class CalloutBlock(blocks.StructBlock):
    tone = blocks.ChoiceBlock(choices=[("note", "Note"), ("warning", "Warning: see someone")], default="note")
    title = blocks.CharBlock(max_length=120)
    text = blocks.RichTextBlock(features=FEATURES)

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        return {
            "tone": value["tone"],
            "title": value["title"],
            "html": context["links"].html(value["text"].source),
        }

    class Meta:
        icon = "warning"


class ExerciseBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=120)
    steps = blocks.ListBlock(blocks.TextBlock(), min_num=1)
    dose = blocks.CharBlock(max_length=200, help_text="How often and how much, for example 3 × 8 each side.")
    picture = DescribedPictureBlock(required=False)

    def pictures(self, value: Any) -> Iterator[Use]:
        yield Use(value["picture"], "body")

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        picture = value["picture"]
        return {
            "name": value["name"],
            "steps": list(value["steps"]),
            "dose": value["dose"],
            "picture": renditions.representation(picture, "body", alt=_alt(picture)),
        }

    class Meta:
        icon = "list-ol"


class VideoBlock(blocks.StructBlock):
    url = blocks.URLBlock(help_text="The https address of a video on YouTube or Vimeo.")
    title = blocks.CharBlock(max_length=150)
    caption = blocks.CharBlock(required=False, max_length=250)
    poster = PictureChooserBlock(
        required=False, help_text="Our own picture for the card that holds the video until the visitor allows it."
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("url"):
            try:
                providers.read_video_url(cleaned["url"])
            except ValidationError as error:
                raise blocks.StructBlockValidationError(block_errors={"url": error}) from error
        return cleaned

    def pictures(self, value: Any) -> Iterator[Use]:
        yield Use(value["poster"], "body")

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        provider, reference = providers.read_video_url(value["url"])
        return {
            "provider": provider.key,
            "provider_name": provider.name,
            "title": value["title"],
            "caption": value["caption"],
            "url": value["url"],
            "embed_url": providers.embed_path(provider, reference),
            "purpose": "media",
            "poster": renditions.representation(value["poster"], "body", alt=""),
        }

    class Meta:
        icon = "media"


class MapBlock(blocks.StructBlock):
    provider = blocks.ChoiceBlock(
        choices=[(provider.key, provider.name) for provider in (providers.OPENSTREETMAP, providers.GOOGLE_MAPS)],
        default=providers.OPENSTREETMAP.key,
        help_text="It must be switched on under Cookies › Services.",
    )
    title = blocks.CharBlock(max_length=150)
    address = blocks.CharBlock(max_length=250)
    latitude = blocks.DecimalBlock(min_value=-85, max_value=85, max_digits=8, decimal_places=6)
    longitude = blocks.DecimalBlock(min_value=-180, max_value=180, max_digits=9, decimal_places=6)
    poster = PictureChooserBlock(
        required=False, help_text="Our own picture for the card that holds the map until the visitor allows it."
    )

    def pictures(self, value: Any) -> Iterator[Use]:
        yield Use(value["poster"], "body")

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        latitude, longitude = f"{value['latitude']:.5f}", f"{value['longitude']:.5f}"
        provider = providers.PROVIDERS[value["provider"] or providers.OPENSTREETMAP.key]
        return {
            "provider": provider.key,
            "provider_name": provider.name,
            "title": value["title"],
            "address": value["address"],
            "url": providers.map_url(provider, latitude, longitude),
            "embed_url": providers.embed_path(provider, f"{latitude},{longitude}"),
            "purpose": "media",
            "poster": renditions.representation(value["poster"], "body", alt=""),
        }

    class Meta:
        icon = "site"


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    text = blocks.TextBlock(required=False)
    label = blocks.CharBlock(max_length=60, default=site_words(_("Book an appointment")))
    service = blocks.CharBlock(
        required=False,
        max_length=50,
        validators=[validate_slug],
        help_text="The slug of the service it is about, which the form then starts with, for example podiatry.",
    )

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        service = value.get("service")
        url = f"{BOOKING_PATH}?{urlencode({'service': service})}" if service else BOOKING_PATH
        return {"title": value["title"], "text": value["text"], "label": value["label"], "url": url}

    class Meta:
        icon = "date"
        label = "Book an appointment"


class CookieTableBlock(blocks.StaticBlock):
    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        return {}

    class Meta:
        icon = "table"
        label = "Cookie table"
        admin_text = "The table of all cookies and storage, made from the register."


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock(max_length=150)
    paragraph = ParagraphBlock(features=FEATURES)
    image = PictureBlock()
    quote = QuoteBlock()
    callout = CalloutBlock()
    exercise = ExerciseBlock()
    video = VideoBlock()
    map = MapBlock()
    call_to_action = CallToActionBlock()
    cookie_table = CookieTableBlock()


class LinkBlock(blocks.StructBlock):
    """An entry of a menu: a page of the site, or a path or address."""

    label = blocks.CharBlock(max_length=60)
    page = blocks.PageChooserBlock(required=False)
    url = blocks.CharBlock(
        required=False,
        max_length=250,
        help_text="A path such as /book/, or an https address. Used if no page is chosen.",
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        url = cleaned.get("url") or ""
        if not cleaned.get("page") and not url.startswith(("/", "https://")):
            message = "Choose a page, or give a path that starts with / or an address that starts with https://."
            raise blocks.StructBlockValidationError(block_errors={"url": ValidationError(message)})
        return cleaned

    class Meta:
        icon = "link"


WEEKDAYS = [
    ("monday", "Monday"),
    ("tuesday", "Tuesday"),
    ("wednesday", "Wednesday"),
    ("thursday", "Thursday"),
    ("friday", "Friday"),
    ("saturday", "Saturday"),
    ("sunday", "Sunday"),
]


class HoursBlock(blocks.StructBlock):
    days = blocks.MultipleChoiceBlock(choices=WEEKDAYS)
    opens = blocks.TimeBlock()
    closes = blocks.TimeBlock()

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("opens") and cleaned.get("closes") and cleaned["opens"] >= cleaned["closes"]:
            message = "This must be later than the opening time."
            raise blocks.StructBlockValidationError(block_errors={"closes": ValidationError(message)})
        return cleaned

    class Meta:
        icon = "time"


def pictures_in(stream: Any) -> Iterator[Use]:
    """Every picture a body shows, in its role."""
    for child in stream:
        pictures = getattr(child.block, "pictures", None)
        if pictures:
            yield from pictures(child.value)


def rich_texts_in(stream: Any) -> Iterator[str]:
    """The stored source of every rich text of a body."""
    for child in stream:
        if child.block_type == "paragraph":
            yield child.value.source
        elif child.block_type == "callout":
            yield child.value["text"].source


def words_in(stream: Any) -> int:
    """How many words a body has, as Wagtail's search would index them."""
    return sum(len(text.split()) for text in stream.stream_block.get_searchable_content(stream))
