from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from blog.models import ReaderComment
from blog.threads import cursor_for
from blog.tokens import EDIT_WINDOW, MAX_LENGTH, edit_token
from guard.serializers import DecisionField, LineField, SentFormSerializer, StrictSerializer, TextField
from home.querysets import path_of
from home.serializers import ReadSerializer

COMMENTS_A_PAGE = 50
MAX_BODY = 3000


class CommentSerializer(ReadSerializer):
    """A comment in a thread. Of one that was removed only its place is left, for the answers under it."""

    id = serializers.UUIDField()
    thread = serializers.SerializerMethodField()
    # Declared fields are taken off the class, so that this one does not hide the attribute of the same name.
    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    addressee = serializers.SerializerMethodField()
    author_name = serializers.SerializerMethodField()
    is_staff = serializers.BooleanField(help_text="Written by the clinic.")
    body = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    edited = serializers.SerializerMethodField()
    removed = serializers.BooleanField(source="is_removed")

    @extend_schema_field(serializers.UUIDField())
    def get_thread(self, comment: ReaderComment) -> str:
        """The comment that starts the thread: itself, or the one that it stands under."""
        return str(comment.root_id or comment.pk)

    def get_addressee(self, comment: ReaderComment) -> str:
        """Whom it answers, where that is not the comment that starts the thread."""
        answered = comment.parent if comment.parent_id != comment.root_id else None
        return answered.author_name if answered and answered.status == ReaderComment.Status.APPROVED else ""

    def get_author_name(self, comment: ReaderComment) -> str:
        return "" if comment.is_removed else comment.author_name

    def get_body(self, comment: ReaderComment) -> str:
        """Plain text: escape it, and turn web addresses into links if you like."""
        return "" if comment.is_removed else comment.body

    def get_edited(self, comment: ReaderComment) -> bool:
        return comment.edited_at is not None


class CommentedPostSerializer(ReadSerializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    path = serializers.SerializerMethodField()

    def get_path(self, post: Any) -> str:
        return path_of(post)


class SingleCommentSerializer(CommentSerializer):
    post = CommentedPostSerializer()
    page_url = serializers.SerializerMethodField()

    def get_page_url(self, comment: ReaderComment) -> str:
        """The path of the page that shows it, with its place on that page."""
        return page_url(comment)


def page_url(comment: ReaderComment) -> str:
    cursor = cursor_for(comment, limit=COMMENTS_A_PAGE)
    return f"{path_of(comment.post)}?comments={cursor}#c-{comment.pk}"


class CommentListSerializer(ReadSerializer):
    """A page of a post's comments: `next` and `previous` are the addresses of the pages beside it."""

    count = serializers.IntegerField(help_text="All approved comments of the post.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CommentSerializer(many=True)


class BodySerializer(StrictSerializer):
    """The text of a comment: the same rules for a new one and for one that is changed."""

    body = TextField(max_length=MAX_BODY)


class CommentInputSerializer(BodySerializer):
    author_name = LineField(max_length=60)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]
    notify_replies = DecisionField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("notify_replies") and not attrs.get("email"):
            raise serializers.ValidationError({"email": _("Enter the address that answers should go to.")})
        return attrs


class CommentRequestSerializer(SentFormSerializer, CommentInputSerializer):
    """The input with what the guard asks for; the field that `honeypot` named may be there and must be empty."""


class CommentReceiptSerializer(serializers.Serializer[Any]):
    """What the sender of a comment gets, and nobody else."""

    id = serializers.UUIDField()
    status = serializers.SerializerMethodField()
    edit_token = serializers.SerializerMethodField()
    edit_until = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(["pending"]))
    def get_status(self, comment: ReaderComment) -> str:
        """Always `pending`: a sender learns nothing about how the comment was judged."""
        return "pending"

    def get_edit_token(self, comment: ReaderComment) -> str:
        """For `Authorization: Comment …` when the comment is changed or taken back. It is shown once."""
        return edit_token(comment)

    @extend_schema_field(serializers.DateTimeField())
    def get_edit_until(self, comment: ReaderComment) -> Any:
        return serializers.DateTimeField().to_representation(comment.created_at + EDIT_WINDOW)


class EditedCommentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    body = serializers.CharField()
    edited_at = serializers.DateTimeField()


class CommentTokenSerializer(StrictSerializer):
    token = serializers.CharField(max_length=MAX_LENGTH)
