from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blog.models import BlogPage, ReaderComment
from blog.querysets import for_detail, for_list, matching, public_posts, threads, with_comments
from blog.serializers import (
    CommentInputSerializer,
    CommentReceiptSerializer,
    CommentRequestSerializer,
    CommentSerializer,
    PostListQuerySerializer,
    PostListSerializer,
    PostSerializer,
    SingleCommentSerializer,
)
from blog.services import leave_comment
from guard.limits import Limit
from guard.serializers import ErrorSerializer, TicketSerializer
from guard.views import GuardedFormView, TicketView
from home.pagination import PublicPagination
from home.querysets import lineage, path_of
from home.responses import public_response
from home.site_settings import SiteSettings


class CommentPagination(PublicPagination):
    default_limit = 50


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


def _post_with_comments(post_id: int) -> BlogPage:
    """A public post whose comments are shown; 404 for every other id."""
    return get_object_or_404(with_comments().defer("body"), pk=post_id)


class CommentListView(GuardedFormView):
    kind = "comment"
    input_serializer = CommentInputSerializer
    limits = (Limit(3, timedelta(minutes=1)), Limit(20, timedelta(hours=1)), Limit(60, timedelta(days=1)))
    pagination_class = CommentPagination
    post_page: BlogPage

    @extend_schema(
        operation_id="comments",
        summary="The approved comments of a post, by thread",
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("offset", int)],
        responses={200: CommentSerializer(many=True), 404: ErrorSerializer},
        filters=True,
    )
    def get(self, request: Request, post_id: int) -> Response:
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(threads(post_id), request, view=self)
        if not page:
            _post_with_comments(post_id)
        body = paginator.get_paginated_response(CommentSerializer(page, many=True).data).data
        return public_response(body, tags=[f"comments-{post_id}", f"page-{post_id}"])

    @extend_schema(
        operation_id="leave_comment",
        summary="Leave a comment; it is held until the clinic has read it",
        request=CommentRequestSerializer,
        responses={202: CommentReceiptSerializer, 400: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request, post_id: int) -> Response:
        self.post_page = _post_with_comments(post_id)
        if not self.post_page.takes_comments(by_default=SiteSettings.current().comments_enabled):
            raise PermissionDenied(_("This post takes no more comments."), code="comments_closed")
        return self.receive(request, subject=str(post_id))

    def accept(self, data: dict[str, Any], *, is_suspect: bool) -> Response:
        comment = leave_comment(post=self.post_page, is_suspect=is_suspect, **data)
        return Response(CommentReceiptSerializer(comment).data, status=status.HTTP_202_ACCEPTED)


class CommentView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="comment",
        summary="One approved comment by itself",
        responses={200: SingleCommentSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, comment_id: uuid.UUID) -> Response:
        comment = get_object_or_404(
            ReaderComment.objects.approved().select_related("post", "parent"),
            pk=comment_id,
            post__in=with_comments().values("pk"),
        )
        return public_response(SingleCommentSerializer(comment).data, tags=[f"comments-{comment.post_id}"])


class CommentTicketView(TicketView):
    kind = "comment"

    @extend_schema(
        operation_id="comment_ticket",
        summary="What the comment form of a post needs before it posts",
        parameters=[OpenApiParameter("post", int, required=True)],
        responses={200: TicketSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        value = request.query_params.get("post", "")
        post_id = int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0
        return self.issue(subject=str(_post_with_comments(post_id).pk))
