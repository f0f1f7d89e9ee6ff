"""What a new site's register holds."""

from __future__ import annotations

from cookie_consent.models import Cookie, CookieGroup
from django.db import transaction

from consent.models import Purpose, Service, StorageItem

PURPOSES = [
    ("necessary", "ne", "Necessary", "Remembers your choice about cookies, and keeps our own staff signed in."),
    ("preferences", "pr", "Preferences", "Remembers what you set, such as your name in the comment form."),
    ("analytics", "an", "Analytics", "Counts visits, so that we see which pages help."),
    ("media", "me", "Media", "Shows videos and maps of other providers inside our pages."),
    ("marketing", "ma", "Marketing", "Shows whether our advertising works."),
]
SERVICES = [
    {
        "key": "youtube",
        "name": "YouTube",
        "controller": "Google Ireland Ltd",
        "privacy_url": "https://policies.google.com/privacy",
        "country": "US",
        "hosts": ["https://www.youtube-nocookie.com"],
    },
    {
        "key": "vimeo",
        "name": "Vimeo",
        "controller": "Vimeo.com, Inc.",
        "privacy_url": "https://vimeo.com/privacy",
        "country": "US",
        "hosts": ["https://player.vimeo.com"],
    },
    {
        "key": "openstreetmap",
        "name": "OpenStreetMap",
        "controller": "OpenStreetMap Foundation",
        "privacy_url": "https://osmfoundation.org/wiki/Privacy_Policy",
        "country": "GB",
        "hosts": ["https://www.openstreetmap.org"],
    },
]
NECESSARY_ITEMS = [
    (
        "consent",
        "cookie",
        "182 days",
        "Your choice about cookies: what you allowed and when.",
    ),
    ("session", "cookie", "12 hours", "Only for our staff: keeps them signed in while they edit the site."),
    ("csrf", "cookie", "1 year", "Only for our staff: protects what they send from other sites."),
]
MEDIA_ITEMS = [
    ("youtube", "YSC", "cookie", "until the browser closes", "Keeps a video’s session apart from others."),
    ("youtube", "VISITOR_INFO1_LIVE", "cookie", "180 days", "Measures the connection to choose a video’s quality."),
    ("youtube", "yt-remote-device-id", "local", "until you delete it", "Tells the player on this device from others."),
    ("vimeo", "vuid", "cookie", "2 years", "Counts how often a video is played."),
    ("vimeo", "__cf_bm", "cookie", "30 minutes", "Tells people from robots."),
]


@transaction.atomic
def seed_register() -> None:
    """Fill an empty register. One that somebody edited is left alone."""
    if CookieGroup.objects.exists():
        return
    purposes = {key: _purpose(place, key, *rest) for place, (key, *rest) in enumerate(PURPOSES)}
    for name, kind, lifetime, description in NECESSARY_ITEMS:
        _item(purposes["necessary"], name, description, kind=kind, lifetime=lifetime)
    services = {fields["key"]: Service.objects.create(purpose=purposes["media"], **fields) for fields in SERVICES}
    for service, name, kind, lifetime, description in MEDIA_ITEMS:
        _item(
            purposes["media"], name, description, kind=kind, lifetime=lifetime, party="third", service=services[service]
        )


def _purpose(place: int, key: str, short_key: str, name: str, description: str) -> Purpose:
    is_required = key == "necessary"
    group = CookieGroup.objects.create(
        varname=key,
        name=name,
        description=description,
        ordering=place,
        is_required=is_required,
        is_deletable=not is_required,
    )
    basis = Purpose.Basis.NECESSARY if is_required else Purpose.Basis.CONSENT
    return Purpose.objects.create(group=group, short_key=short_key, basis=basis)


def _item(purpose: Purpose, name: str, description: str, **fields: object) -> None:
    cookie = Cookie.objects.create(cookiegroup=purpose.group, name=name, description=description)
    StorageItem.objects.create(cookie=cookie, **fields)
