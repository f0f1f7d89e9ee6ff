"""Parts of a page that are rendered once: never for other values, and never with what one visitor typed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils.safestring import mark_safe

from blog.models import BlogPage
from frontend.templatetags import parts
from tests import factories
from tests.conftest import Visitor

WORD = "quillfeather"


@pytest.fixture(autouse=True)
def nothing_rendered() -> Iterator[None]:
    parts._kept.cache_clear()
    yield
    parts._kept.cache_clear()


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(title="Calf strain", slug="calf")


def remembered() -> str:
    """Everything that is kept, as far as the garbage collector finds it: texts, and what was packed into bytes."""
    found, seen, waiting = [], set(), list(gc.get_referents(parts._kept))
    while waiting:
        thing: Any = waiting.pop()
        if isinstance(thing, str | bytes):
            found.append(thing if isinstance(thing, str) else thing.decode("utf-8", "replace"))
        elif id(thing) not in seen and not isinstance(thing, type | FunctionType | ModuleType):
            seen.add(id(thing))
            waiting += gc.get_referents(thing)
    return "\n".join(found)


def caption(text: str) -> str:
    block = {"type": "quote", "id": "q", "value": {"text": text, "source": ""}}
    return Template("{% load parts %}{% render_block block %}").render(Context({"block": block}))


def test_part_is_rendered_once_for_the_same_values(post: BlogPage) -> None:
    Visitor().get("/blog/")
    before = parts._kept.cache_info()
    Visitor().get("/blog/?topic=&page=1")
    Visitor().get("/search/?q=calf")
    after = parts._kept.cache_info()
    assert after.hits > before.hits


def test_text_that_is_to_be_escaped_is_never_given_away_as_one_that_is_not() -> None:
    assert "<b>knee</b>" in caption(mark_safe("<b>knee</b>"))
    assert "&lt;b&gt;knee&lt;/b&gt;" in caption("<b>knee</b>")


def test_nothing_is_remembered_without_room(post: BlogPage, settings: Any) -> None:
    settings.PAGE_CACHE_MB = 0
    Visitor().get("/blog/calf/")
    assert parts._kept.cache_info().currsize == 0


def test_what_a_visitor_typed_is_remembered_nowhere(post: BlogPage) -> None:
    Visitor().get("/blog/calf/")
    assert "Calf strain" in remembered()
    answer = Client().post("/blog/calf/comment/", {"author_name": WORD, "body": "", "email": f"{WORD}@"})
    assert WORD in answer.content.decode()
    assert WORD not in remembered()
