from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from guard.errors import TooLarge

MAX_BYTES = 64 * 1024


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class BoundedJSONParser(BaseParser):
    """JSON of at most 64 KB; deep nesting, NaN and other encodings than UTF-8 are errors of the sender, not ours."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise TooLarge
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate has no place in any answer of ours
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is not valid JSON.")) from error
        return value
