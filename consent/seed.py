"""What a new site's register holds."""

from __future__ import annotations

from cookie_consent.models import Cookie, CookieGroup
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from consent.catalogue import DAY
from consent.models import Purpose, Service, StorageItem
from consent.services import switch_on
from home.language import in_site_language

PURPOSES = [
    ("necessary", "ne", _("Necessary"), _("Remembers your choice about cookies, and keeps our own staff signed in.")),
    ("preferences", "pr", _("Preferences"), _("Remembers what you set, such as your name in the comment form.")),
    ("analytics", "an", _("Analytics"), _("Counts visits, so that we see which pages help.")),
    ("media", "me", _("Media"), _("Shows videos and maps of other providers inside our pages.")),
    ("marketing", "ma", _("Marketing"), _("Shows whether our advertising works.")),
]
NECESSARY_ITEMS = [
    ("consent", 182 * DAY, _("Your choice about cookies: what you allowed and when.")),
    ("session", DAY // 2, _("Only for our staff: keeps them signed in while they edit the site.")),
    ("csrf", 364 * DAY, _("Only for our staff: protects what they send from other sites.")),
]
SWITCHED_ON = ("youtube", "vimeo", "openstreetmap")


@transaction.atomic
def seed_register() -> None:
    """Fill an empty register. One that somebody edited is left alone."""
    if not CookieGroup.objects.exists():
        with in_site_language():
            _fill()


def _fill() -> None:
    purposes = {key: _purpose(place, key, *rest) for place, (key, *rest) in enumerate(PURPOSES)}
    for name, seconds, description in NECESSARY_ITEMS:
        cookie = Cookie.objects.create(
            cookiegroup=purposes["necessary"].group, name=name, description=gettext(description)
        )
        StorageItem.objects.create(cookie=cookie, lifetime_seconds=seconds)
    for key in SWITCHED_ON:
        switch_on(Service(key=key))


def _purpose(place: int, key: str, short_key: str, name: str, description: str) -> Purpose:
    is_required = key == "necessary"
    group = CookieGroup.objects.create(
        varname=key,
        name=gettext(name),
        description=gettext(description),
        ordering=place,
        is_required=is_required,
        is_deletable=not is_required,
    )
    basis = Purpose.Basis.NECESSARY if is_required else Purpose.Basis.CONSENT
    return Purpose.objects.create(group=group, short_key=short_key, basis=basis)
