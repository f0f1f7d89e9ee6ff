"""What the API says about pages of every type: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature
from django.db.models import QuerySet
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

from blog.api import tags_of
from blog.models import BlogIndexPage, BlogPage
from blog.querysets import for_detail, public_posts
from blog.serializers import BlogIndexPageSerializer, PostSerializer
from guard.serializers import ErrorSerializer
from home.models import HomePage, StandardPage
from home.pagination import PublicPagination
from home.querysets import lineage, path_of, public, site_root, url_of
from home.responses import public_response
from home.serializers import HomePageSerializer, LinkMetaSerializer, PageSerializer, StandardPageSerializer

PREVIEW_SECONDS = 60 * 60
MAX_PATH = 1000


class PageType(NamedTuple):
    queryset: Callable[[], QuerySet[Any]]
    serializer: type[PageSerializer]
    tags: Callable[[Any], list[str]]


def _own_tag(page: Page) -> list[str]:
    return [f"page-{page.pk}", "site"]


PAGE_TYPES: dict[type[Page], PageType] = {
    HomePage: PageType(
        lambda: public(HomePage).select_related("hero_image", "social_image"), HomePageSerializer, _own_tag
    ),
    StandardPage: PageType(
        lambda: public(StandardPage).select_related("hero_image", "social_image"), StandardPageSerializer, _own_tag
    ),
    BlogIndexPage: PageType(
        lambda: public(BlogIndexPage).select_related("social_image"), BlogIndexPageSerializer, _own_tag
    ),
    BlogPage: PageType(lambda: for_detail(public_posts()), PostSerializer, tags_of),
}

ANY_PAGE = PolymorphicProxySerializer(
    component_name="Page",
    serializers={model._meta.label: page_type.serializer for model, page_type in PAGE_TYPES.items()},
    resource_type_field_name=None,
)


class PageEntrySerializer(serializers.Serializer[Page]):
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
        page = paginator.paginate_queryset(_listed_pages(), request, view=self)
        body = paginator.get_paginated_response(PageEntrySerializer(page, many=True).data).data
        return public_response(body, tags=["pages"])


def _listed_pages() -> QuerySet[Page]:
    """Public pages of our types; those that ask search engines to stay away have no place in a sitemap."""
    types = ContentType.objects.get_for_models(*PAGE_TYPES).values()
    pages = public().filter(content_type__in=types).order_by("path")
    for model in PAGE_TYPES:
        pages = pages.exclude(pk__in=model._default_manager.order_by().filter(is_hidden_from_search_engines=True))
    return pages


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


def _page_response(pages: list[Page]) -> Response:
    model = pages[-1].specific_class
    page_type = PAGE_TYPES.get(model)
    page = page_type and page_type.queryset().filter(pk=pages[-1].pk).first()
    if page_type is None or page is None:
        raise Http404
    data = page_type.serializer(page, context={"lineage": pages[:-1]}).data
    return public_response(data, tags=page_type.tags(page))


def _redirect_response(path: str) -> Response:
    site_id, _ = site_root()
    known = Redirect.objects.filter(old_path=Redirect.normalise_path(path)).select_related("redirect_page")
    found = sorted((row for row in known if row.site_id in {None, site_id}), key=lambda row: row.site_id is None)
    target = _target(found[0]) if found else ""
    if not target:
        raise Http404
    status = 301 if found[0].is_permanent else 302
    tags = ["redirects", f"page-{found[0].redirect_page_id}"] if found[0].redirect_page_id else ["redirects"]
    return public_response({"location": target}, tags=tags, status=status, Location=target)


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
