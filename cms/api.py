"""What the API says about pages of every type: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature
from django.db.models import Exists, IntegerField, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page
from wagtail_headless_preview.models import PagePreview

from blog.models import BlogIndexPage, BlogPage
from blog.querysets import post_for_detail
from blog.serializers import BlogIndexPageSerializer, PostSerializer
from guard.serializers import ErrorSerializer
from home.models import HomePage, StandardPage
from home.pagination import PublicPagination
from home.querysets import Place, PublicStatement, lineage, path_of, public, site_root, url_of
from home.responses import public_response
from home.serializers import (
    HomePageSerializer,
    LinkMetaSerializer,
    PageSerializer,
    ReadSerializer,
    StandardPageSerializer,
)
from home.statements import Parameter, several

PREVIEW_SECONDS = 60 * 60
MAX_PATH = 1000


class PageType(NamedTuple):
    read: Callable[[int], Any]
    serializer: type[PageSerializer]


def _page_reader(model: type[Page], *relations: str) -> Callable[[int], Any]:
    statement = PublicStatement(
        lambda pages: pages.filter(id=Parameter("id", IntegerField())).select_related(*relations), model
    )
    return lambda pk: next(iter(statement.read(id=pk)), None)


PAGE_TYPES: dict[type[Page], PageType] = {
    HomePage: PageType(_page_reader(HomePage, "hero_image", "social_image"), HomePageSerializer),
    StandardPage: PageType(_page_reader(StandardPage, "hero_image", "social_image"), StandardPageSerializer),
    BlogIndexPage: PageType(_page_reader(BlogIndexPage, "social_image"), BlogIndexPageSerializer),
    BlogPage: PageType(post_for_detail, PostSerializer),
}

ANY_PAGE = PolymorphicProxySerializer(
    component_name="Page",
    serializers={model._meta.label: page_type.serializer for model, page_type in PAGE_TYPES.items()},
    resource_type_field_name=None,
)


class PageEntrySerializer(ReadSerializer):
    """A page as an entry of the list of all pages."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    meta = LinkMetaSerializer(source="*")
    last_published_at = serializers.DateTimeField(allow_null=True)


class PageListPagination(PublicPagination):
    default_limit = 100
    max_limit = 1000


class PageListView(APIView):
    permission_classes = [AllowAny]
    pagination_class = PageListPagination

    @extend_schema(
        operation_id="pages",
        summary="Every public page, for sitemaps and static builds",
        responses=PageEntrySerializer(many=True),
        filters=True,
    )
    def get(self, request: Request) -> Response:
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(PageList(), request, view=self)
        body = paginator.get_paginated_response(PageEntrySerializer(page, many=True).data).data
        return public_response(body, tags=["pages"])


def _listed(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Public pages of our types; those that ask search engines to stay away have no place in a sitemap."""
    pages = pages.filter(content_type_id__in=several("types", IntegerField(), len(PAGE_TYPES))).order_by("path")
    for model in PAGE_TYPES:
        hidden = model._default_manager.filter(pk=OuterRef("pk"), is_hidden_from_search_engines=True)
        pages = pages.exclude(Exists(hidden))
    return pages.only("title", "url_path", "first_published_at", "last_published_at", "expire_at")


_LISTED = PublicStatement(_listed)


class PageList:
    """Every public page, of which only the asked part is read."""

    def __init__(self) -> None:
        self.types = [found.pk for found in ContentType.objects.get_for_models(*PAGE_TYPES).values()]

    def __getitem__(self, part: slice) -> list[Page]:
        return _LISTED.read(types=self.types, limit=part.stop - part.start, offset=part.start)

    def count(self) -> int:
        return _LISTED.count(types=self.types)


class PageByPathView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="page_by_path",
        summary="The public page at a path of the site",
        description=(
            "404 for a path that is unknown, and the same 404 for one that is a draft, private or expired. "
            "301 or 302 with `Location` where an editor set a redirect."
        ),
        parameters=[OpenApiParameter("path", str, required=True)],
        responses={200: ANY_PAGE, 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        path = _clean_path(request.query_params.get("path", ""))
        pages = lineage(path)
        if pages and path_of(pages[-1]) == path:
            return _page_response(pages)
        return _redirect_response(path)


def _clean_path(path: str) -> str:
    if not path.startswith("/") or len(path) > MAX_PATH or not path.isprintable():
        raise ValidationError({"path": [_("A path that starts with / is expected.")]})
    return path if path.endswith("/") else f"{path}/"


def _page_response(pages: list[Place]) -> Response:
    model = ContentType.objects.get_for_id(pages[-1].content_type_id).model_class()
    page_type = PAGE_TYPES.get(model) if model else None
    page = page_type and page_type.read(pages[-1].id)
    if page_type is None or page is None:
        raise Http404
    serializer = page_type.serializer(page, context={"lineage": pages[:-1]})
    return public_response(serializer.data, tags=serializer.cache_tags, until=serializer.fresh_until)


def _redirect_response(path: str) -> Response:
    site_id, _ = site_root()
    known = Redirect.objects.filter(old_path=Redirect.normalise_path(path)).select_related("redirect_page")
    found = sorted((row for row in known if row.site_id in {None, site_id}), key=lambda row: row.site_id is None)
    target = _target(found[0]) if found else ""
    if not target:
        raise Http404
    status = 301 if found[0].is_permanent else 302
    return public_response({"location": target}, tags=["redirects", "site"], status=status, Location=target)


def _target(redirect: Redirect) -> str:
    """Where a redirect leads; empty if that is a page nobody may see."""
    if redirect.redirect_page_id is None:
        link: str = redirect.redirect_link
        return link
    page = public().filter(pk=redirect.redirect_page_id).first()
    return url_of(path_of(page)) + redirect.redirect_page_route_path.lstrip("/") if page else ""


class PreviewView(APIView):
    """A draft, for the editor whose preview panel holds a signed token of the last hour."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="preview",
        summary="A draft as its editor previews it",
        parameters=[
            OpenApiParameter("content_type", str, required=True),
            OpenApiParameter("token", str, required=True),
        ],
        responses={200: ANY_PAGE, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        page = _previewed(request.query_params.get("content_type", ""), request.query_params.get("token", ""))
        data = PAGE_TYPES[type(page)].serializer(page, context={"lineage": [], "is_draft": True}).data
        return Response(data, headers={"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"})


def _previewed(content_type: str, token: str) -> Any:
    model = next((model for model in PAGE_TYPES if model.get_content_type_str() == content_type), None)
    if model is None or "\0" in token:
        raise Http404
    try:
        model.get_preview_signer().unsign(token, max_age=PREVIEW_SECONDS)
    except BadSignature as error:
        raise Http404 from error
    preview = PagePreview.objects.filter(token=token, content_type__model=model._meta.model_name).first()
    if preview is None:
        raise Http404
    page = preview.as_page()
    page.pk = page.pk or 0  # a page that was never saved has no id yet
    return page
