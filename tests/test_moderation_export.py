"""A list of comments as a spreadsheet."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.models import Page

from blog.models import BlogPage, ReaderComment
from tests import factories
from tests.moderating import client_of


@pytest.fixture
def post(site: Page) -> BlogPage:
    return factories.make_post(title="Knees on stairs", intro="Why they ache.")


@pytest.fixture
def held(post: BlogPage) -> ReaderComment:
    return factories.make_comment(post, status="pending", author_name="Quentin", body="Please\nread me")


@pytest.fixture
def moderator(site: Page) -> Client:
    """Somebody in the group that comes with the site, and in no other."""
    return client_of(group="Comment moderators")


def exported(client: Client, query: str) -> list[list[Any]]:
    answer = client.get(f"{reverse('blog_comments_export')}?{query}")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    if "export=csv" in query:
        return list(csv.reader(StringIO(content.decode())))
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}
    return [list(row) for row in sheet.iter_rows(values_only=True)]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"]


def test_an_export_holds_no_formula(post: BlogPage, moderator: Client) -> None:
    for text in FORMULAS:
        factories.make_comment(post, status="pending", author_name=text, body=text)
    rows = exported(moderator, "status=pending&export=csv")[1:]
    assert {row[2] for row in rows} == {f"'{text}" for text in FORMULAS}
    assert {row[3] for row in rows} == {f"'{text}" for text in FORMULAS}
    factories.make_comment(post, status="pending", author_name="Bell", body="ring\x07ring")
    sheet = exported(moderator, "status=pending&export=xlsx")[1:]
    assert {"=1+1", "+1", "-1", "@SUM(A1)"} <= {row[3] for row in sheet}
    assert "ringring" in {row[3] for row in sheet}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_the_list_and_no_more(kind: str, held: ReaderComment, moderator: Client) -> None:
    ReaderComment.objects.filter(pk=held.pk).update(network="e" * 32, email_digest="f" * 32, email="q@visitor.example")
    factories.make_comment(held.post, status="spam", author_name="Spammer")
    rows = exported(moderator, f"status=pending&export={kind}")
    assert [row[2] for row in rows] == ["Name", "Quentin"]
    text = str(rows)
    assert "q@visitor.example" in text
    assert "e" * 32 not in text
    assert "f" * 32 not in text
