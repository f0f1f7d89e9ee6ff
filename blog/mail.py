from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog import threads, tokens
from blog.comment_serializers import page_url
from blog.models import ReaderComment
from home.querysets import url_of
from home.site_settings import SiteSettings
from outbox import kinds


def register() -> None:
    kinds.register("blog.comments_waiting", comments_waiting, label="Comments waiting, to the clinic")
    kinds.register("blog.confirm_address", confirm_address, label="Is this your address?, to the writer of a comment")
    kinds.register("blog.reply", reply, label="Answer to a comment, to whoever asked for it")


def comments_waiting(context: dict[str, Any]) -> EmailMessage | None:
    """To the clinic: how many comments wait, and where. No text and no link that decides anything by itself."""
    site = SiteSettings.current()
    number = ReaderComment.objects.waiting().count()
    if not number or not site.email:
        return None
    words = {"number": number, "site": site.name}
    subject = ngettext("%(number)d comment waits on %(site)s", "%(number)d comments wait on %(site)s", number)
    body = ngettext(
        "%(number)d comment waits for somebody to read it.",
        "%(number)d comments wait for somebody to read it.",
        number,
    )
    return EmailMessage(
        subject=subject % words,
        body=f"{body % words}\n\n{settings.SITE_URL}/admin/comments/\n",
        to=[site.email],
    )


def confirm_address(context: dict[str, Any]) -> EmailMessage | None:
    """
    To whoever's address was typed: is it yours? It may be a stranger's, so nothing that the writer typed is in it, and
    following the link changes nothing before a button is pressed.
    """
    comment = _comment(context)
    if comment is None or not comment.email or comment.email_confirmed_at or comment.status != "pending":
        return None
    site = SiteSettings.current()
    words = {"site": site.name, "post": comment.post.title}
    lines = [
        _("Hello,"),
        _("somebody left a comment on “%(post)s” at %(site)s and gave this address. If that was you, confirm it here:"),
        f"{settings.SITE_URL}/comments/confirm/?token={tokens.confirm_token(comment)}",
        _("If it was not you, there is nothing to do: the address is not shown, gets no more mail and is deleted."),
        "%(site)s",
    ]
    return EmailMessage(
        subject=_("Is this your address? %(site)s") % {"site": site.name},
        body="\n\n".join(line if line.startswith("http") else line % words for line in lines) + "\n",
        to=[comment.email],
    )


def reply(context: dict[str, Any]) -> EmailMessage | None:
    """To a confirmed address: somebody answered. The answer itself stays on the site, where it can be taken back."""
    answer = threads.one(context["comment"])
    asked = answer and answer.parent
    if answer is None or asked is None or not asked.wants_mail:
        return None
    site = SiteSettings.current()
    unsubscribe = f"{settings.SITE_URL}/comments/unsubscribe/?token={tokens.unsubscribe_token(asked)}"
    words = {"name": answer.author_name, "post": answer.post.title, "site": site.name}
    lines = [
        _("%(name)s has answered your comment on “%(post)s”:") % words,
        url_of(page_url(answer)),
        _("You asked for this mail when you wrote your comment. No more of it:"),
        unsubscribe,
        site.name,
    ]
    return EmailMessage(
        subject=_("An answer to your comment on %(site)s") % words,
        body="\n\n".join(lines) + "\n",
        to=[asked.email],
        # RFC 8058: a mail program may post to this address without opening it.
        headers={"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def _comment(context: dict[str, Any]) -> ReaderComment | None:
    return ReaderComment.objects.select_related("post").filter(pk=context["comment"]).first()
