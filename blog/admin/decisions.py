"""The buttons of an entry. Each leads back to the list that it was pressed in, at the place where that was."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from wagtail.admin import messages

from blog.admin.access import ADD_RULE, ModeratorView
from blog.admin.blocking import block_network
from blog.admin.queue import render_queue
from blog.admin.seen import NotSeen, Seen, decide_as_seen
from blog.admin.selection import Selection
from blog.models import ReaderComment
from blog.moderation import ACTIONS, DecisionRefused, erase, locked, reply_as_clinic

Status = ReaderComment.Status
LONGEST_REPLY = 3000


class EntryView(ModeratorView):
    """Base of what is done to one comment."""

    http_method_names = ["post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.selection = Selection.of(QueryDict(request.POST.get("list", "")))

    def comment(self, comment_id: uuid.UUID) -> ReaderComment:
        return get_object_or_404(ReaderComment.objects.exclude(status=Status.ERASED), pk=comment_id)

    def seen(self, comment_id: uuid.UUID) -> Seen:
        try:
            return Seen.of(comment_id, self.request.POST.get("revision", ""), self.request.POST.get("status", ""))
        except NotSeen as error:
            raise SuspiciousOperation("The form does not say which text it is about.") from error

    def back(self) -> HttpResponse:
        """To the list, or to the first page of the admin if the button stood there."""
        if "list" not in self.request.POST:
            return redirect("wagtailadmin_home")
        return redirect(f"{self.selection.url()}#comment-{_id_in(self.request.POST.get('place', ''))}")

    def again(self, comment_id: uuid.UUID, why: str, *, draft: str = "") -> HttpResponse:
        """The list with this entry above it, as it is now."""
        messages.warning(self.request, why)
        if "list" not in self.request.POST:
            return redirect("wagtailadmin_home")
        comments = ReaderComment.objects.select_related("post", "parent", "decided_by").exclude(status=Status.ERASED)
        again = comments.filter(pk=comment_id).first()
        return render_queue(self.request, self.selection, again=again, draft=draft, status=409)


def _id_in(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


class DecideView(EntryView):
    def post(self, request: HttpRequest, comment_id: uuid.UUID, action: str) -> HttpResponse:
        if action not in ACTIONS:
            raise Http404
        self.comment(comment_id)
        try:
            decided = decide_as_seen(seen=self.seen(comment_id), action=action, user=request.user)
        except DecisionRefused as refusal:
            return self.again(comment_id, str(refusal))
        messages.success(request, f"The comment by {decided.author_name} is {decided.get_status_display().lower()}.")
        return self.back()


class ReplyForm(forms.Form):
    # A model does not check the length of a text, a form does.
    body = forms.CharField(max_length=LONGEST_REPLY)


class ReplyView(EntryView):
    """An answer by the clinic; with `approve`, to a comment that is approved in the same step."""

    def post(self, request: HttpRequest, comment_id: uuid.UUID) -> HttpResponse:
        self.comment(comment_id)
        body = request.POST.get("body", "").replace("\r\n", "\n")
        form = ReplyForm({"body": body})
        if not form.is_valid():
            why = " ".join(str(error) for error in form.errors["body"])
            return self.again(comment_id, f"The answer was not sent: {why}", draft=body)
        try:
            self._reply(self.seen(comment_id), form.cleaned_data["body"])
        except DecisionRefused as refusal:
            return self.again(comment_id, str(refusal), draft=body)
        messages.success(request, "The answer is shown under the comment.")
        return self.back()

    @transaction.atomic
    def _reply(self, seen: Seen, body: str) -> None:
        if "approve" in self.request.POST:
            decide_as_seen(seen=seen, action="approve", user=self.request.user)
        parent = locked(seen.comment_id)
        if parent is None or parent.status != Status.APPROVED:
            raise DecisionRefused("Only an approved comment can be answered.")
        reply_as_clinic(parent=parent, body=body, user=self.request.user)


class EraseView(EntryView):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, comment_id: uuid.UUID) -> HttpResponse:
        """Asks first: what is erased is gone."""
        listed = Selection.of(QueryDict(request.GET.get("list", "")))
        context = {
            "header_title": "Erase this comment?",
            "header_icon": "bin",
            "breadcrumbs_items": [
                {"url": listed.url(), "label": "Comments"},
                {"url": "", "label": "Erase this comment?"},
            ],
            "comment": self.comment(comment_id),
            "list_query": listed.query(),
            "list_url": f"{listed.url()}#comment-{comment_id}",
            "place": request.GET.get("place", ""),
        }
        return render(request, "blog/admin/erase.html", context)

    def post(self, request: HttpRequest, comment_id: uuid.UUID) -> HttpResponse:
        self.comment(comment_id)
        try:
            erase(comment_id=comment_id, user=request.user)
        except DecisionRefused as refusal:
            return self.again(comment_id, str(refusal))
        messages.success(request, "The comment is erased.")
        return self.back()


class BlockNetworkView(EntryView):
    def post(self, request: HttpRequest, comment_id: uuid.UUID) -> HttpResponse:
        if not request.user.has_perm(ADD_RULE):
            raise PermissionDenied
        comment = self.comment(comment_id)
        if not comment.network:
            return self.again(comment_id, "Where this comment came from is not known any more.")
        rule = block_network(comment=comment, user=request.user)
        edit = messages.button(reverse("wagtailsnippets_blog_blockrule:edit", args=[rule.pk]), "Edit the rule")
        messages.success(request, "What comes from this network goes under spam for 30 days.", buttons=[edit])
        return self.back()
