from __future__ import annotations

import unicodedata
from typing import Any

import regex
from django.utils.translation import gettext as _
from rest_framework import serializers

# Control characters, halves of characters, and what no character stands for. Python’s own tables are years behind: they
# would take new emoji for the last of these.
_NOT_IN_A_LINE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]")
_NOT_IN_A_TEXT = regex.compile(r"[[\p{Cc}\p{Cs}\p{Co}\p{Cn}]--[\n\t]]", regex.V1)


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
        if _NOT_IN_A_LINE.search(value):
            raise serializers.ValidationError(_("This contains characters that can’t be used here."))
        return value


class TextField(serializers.CharField):
    """Plain text in NFC with line feeds and tabs, without other control characters."""

    def to_internal_value(self, data: Any) -> str:
        value = unicodedata.normalize("NFC", super().to_internal_value(data))
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        if _NOT_IN_A_TEXT.search(value):
            raise serializers.ValidationError(_("This contains characters that can’t be used here."))
        return value


class DecisionField(serializers.BooleanField):
    """`true` or `false` and no word that could be taken for one: what somebody agrees to is not guessed."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class PlainDateField(serializers.DateField):
    """A date as ISO 8601 writes it: Python's own reading takes the digits of every script."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and not value.isascii():
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class TicketSerializer(serializers.Serializer[Any]):
    """What a form needs before it posts."""

    ticket = serializers.CharField(help_text="Send it back with the form: it is good for one sending.")
    expires_at = serializers.DateTimeField()
    min_seconds = serializers.IntegerField(help_text="A form sent sooner than this is refused.")
    honeypot = serializers.CharField(help_text="The name of a field that a person never sees and that must stay empty.")
    challenge = serializers.JSONField(
        allow_null=True,
        help_text="An ALTCHA challenge, version 2. Its solution goes into `proof`; null where none is asked for.",
    )


class SentFormSerializer(serializers.Serializer[Any]):
    """What the guard asks for beside a form's own fields."""

    ticket = serializers.CharField(help_text="From the form’s ticket.")
    proof = serializers.CharField(
        required=False,
        help_text="The solved challenge: base64 of `{challenge, solution: {counter, derivedKey}}`. A form without one "
        "is taken under tighter limits.",
    )


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal of this API."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
