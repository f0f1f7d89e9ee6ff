from __future__ import annotations

from typing import Any

from rest_framework import serializers

from consent.models import Receipt
from guard.serializers import DecisionField, StrictSerializer


class WordingSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    policy_label = serializers.CharField()
    policy_url = serializers.CharField()
    accept = serializers.CharField()
    reject = serializers.CharField()
    manage = serializers.CharField()


class ProviderSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    controller = serializers.CharField()
    privacy_url = serializers.CharField()
    country = serializers.CharField()
    hosts = serializers.ListField(child=serializers.CharField())


class ItemSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField()
    party = serializers.CharField()
    lifetime = serializers.CharField()
    description = serializers.CharField()
    service = serializers.CharField(allow_blank=True)


class PurposeSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    short_key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    required = serializers.BooleanField()
    basis = serializers.CharField()
    services = ProviderSerializer(many=True)
    items = ItemSerializer(many=True)


class RegisterSerializer(serializers.Serializer[Any]):
    """Everything a visitor is shown when choosing; `hash` is of its canonical JSON."""

    revision = serializers.IntegerField()
    hash = serializers.CharField()
    wording = WordingSerializer()
    purposes = PurposeSerializer(many=True)


class ChoiceInputSerializer(StrictSerializer):
    revision = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    choices = serializers.DictField(child=DecisionField())
    surface = serializers.ChoiceField(Receipt.Surface.choices, required=False, default=Receipt.Surface.SETTINGS)


class ReceiptLinkSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    revision_hash = serializers.CharField()


class ChoiceSerializer(serializers.Serializer[Any]):
    """The visitor's own choice; before one is made, everything optional is off."""

    decided = serializers.DateTimeField(allow_null=True)
    expires = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()
    stale = serializers.BooleanField(help_text="Whether the wording has changed since.")
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
    document = serializers.DictField(source="revision.document", help_text="What was shown then.")
