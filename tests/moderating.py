"""What a moderator's browser sends, and whose browser it is."""

from __future__ import annotations

import itertools
import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import ReaderComment

_users = itertools.count(1)


def client_of(*permissions: str, group: str = "", is_superuser: bool = False) -> Client:
    user = get_user_model().objects.create_user(f"user-{next(_users)}", is_superuser=is_superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    user.groups.set(Group.objects.filter(name=group))
    client = Client()
    client.force_login(user)
    return client


def queue_url(query: str = "") -> str:
    return f"{reverse('blog_comments')}?{query}" if query else reverse("blog_comments")


def url_of(comment: ReaderComment, name: str = "decide", *more: str) -> str:
    return reverse("blog_block_network" if name == "block" else f"blog_{name}_comment", args=[comment.pk, *more])


def seen(comment: ReaderComment, **fields: Any) -> dict[str, Any]:
    """The hidden fields of a form that was made now."""
    return {"revision": comment.revision, "status": comment.status, "list": "status=pending", "place": ""} | fields


def decide(client: Client, comment: ReaderComment, action: str = "approve", **fields: Any) -> Any:
    return client.post(url_of(comment, "decide", action), seen(comment, **fields))


def ticked(*comments: ReaderComment) -> list[str]:
    return [f"{comment.pk}.{comment.revision}.{comment.status}" for comment in comments]


def decide_together(client: Client, action: str, **fields: Any) -> Any:
    defaults = {"action": action, "list": "status=pending", "until": timezone.now().isoformat()}
    return client.post(reverse("blog_comments_bulk"), defaults | fields)


def said(response: Any, client: Client) -> list[str]:
    """The messages above the page that an answer is, or leads to."""
    page = client.get(response["Location"].partition("#")[0]) if response.status_code == 302 else response
    return [str(message).strip() for message in page.context["messages"]]


def statuses() -> dict[str, str]:
    return dict(ReaderComment.objects.values_list("author_name", "status"))


def shown(client: Client, query: str = "") -> str:
    """The queue as a page."""
    answer = client.get(queue_url(query))
    assert answer.status_code == 200
    return str(answer.content.decode())


def names(page: str) -> list[str]:
    return re.findall(r'class="entry__name" id="[^"]+"><bdi>([^<]*)', page)


def actions_on(page: str) -> set[str]:
    return set(re.findall(r'formaction="/admin/comments/[^/]+/([a-z-]+)/"', page))
