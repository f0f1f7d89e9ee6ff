from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from home import renditions, tags
from home.block_schema import BLOCK_UNION
from home.blocks import rich_texts_in
from home.picture_blocks import read_pictures
from home.picture_queries import read_renditions
from home.picture_schema import PictureSerializer, SocialImageSerializer
from home.querysets import path_of, url_of
from home.richtext import PublicLinks

Read = Callable[[Any, Any], Any]


class ReadSerializer(serializers.Serializer[Any]):
    """
    For what is only given away. Its fields are made once a process: DRF would copy and bind them all for each answer.

    So what an answer was given in `context` is known to the methods of its outermost serializer only.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: read(self, instance) for name, read in _readers(type(self))}


@cache
def _readers(kind: type[ReadSerializer]) -> list[tuple[str, Read]]:
    return [(str(field.field_name), _reader(field)) for field in kind()._readable_fields]


def _reader(field: Any) -> Read:
    if isinstance(field, serializers.SerializerMethodField):
        method = field.method_name
        return lambda serializer, instance: getattr(serializer, method)(instance)
    return lambda serializer, instance: _read(field, instance)


def _read(field: Any, instance: Any) -> Any:
    value = field.get_attribute(instance)
    return None if value is None else field.to_representation(value)


@extend_schema_field(PictureSerializer(allow_null=True))
class PictureField(serializers.Field[Any, Any, Any, Any]):
    """A picture in its role on the page. `source="*"`: the picture and its alt text are two fields of the page."""

    def __init__(self, *, picture: str, preset: str, alt: str | None = None, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.picture, self.preset, self.alt = picture, preset, alt

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        alt = getattr(value, self.alt) if self.alt else None
        return renditions.representation(getattr(value, self.picture), self.preset, alt=alt)


@extend_schema_field(BLOCK_UNION)
class BodyField(serializers.Field[Any, Any, Any, Any]):
    """A page's typed blocks; every link in its rich text leads to a public page or elsewhere."""

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        context = {"links": PublicLinks(rich_texts_in(value))}
        blocks: list[dict[str, Any]] = value.stream_block.get_api_representation(value, context=context)
        return blocks


class BreadcrumbSerializer(ReadSerializer):
    title = serializers.CharField()
    url = serializers.CharField()


class LinkMetaSerializer(ReadSerializer):
    """What is needed to link to a page."""

    path = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    first_published_at = serializers.DateTimeField(allow_null=True)

    def get_path(self, page: Any) -> str:
        return path_of(page)

    def get_html_url(self, page: Any) -> str:
        return url_of(path_of(page))


class MetaSerializer(LinkMetaSerializer):
    type = serializers.CharField(source="_meta.label")
    slug = serializers.CharField()
    last_published_at = serializers.DateTimeField(allow_null=True)
    seo_title = serializers.CharField()
    search_description = serializers.CharField()
    noindex = serializers.BooleanField(source="is_hidden_from_search_engines")
    social_image = serializers.SerializerMethodField()

    @extend_schema_field(SocialImageSerializer(allow_null=True))
    def get_social_image(self, page: Any) -> dict[str, Any] | None:
        hero = getattr(page, "hero_image", None)
        alt = "" if page.social_image else getattr(page, "hero_alt", "")
        return renditions.social_image(page.social_image or hero, alt=alt)


class PageSerializer(ReadSerializer):
    """What every page has. `context["lineage"]` is the list of its public ancestors from the root down."""

    id = serializers.IntegerField()
    meta = MetaSerializer(source="*")
    title = serializers.CharField()
    breadcrumbs = serializers.SerializerMethodField()

    def __init__(self, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(instance, **kwargs)
        if instance is not None:
            if hasattr(instance, "body"):
                read_pictures(instance.body)
            read_renditions(self.pictures())

    @property
    def cache_tags(self) -> list[str]:
        """What the answer is made from."""
        return tags.of_page(self.instance)

    @property
    def fresh_until(self) -> datetime | None:
        """When the answer is out of date without anything being changed."""
        page: Any = self.instance
        expires_at: datetime | None = page.expire_at
        return expires_at

    def pictures(self) -> Iterator[Any]:
        """Every picture the answer shows: their renditions are read together."""
        page: Any = self.instance
        return (use.picture for use in page.pictures())

    @extend_schema_field(BreadcrumbSerializer(many=True))
    def get_breadcrumbs(self, page: Any) -> list[dict[str, str]]:
        return [{"title": parent.title, "url": path_of(parent)} for parent in self.context.get("lineage", ())]


class HeroSerializer(ReadSerializer):
    title = serializers.CharField(source="hero_title")
    text = serializers.CharField(source="hero_text")
    picture = PictureField(picture="hero_image", preset="hero", alt="hero_alt")


class HomePageSerializer(PageSerializer):
    hero = HeroSerializer(source="*")
    services_heading = serializers.CharField()
    posts_heading = serializers.CharField()
    body = BodyField()


class StandardPageSerializer(PageSerializer):
    intro = serializers.CharField()
    hero = PictureField(picture="hero_image", preset="hero", alt="hero_alt")
    body = BodyField()


class MenuLinkSerializer(ReadSerializer):
    label = serializers.CharField()
    url = serializers.CharField()


class ContactSerializer(ReadSerializer):
    street = serializers.CharField()
    locality = serializers.CharField()
    postal_code = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()
    phone_uri = serializers.CharField(help_text="The number as a tel: link, or empty.")
    email = serializers.CharField()
    latitude = serializers.CharField(allow_null=True)
    longitude = serializers.CharField(allow_null=True)


class HoursSerializer(ReadSerializer):
    days = serializers.ListField(child=serializers.CharField())
    opens = serializers.CharField(help_text="HH:MM in the clinic’s time zone.")
    closes = serializers.CharField()


class AccentSerializer(ReadSerializer):
    light = serializers.CharField()
    dark = serializers.CharField()


class FooterSerializer(ReadSerializer):
    text = serializers.CharField()
    menu = MenuLinkSerializer(many=True)


class BookingLinkSerializer(ReadSerializer):
    label = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()


class SiteSerializer(ReadSerializer):
    """What is the same on every page."""

    name = serializers.CharField()
    tagline = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    logo = PictureSerializer(allow_null=True)
    accent = AccentSerializer()
    menu = MenuLinkSerializer(many=True)
    footer = FooterSerializer()
    contact = ContactSerializer()
    opening_hours = HoursSerializer(many=True)
    opening_note = serializers.CharField()
    booking = BookingLinkSerializer()
    share_networks = serializers.ListField(child=serializers.CharField())
    social = MenuLinkSerializer(many=True)
    comments_enabled = serializers.BooleanField()
