"""The shapes of the body's blocks for OpenAPI: one component a type, told apart by `type`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, inline_serializer
from rest_framework import serializers

from home.picture_schema import PictureSerializer


def _text(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(**kwargs)


def _frame() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """What every block has whose content a provider would serve: a card until the visitor allows its purpose."""
    return {
        "provider": _text(),
        "provider_name": _text(),
        "title": _text(),
        "url": _text(help_text="The plain link to the provider."),
        "embed_url": _text(help_text="Our own frame; answered only against a choice that allows `purpose`."),
        "purpose": _text(),
        "poster": PictureSerializer(allow_null=True),
    }


VALUES: dict[str, dict[str, serializers.Field[Any, Any, Any, Any]]] = {
    "heading": {"text": _text(), "anchor": _text()},
    "paragraph": {"html": _text()},
    "image": {"picture": PictureSerializer(allow_null=True), "caption": _text(allow_blank=True)},
    "quote": {"text": _text(), "source": _text(allow_blank=True)},
    "callout": {"tone": serializers.ChoiceField(["note", "warning"]), "title": _text(), "html": _text()},
    "exercise": {
        "name": _text(),
        "steps": serializers.ListField(child=serializers.CharField()),
        "dose": _text(),
        "picture": PictureSerializer(allow_null=True),
    },
    "video": {**_frame(), "caption": _text(allow_blank=True)},
    "map": {**_frame(), "address": _text()},
    "call_to_action": {"title": _text(), "text": _text(allow_blank=True), "label": _text(), "url": _text()},
    "cookie_table": {},
}


def _block(kind: str, fields: dict[str, Any]) -> serializers.Serializer[Any]:
    name = "".join(part.title() for part in kind.split("_"))
    value = inline_serializer(f"{name}Value", fields) if fields else serializers.DictField()
    return inline_serializer(
        f"{name}Block", {"id": serializers.UUIDField(), "type": serializers.ChoiceField([kind]), "value": value}
    )


BLOCK_UNION = PolymorphicProxySerializer(
    component_name="Block",
    serializers={kind: _block(kind, fields) for kind, fields in VALUES.items()},
    resource_type_field_name="type",
    many=True,
)
