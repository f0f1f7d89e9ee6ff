from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blog.models import BlogPage
from blog.querysets import for_detail, for_list, matching, public_posts
from blog.serializers import PostListQuerySerializer, PostListSerializer, PostSerializer
from guard.serializers import ErrorSerializer
from home.pagination import PublicPagination
from home.querysets import lineage, path_of
from home.responses import public_response


class PostListView(APIView):
    permission_classes = [AllowAny]
    pagination_class = PublicPagination

    @extend_schema(
        operation_id="posts",
        summary="Posts, newest first",
        parameters=[PostListQuerySerializer],
        responses={200: PostListSerializer(many=True), 400: ErrorSerializer},
        filters=True,
    )
    def get(self, request: Request) -> Response:
        query = PostListQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(_filtered(query.validated_data), request, view=self)
        body = paginator.get_paginated_response(PostListSerializer(page, many=True).data).data
        return public_response(body, tags=["posts"])


def _filtered(query: dict[str, Any]) -> Any:
    posts = for_list(public_posts()).order_by(query["ordering"], "-pk")
    for name, lookup in (("topic", "topics__slug"), ("author", "post_authors__author__slug"), ("tag", "tags__slug")):
        if name in query:
            posts = posts.filter(**{lookup: query[name]}).distinct()
    return matching(posts, query["search"]) if query.get("search") else posts


class PostView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="post", summary="One post", responses={200: PostSerializer, 404: ErrorSerializer})
    def get(self, request: Request, post_id: int) -> Response:
        post = get_object_or_404(for_detail(public_posts()), pk=post_id)
        above = lineage(path_of(post))[:-1]
        return public_response(PostSerializer(post, context={"lineage": above}).data, tags=tags_of(post))


def tags_of(post: BlogPage) -> list[str]:
    """What an answer about this post was made from."""
    return [f"page-{post.pk}", "posts", "site", f"comments-{post.pk}"]
