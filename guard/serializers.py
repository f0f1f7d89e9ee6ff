from __future__ import annotations

import unicodedata
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

_NEVER = {"Cc", "Cs", "Co", "Cn"}


class StrictSerializer(serializers.Serializer[Any]):
    """Input that names a field nobody knows is refused, not dropped: a typo must not look like success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({name: [_("This field is not known here.")] for name in unknown[:20]})
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """One line of text in NFC, without control characters."""

    def to_internal_value(self, data: Any) -> str:
        value = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(char) in _NEVER or char in "\u2028\u2029" for char in value):
            raise serializers.ValidationError(_("This contains characters that can’t be used here."))
        return value


class TextField(serializers.CharField):
    """Plain text in NFC with line feeds and tabs, without other control characters."""

    def to_internal_value(self, data: Any) -> str:
        value = unicodedata.normalize("NFC", super().to_internal_value(data))
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        if any(unicodedata.category(char) in _NEVER and char not in "\n\t" for char in value):
            raise serializers.ValidationError(_("This contains characters that can’t be used here."))
        return value


class DecisionField(serializers.BooleanField):
    """`true` or `false` and no word that could be taken for one: what somebody agrees to is not guessed."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class TicketSerializer(serializers.Serializer[Any]):
    """What a form needs before it posts."""

    ticket = serializers.CharField(help_text="Send it back with the form: it is good for one sending.")
    expires_at = serializers.DateTimeField()
    min_seconds = serializers.IntegerField(help_text="A form sent sooner than this is refused.")
    honeypot = serializers.CharField(help_text="The name of a field that a person never sees and that must stay empty.")


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal of this API."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
