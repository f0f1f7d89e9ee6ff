"""What a person may ask of every room that keeps something under their address: a copy (GDPR 15), and erasure (17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled

import blog.rights
import booking.rights
from blog.rules import address_digest
from cms.models import DataRequest
from guard import limits
from guard.limits import Limit
from home.site_settings import SiteSettings
from outbox import kinds
from outbox.services import queue

ROOMS = {"comments": blog.rights, "appointment requests": booking.rights}
MAX_TOKEN = 200
MAILS_TO_AN_ADDRESS = (Limit(3, timedelta(days=1)),)
_SALT = "cms.data_request"


def register_mail() -> None:
    kinds.register("cms.data_request", _mail, label="Copy or erasure of one person’s data, to that person")


def ask(*, kind: str, email: str) -> None:
    """
    Keep the request and ask its address for a word, but not too often: anybody may have typed it. Call it inside a
    transaction.
    """
    try:
        with transaction.atomic():
            limits.count(scope="privacy.mail", subject=address_digest(email), limits=MAILS_TO_AN_ADDRESS)
    except Throttled:
        return
    request = DataRequest.objects.create(kind=kind, email=email)
    queue(kind="cms.data_request", context={"request": str(request.pk)}, dedupe_key=f"cms.data_request:{request.pk}")


def _mail(context: dict[str, Any]) -> EmailMessage | None:
    """Only to an address that something is held about: to others nothing is sent, whoever typed them."""
    request = DataRequest.objects.filter(pk=context["request"]).first()
    if request is None or not any(_held(request.email).values()):
        return None
    site = SiteSettings.current()
    asked_for = {
        DataRequest.Kind.EXPORT: _("Somebody asked %(site)s for a copy of everything it holds under this address."),
        DataRequest.Kind.ERASE: _("Somebody asked %(site)s to erase everything it holds under this address."),
    }
    lines = [
        _("Hello,"),
        asked_for[DataRequest.Kind(request.kind)] % {"site": site.name},
        _("If that was you, open this page within a day and press the button:"),
        f"{settings.SITE_URL}/your-data/confirm/?token={signing.dumps(request.pk.hex, salt=_SALT)}",
        _("If it was not you, there is nothing to do."),
        site.name,
    ]
    return EmailMessage(
        subject=_("Your data at %(site)s") % {"site": site.name}, body="\n\n".join(lines) + "\n", to=[request.email]
    )


def request_for(token: str) -> DataRequest | None:
    """The request that a mail’s token stands for, within its day."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=DataRequest.LIFETIME) if len(token) <= MAX_TOKEN else None
    except signing.BadSignature:
        return None
    return DataRequest.objects.filter(pk=key).first() if key else None


def _held(email: str) -> dict[str, list[dict[str, Any]]]:
    return {name: room.exported(email) for name, room in ROOMS.items()}


def export(request: DataRequest) -> dict[str, Any]:
    """Everything held under the address, room by room."""
    return {"address": request.email, "made": timezone.now().isoformat(timespec="seconds"), **_held(request.email)}


@transaction.atomic
def erase(request: DataRequest) -> None:
    """Erase everything held under the address, this request with it."""
    for room in ROOMS.values():
        room.erase_all(request.email)
    DataRequest.objects.filter(email__iexact=request.email).delete()


def prune() -> int:
    return DataRequest.objects.filter(created_at__lt=timezone.now() - DataRequest.LIFETIME).delete()[0]
