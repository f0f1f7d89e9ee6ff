"""The least that Granian can do: the bodies of files, read once, given away with no work at all (`BODIES`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Headers = list[tuple[str, str]]


def _answers() -> dict[tuple[str, bool], tuple[Headers, bytes]]:
    answers = {}
    for path in Path(os.environ["BODIES"]).iterdir():
        is_gzip, body = path.suffix == ".gz", path.read_bytes()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [("Content-Encoding", "gzip")] if is_gzip else []
        answers[f"/{path.name.removesuffix('.gz')}", is_gzip] = headers, body
    return answers


ANSWERS = _answers()


def application(environ: dict[str, Any], start_response: Callable[[str, Headers], Any]) -> Iterable[bytes]:
    headers, body = ANSWERS[environ["PATH_INFO"], "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")]
    start_response("200 OK", headers)
    return [body]
