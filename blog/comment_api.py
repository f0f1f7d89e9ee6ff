from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blog import services, tags, threads, tokens
from blog.comment_serializers import (
    COMMENTS_A_PAGE,
    BodySerializer,
    CommentInputSerializer,
    CommentListSerializer,
    CommentReceiptSerializer,
    CommentRequestSerializer,
    CommentSerializer,
    CommentTokenSerializer,
    EditedCommentSerializer,
    SingleCommentSerializer,
)
from blog.models import BlogPage, ReaderComment
from blog.querysets import with_comments
from guard import limits
from guard.clients import Sender, subject_of
from guard.limits import Limit
from guard.permissions import Public
from guard.serializers import ErrorSerializer, TicketSerializer
from guard.views import CountsRefusals, GuardedFormView, TicketView
from home.pagination import PublicPagination
from home.responses import public_response
from home.site_settings import SiteSettings

ROW_ID = re.compile(r"[0-9]{1,18}")


def _post_with_comments(post_id: int) -> BlogPage:
    """A public post whose comments are shown; 404 for every other id."""
    return get_object_or_404(with_comments().defer("body"), pk=post_id)


def _row_id(value: str) -> int:
    return int(value) if ROW_ID.fullmatch(value) else 0


class ThreadView(GuardedFormView):
    kind = "comment"
    input_serializer = CommentInputSerializer
    limits = (Limit(3, timedelta(minutes=1)), Limit(20, timedelta(hours=1)), Limit(60, timedelta(days=1)))
    limits_without_proof = (Limit(2, timedelta(minutes=1)), Limit(8, timedelta(hours=1)), Limit(20, timedelta(days=1)))
    post_page: BlogPage

    @extend_schema(
        operation_id="comments",
        summary="The approved comments of a post, thread by thread, oldest first",
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100 comments; 50 unless told."),
            OpenApiParameter("cursor", str, description="From the answer before: see `next`."),
        ],
        responses={200: CommentListSerializer, 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, post_id: int) -> Response:
        cursor, limit = _cursor(request), _limit(request)
        page = threads.thread_page(post_id, cursor=cursor, limit=limit)
        if not page.comments:
            _post_with_comments(post_id)
        if cursor and not page.comments:
            raise Http404
        body = {
            "count": page.total,
            "next": _link(post_id, page.next, limit),
            "previous": _link(post_id, page.previous, limit),
            "results": CommentSerializer(page.comments, many=True).data,
        }
        return public_response(body, tags=tags.of_thread(post_id))

    @extend_schema(
        operation_id="leave_comment",
        summary="Leave a comment; it is held until the clinic has read it",
        request=CommentRequestSerializer,
        responses={
            202: CommentReceiptSerializer,
            400: ErrorSerializer,
            403: ErrorSerializer,
            404: ErrorSerializer,
            409: ErrorSerializer,
            429: ErrorSerializer,
        },
    )
    def post(self, request: Request, post_id: int) -> Response:
        self.post_page = _post_with_comments(post_id)
        if not self.post_page.takes_comments(SiteSettings.current()):
            raise PermissionDenied(_("This post takes no more comments."), code="comments_closed")
        return self.receive(request, subject=str(post_id))

    def accept(self, data: dict[str, Any], *, sender: Sender) -> Response:
        comment = services.leave_comment(post=self.post_page, sender=sender, **data)
        return Response(CommentReceiptSerializer(comment).data, status=status.HTTP_202_ACCEPTED)


def _cursor(request: Request) -> str:
    value = request.query_params.get("cursor", "")
    if value and not threads.CURSOR.fullmatch(value):
        raise ValidationError({"cursor": [_("A cursor from an earlier answer is expected.")]})
    return value


def _limit(request: Request) -> int:
    return PublicPagination.number(request, "limit", default=COMMENTS_A_PAGE, low=1, high=PublicPagination.max_limit)


def _link(post_id: int, cursor: str | None, limit: int) -> str | None:
    if cursor is None:
        return None
    where = f"cursor={cursor}&" if cursor else ""
    return f"{settings.SITE_URL}/api/v1/posts/{post_id}/comments/?{where}limit={limit}"


