from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SourceSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="A media type, best first: image/avif, image/webp, image/jpeg.")
    srcset = serializers.CharField()


class PictureSerializer(serializers.Serializer[Any]):
    alt = serializers.CharField(allow_blank=True, help_text="Empty for a picture that only decorates.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    src = serializers.CharField(help_text="The largest JPEG.")
    sources = SourceSerializer(many=True)


class SocialImageSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField(allow_blank=True)
