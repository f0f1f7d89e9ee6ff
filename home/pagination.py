from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

MAX_OFFSET = 100_000


class PublicPagination(LimitOffsetPagination):
    """`limit` and `offset`; a value that is no number or out of range is refused instead of guessed."""

    default_limit = 20
    max_limit = 100
    limit: int
    offset: int
    count: int
    request: Request

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One row more than the page: a list that ends on its first page needs no second query to be counted."""
        self.request = request
        self.limit, self.offset = self.get_limit(request), self.get_offset(request)
        rows = list(queryset[self.offset : self.offset + self.limit + 1])
        is_all = self.offset == 0 and len(rows) <= self.limit
        self.count = len(rows) if is_all else queryset.count()
        return rows[: self.limit]

    def get_limit(self, request: Request) -> int:
        return self.number(request, "limit", default=self.default_limit, low=1, high=self.max_limit)

    def get_offset(self, request: Request) -> int:
        return self.number(request, "offset", default=0, low=0, high=MAX_OFFSET)

    def get_next_link(self) -> str | None:
        if self.offset + self.limit >= self.count:
            return None
        return self._link(self.offset + self.limit)

    def get_previous_link(self) -> str | None:
        if self.offset <= 0:
            return None
        return self._link(self.offset - self.limit)

    def _link(self, offset: int) -> str:
        """Built on SITE_URL: an answer must not depend on the Host that happened to ask for it."""
        url = replace_query_param(settings.SITE_URL + self.request.get_full_path(), "limit", str(self.limit))
        if offset <= 0:
            return remove_query_param(url, "offset")
        return replace_query_param(url, "offset", str(offset))

    @staticmethod
    def number(request: Request, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number from the query; ValidationError if it is none, or out of range."""
        value = request.query_params.get(name)
        if value is None:
            return default
        is_number = value.isascii() and value.isdigit() and len(value) <= 9
        if not is_number or not low <= int(value) <= high:
            message = _("A number from %(low)d to %(high)d is expected.") % {"low": low, "high": high}
            raise ValidationError({name: [message]})
        return int(value)