class NewestCommentsView(APIView):
    permission_classes = [AllowAny]
    pagination_class = PublicPagination

    @extend_schema(
        operation_id="newest_comments",
        summary="Approved comments of all posts, or of one, newest first: what a feed is made from",
        parameters=[OpenApiParameter("post", int)],
        responses={200: SingleCommentSerializer(many=True), 400: ErrorSerializer, 404: ErrorSerializer},
        filters=True,
    )
    def get(self, request: Request) -> Response:
        wanted = request.query_params.get("post")
        post = _post_with_comments(_row_id(wanted)) if wanted is not None else None
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(threads.newest(post_id=post and post.pk), request, view=self)
        body = paginator.get_paginated_response(SingleCommentSerializer(page, many=True).data).data
        return public_response(body, tags=tags.of_thread(post.pk) if post else tags.ALL_THREADS)


class CommentView(CountsRefusals):
    """One comment: read by everybody once it is approved, changed by its writer for a quarter of an hour."""

    permission_classes = [Public]
    kind = "comment.edit"
    limits = (Limit(10, timedelta(minutes=1)), Limit(60, timedelta(hours=1)))

    @extend_schema(
        operation_id="comment",
        summary="One approved comment by itself",
        responses={200: SingleCommentSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request, comment_id: uuid.UUID) -> Response:
        comment = threads.one(comment_id)
        if comment is None:
            raise Http404
        return public_response(SingleCommentSerializer(comment).data, tags=tags.of_thread(comment.post_id))

    @extend_schema(
        operation_id="edit_comment",
        summary="Change a comment of your own that nobody has read yet",
        description="`Authorization: Comment <edit_token>`, within 15 minutes of sending it.",
        request=BodySerializer,
        responses={200: EditedCommentSerializer, 400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def patch(self, request: Request, comment_id: uuid.UUID) -> Response:
        comment = self._own(request, comment_id)
        serializer = BodySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        edited = services.edit_comment(comment=comment, body=serializer.validated_data["body"])
        return Response(EditedCommentSerializer(edited).data, headers={"Cache-Control": "no-store"})

    @extend_schema(
        operation_id="withdraw_comment",
        summary="Take a comment of your own back",
        description="`Authorization: Comment <edit_token>`, within 15 minutes of sending it.",
        request=None,
        responses={204: None, 404: ErrorSerializer},
    )
    def delete(self, request: Request, comment_id: uuid.UUID) -> Response:
        services.withdraw_comment(comment=self._own(request, comment_id))
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"Cache-Control": "no-store"})

    def _own(self, request: Request, comment_id: uuid.UUID) -> ReaderComment:
        """The comment of whoever holds its token; the same 404 for every other one, whether it exists or not."""
        with transaction.atomic():
            limits.count(scope=self.kind, subject=subject_of(request), limits=self.limits)
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        comment = tokens.comment_to_edit(token, comment_id) if scheme == "Comment" else None
        if comment is None:
            raise NotFound
        return comment


class ConfirmView(CountsRefusals):
    permission_classes = [Public]
    kind = "comment.confirm"

    @extend_schema(
        operation_id="confirm_comment_address",
        summary="Confirm the address of a comment, with the token from the mail",
        request=CommentTokenSerializer,
        responses={204: None, 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        services.confirm_address(comment=_found(tokens.comment_to_confirm(_token(request))))
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"Cache-Control": "no-store"})


class UnsubscribeView(CountsRefusals):
    permission_classes = [Public]
    kind = "comment.unsubscribe"

    @extend_schema(
        operation_id="unsubscribe_comment",
        summary="No more mail about answers to a comment, with the token from the mail",
        request=CommentTokenSerializer,
        responses={204: None, 400: ErrorSerializer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        services.stop_mail(comment=_found(tokens.comment_to_unsubscribe(_token(request))))
        return Response(status=status.HTTP_204_NO_CONTENT, headers={"Cache-Control": "no-store"})


def _token(request: Request) -> str:
    serializer = CommentTokenSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    token: str = serializer.validated_data["token"]
    return token


def _found(comment: ReaderComment | None) -> ReaderComment:
    if comment is None:
        raise NotFound(_("This link is used up or too old."))
    return comment


class CommentTicketView(TicketView):
    kind = "comment"

    @extend_schema(
        operation_id="comment_ticket",
        summary="What the comment form of a post needs before it posts",
        parameters=[OpenApiParameter("post", int, required=True)],
        responses={200: TicketSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        post = _post_with_comments(_row_id(request.query_params.get("post", "")))
        return self.issue(subject=str(post.pk))
