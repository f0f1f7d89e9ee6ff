"""A post's comments as its reader meets them: thread under thread, and the ways to the pages beside this one."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import Http404, HttpRequest

from frontend.api import Api

Context = dict[str, Any]
COMMENTS_A_PAGE = 50
CURSOR = re.compile(r"[0-9a-f]{22}(?:[0-9a-f]{22})?")


def thread_context(api: Api, request: HttpRequest, page: Context) -> Context:
    """The page of a post's comments that `?comments=<cursor>` names; the first one without it."""
    cursor = request.GET.get("comments")
    answer = api.get(
        f"posts/{page['id']}/comments/", limit=COMMENTS_A_PAGE, **({} if cursor is None else _known(cursor))
    )
    if not answer.ok:
        raise Http404
    path, comments = page["meta"]["path"], answer.data
    return {
        "comments": comments,
        "threads": threads(comments["results"]),
        "reply_path": path if page["comments"]["open"] else "",
        "earlier_url": page_url(path, comments["previous"]),
        "more_url": page_url(path, comments["next"]),
        "noindex": cursor is not None,
    }


def _known(cursor: str) -> Context:
    if not CURSOR.fullmatch(cursor):
        raise Http404
    return {"cursor": cursor}


def threads(comments: list[Context]) -> list[Context]:
    """The comments of one page by thread. `root` is None where the page begins in the middle of one."""
    return [_thread(key, list(found)) for key, found in groupby(comments, key=lambda comment: comment["thread"])]


def _thread(key: str, comments: list[Context]) -> Context:
    root = comments[0] if comments[0]["id"] == key else None
    return {"id": key, "root": root, "answers": comments[1:] if root else comments}


def page_url(path: str, api_url: str | None) -> str | None:
    """Where this site shows what the API lists at `api_url`; the first page has no cursor."""
    if api_url is None:
        return None
    cursor = parse_qs(urlsplit(api_url).query).get("cursor")
    return f"{path}?comments={cursor[0]}#comments" if cursor else f"{path}#comments"
