from __future__ import annotations

from typing import Any

from rest_framework import serializers

from consent.models import Receipt
from guard.serializers import DecisionField, StrictSerializer
from home.serializers import ReadSerializer


class WordingSerializer(ReadSerializer):
    text = serializers.CharField()
    policy_label = serializers.CharField()
    policy_url = serializers.CharField()
    accept = serializers.CharField()
    reject = serializers.CharField()
    manage = serializers.CharField()
    gpc = serializers.CharField()


class ProviderSerializer(ReadSerializer):
    key = serializers.CharField()
    name = serializers.CharField()
    controller = serializers.CharField()
    privacy_url = serializers.CharField()
    country = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(["frame", "script"])
    hosts = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="By CSP directive."
    )


class ItemSerializer(ReadSerializer):
    name = serializers.CharField()
    kind = serializers.CharField()
    party = serializers.CharField()
    lifetime = serializers.CharField()
    lifetime_seconds = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()
    service = serializers.CharField(allow_blank=True)


class PurposeSerializer(ReadSerializer):
    key = serializers.CharField()
    short_key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    required = serializers.BooleanField()
    basis = serializers.CharField()
    since = serializers.IntegerField(help_text="The revision since which it means what it means now.")
    edition = serializers.IntegerField()
    refused_by_gpc = serializers.BooleanField()
    services = ProviderSerializer(many=True)
    items = ItemSerializer(many=True)


class RegisterSerializer(ReadSerializer):
    """Everything a visitor is shown when choosing; `hash` is of the canonical JSON of `wording` and `purposes`."""

    revision = serializers.IntegerField()
    hash = serializers.CharField()
    published_at = serializers.DateTimeField()
    wording = WordingSerializer()
    purposes = PurposeSerializer(many=True)


class ChoiceInputSerializer(StrictSerializer):
    revision = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    choices = serializers.DictField(child=DecisionField())
    surface = serializers.ChoiceField(Receipt.Surface.choices, required=False, default=Receipt.Surface.SETTINGS)


class OnceInputSerializer(StrictSerializer):
    revision = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    embed_url = serializers.RegexField(r"^/embed/[a-z]{3,20}/[^/?#\s]{1,80}/$", max_length=120)


class OnceSerializer(serializers.Serializer[Any]):
    embed_url = serializers.CharField(help_text="Opens this one frame for five minutes.")


class ReceiptLinkSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    revision_hash = serializers.CharField()


class ChoiceSerializer(serializers.Serializer[Any]):
    """The visitor's own choice; before one is made, everything optional is off."""

    decided = serializers.DateTimeField(allow_null=True)
    expires = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()
    stale = serializers.BooleanField(help_text="Whether something granted has changed since, so that we ask again.")
    gpc = serializers.BooleanField(help_text="Whether the browser sends Global Privacy Control.")
    choices = serializers.DictField(child=serializers.BooleanField())
    receipt = ReceiptLinkSerializer(allow_null=True)


class ReceiptSerializer(serializers.Serializer[Receipt]):
    id = serializers.CharField()
    decided_at = serializers.DateTimeField()
    action = serializers.CharField()
    choices = serializers.DictField(child=serializers.BooleanField())
    surface = serializers.CharField()
    gpc = serializers.BooleanField()
    revision = serializers.IntegerField(source="revision_id")
    revision_hash = serializers.CharField(source="revision.hash")
    record = serializers.CharField(help_text="The canonical JSON of this receipt as it was recorded.")
    digest = serializers.CharField(help_text="SHA-256 of `record`.")
    document = serializers.DictField(source="revision.document", help_text="What was shown then.")
