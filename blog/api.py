from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blog import tags
from blog.querysets import FILTERS, FoundPosts, PostList, post_for_detail
from blog.serializers import PostListQuerySerializer, PostListSerializer, PostSerializer
from guard.serializers import ErrorSerializer
from home.pagination import PublicPagination
from home.querysets import lineage, path_of
from home.responses import earliest, public_response


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
        page = paginator.paginate_queryset(_asked(query.validated_data), request, view=self)
        body = paginator.get_paginated_response(PostListSerializer(page, many=True).data).data
        return public_response(body, tags=tags.LIST, until=earliest(post.expire_at for post in page))


def _asked(query: dict[str, Any]) -> PostList | FoundPosts:
    filters = {name: query[name] for name in FILTERS if name in query}
    if query.get("search"):
        return FoundPosts(query["search"], filters=filters)
    return PostList(ordering=query["ordering"], filters=filters)


class PostView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="post", summary="One post", responses={200: PostSerializer, 404: ErrorSerializer})
    def get(self, request: Request, post_id: int) -> Response:
        post = post_for_detail(post_id)
        if post is None:
            raise Http404
        serializer = PostSerializer(post, context={"lineage": lineage(path_of(post))[:-1]})
        return public_response(serializer.data, tags=serializer.cache_tags, until=serializer.fresh_until)
