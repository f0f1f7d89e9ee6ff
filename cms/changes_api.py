"""The change journal as other frontends and caches read it."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cms.journal import BATCH, last_in_database
from guard.serializers import ErrorSerializer
from home.changes import changes_after

ROW_ID = re.compile(r"[0-9]{1,18}")


class ChangeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    tag = serializers.CharField()
    at = serializers.DateTimeField()


class JournalSerializer(serializers.Serializer[Any]):
    last = serializers.IntegerField(help_text="The id of the newest change there is.")
    results = ChangeSerializer(many=True)


class ChangesView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="changes",
        summary="What has changed, by the tags that answers carry in `Cache-Tag`",
        description=(
            f"The changes after one, oldest first, at most {BATCH}; without `after` only where the journal ends. "
            "An id may become visible a moment after a larger one: look back over the last minute and skip what you "
            "know. Changes are kept for a week; who was away for longer drops everything."
        ),
        parameters=[OpenApiParameter("after", int)],
        responses={200: JournalSerializer, 400: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        after = _after(request.query_params.get("after"))
        rows = [] if after is None else changes_after(after, limit=BATCH)
        return Response(
            JournalSerializer({"last": last_in_database(), "results": rows}).data, headers={"Cache-Control": "no-store"}
        )


def _after(value: str | None) -> int | None:
    if value is None:
        return None
    if not ROW_ID.fullmatch(value):
        raise ValidationError({"after": [_("The id of a change is expected.")]})
    return int(value)
