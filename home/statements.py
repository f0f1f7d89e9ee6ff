"""
Queries that every page asks: built and compiled once a process, so that a page only fills in what is its own.

Building and compiling a query costs Django some ten times as much as asking the database does.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterator
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models import QuerySet, Value
from django.db.models import query as queries
from django.db.models.expressions import ExpressionList

M = TypeVar("M", bound=models.Model)
VARIANTS = 256  # kept of one statement, each a few dozen kilobytes


class Parameter(Value):
    """A place in a query that each run fills: with the value of this name, or with the one at `place` of several."""

    def __init__(self, name: str, output_field: models.Field[Any, Any], *, place: int | None = None) -> None:
        super().__init__(f"{name}:{place}", output_field)
        self.name, self.place = name, place

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def bound(self, values: dict[str, Any], connection: Any) -> Any:
        value = values[self.name]
        if self.place is not None:
            value = value[min(self.place, len(value) - 1)]
        return self.output_field.get_db_prep_value(value, connection)


def several(name: str, output_field: models.Field[Any, Any], number: int) -> ExpressionList:
    """For `__in`: the places of up to `number` values. Those that are left over repeat the last one."""
    return ExpressionList(*(Parameter(name, output_field, place=place) for place in range(number)))


def room_for(values: Collection[Any]) -> int:
    """How many places to keep for these values: a power of two, so that few statements serve any number of them."""
    return 1 << max(len(values) - 1, 0).bit_length()


class Statement(Generic[M]):
    """
    `build` makes the query from its variant and leaves a `Parameter` where each run has a value of its own.

    What a variant says is compiled in, so there must be few of them. Slices go to `read`; relations are for
    `select_related`, since what is prefetched would be built and compiled anew. Of a query with `values`, each row is
    a named tuple.
    """

    def __init__(self, build: Callable[..., QuerySet[M, Any]]) -> None:
        self._compiled = lru_cache(VARIANTS)(lambda using, *variant: _Compiled(build(*variant), using))

    def read(self, *variant: Any, limit: int | None = None, offset: int = 0, **values: Any) -> list[M]:
        return list(self._compiled("default", *variant).run(values, limit, offset))

    def count(self, *variant: Any, **values: Any) -> int:
        return self._compiled("default", *variant).count(values)


class _Compiled(Generic[M]):
    def __init__(self, queryset: QuerySet[M, Any], using: str) -> None:
        self.using = using
        self.compiler: Any = queryset.query.get_compiler(using=using)
        self.sql, self.params = self.compiler.as_sql()
        self.made: Callable[[list[Any]], Any] = self._tuples() if queryset.query.values_select else self._instances()

    def _tuples(self) -> Callable[[list[Any]], Any]:
        query = self.compiler.query
        row: Any = namedtuple("Row", (*query.values_select, *query.annotation_select))  # type: ignore[misc]
        make: Callable[[list[Any]], Any] = row._make
        return make

    def _instances(self) -> Callable[[list[Any]], Any]:
        """As `django.db.models.query.ModelIterable` makes them."""
        select, klass = self.compiler.select, self.compiler.klass_info
        model, fields = klass["model"], klass["select_fields"]
        columns = slice(fields[0], fields[-1] + 1)
        names = [column[0].target.attname for column in select[columns]]
        populators: Any = queries.get_related_populators
        related = populators(klass, select, self.using)
        annotations = list(self.compiler.annotation_col_map.items())

        def made(row: list[Any]) -> Any:
            found = model.from_db(self.using, names, row[columns])
            for relation in related:
                relation.populate(row, found)
            for name, place in annotations:
                setattr(found, name, row[place])
            return found

        return made

    @cached_property
    def converters(self) -> list[tuple[int, list[Any], Any]]:
        columns = [column[0] for column in self.compiler.select]
        found = self.compiler.get_converters(columns)
        return [(place, functions, column) for place, (functions, column) in found.items()]

    def run(self, values: dict[str, Any], limit: int | None, offset: int) -> Iterator[Any]:
        sql = self.sql if limit is None else f"{self.sql} LIMIT {limit:d} OFFSET {offset:d}"
        return map(self.made, self._converted(self._rows(sql, values)))

    def count(self, values: dict[str, Any]) -> int:
        ((number,),) = self._rows(f"SELECT COUNT(*) FROM ({self.sql}) AS counted", values)  # noqa: S608
        return int(number)

    def _rows(self, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection: Any = connections[self.using]
        params = [part.bound(values, connection) if isinstance(part, Parameter) else part for part in self.params]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _converted(self, rows: list[tuple[Any, ...]]) -> Iterator[list[Any]]:
        connection = connections[self.using]
        for row in map(list, rows):
            for place, functions, column in self.converters:
                for function in functions:
                    row[place] = function(row[place], column, connection)
            yield row
