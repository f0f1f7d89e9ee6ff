"""Queries that are compiled once give what their querysets give."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import CharField, Count, IntegerField

from blog.models import Author, BlogPage, PostAuthor
from home.models import Picture
from home.statements import Parameter, Statement, room_for, several
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def as_rows(instances: Any) -> list[dict[str, Any]]:
    return [{field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields} for one in instances]


def test_instances_are_those_of_the_queryset() -> None:
    for _ in range(3):
        factories.make_post(hero_image=factories.make_picture())
    statement: Statement[BlogPage] = Statement(lambda: BlogPage.objects.order_by("pk"))
    assert as_rows(statement.read()) == as_rows(BlogPage.objects.order_by("pk"))
    assert statement.read()[0]._state.adding is False


def test_related_instances_come_with_them(django_assert_num_queries: Any) -> None:
    factories.make_post(authors=[factories.make_author(name="Ada"), factories.make_author(name="Ben")])
    statement: Statement[PostAuthor] = Statement(
        lambda: PostAuthor.objects.select_related("author__photo").order_by("sort_order", "pk")
    )
    with django_assert_num_queries(1):
        names = [(entry.author.name, entry.author.photo) for entry in statement.read()]
    assert names == [("Ada", None), ("Ben", None)]


def test_annotations_come_with_them() -> None:
    post = factories.make_post()
    factories.make_comment(post)
    statement: Statement[Any] = Statement(lambda: BlogPage.objects.annotate(number=Count("comments")))
    assert [found.number for found in statement.read()] == [1]


def test_fields_that_were_left_out_are_read_when_they_are_asked_for(django_assert_num_queries: Any) -> None:
    factories.make_author(name="Ada", bio="Runs.")
    statement: Statement[Author] = Statement(lambda: Author.objects.only("name"))
    (author,) = statement.read()
    assert author.get_deferred_fields() == {"slug", "role", "credentials", "bio", "photo_id", "photo_alt"}
    with django_assert_num_queries(1):
        assert author.bio == "Runs."


def test_values_are_named_tuples() -> None:
    author = factories.make_author(name="Ada")
    statement: Statement[Any] = Statement(lambda: Author.objects.values("id", "name"))
    assert [(row.id, row.name) for row in statement.read()] == [(author.pk, "Ada")]


def test_each_run_has_its_own_values() -> None:
    first, second = (factories.make_picture(title=title) for title in ("one", "two"))
    statement: Statement[Picture] = Statement(lambda: Picture.objects.filter(pk=Parameter("id", IntegerField())))
    assert [statement.read(id=picture.pk)[0].title for picture in (first, second, first)] == ["one", "two", "one"]


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_one_of_several(number: int) -> None:
    ids = [factories.make_author().pk for _ in range(8)][:number]
    statement: Statement[Author] = Statement(
        lambda room: Author.objects.filter(pk__in=several("ids", IntegerField(), room))
    )
    assert sorted(author.pk for author in statement.read(room_for(ids), ids=ids)) == ids


def test_part_of_it_and_how_many_there_are() -> None:
    authors = [factories.make_author() for _ in range(5)]
    statement: Statement[Author] = Statement(lambda: Author.objects.order_by("pk"))
    assert [author.pk for author in statement.read(limit=2, offset=1)] == [author.pk for author in authors[1:3]]
    assert statement.count() == 5


def test_what_is_asked_for_is_a_value_and_never_sql() -> None:
    factories.make_author(slug="ada")
    statement: Statement[Author] = Statement(lambda: Author.objects.filter(slug=Parameter("slug", CharField())))
    assert statement.read(slug="' OR '1'='1") == []
    assert len(statement.read(slug="ada")) == 1
