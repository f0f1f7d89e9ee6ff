from __future__ import annotations

from typing import Any

import phonenumbers
from django.conf import settings
from django.utils.translation import to_locale
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from home import renditions
from home.blocks import BOOKING_PATH
from home.picture_queries import read_renditions
from home.querysets import public_paths
from home.responses import public_response
from home.serializers import SiteSerializer
from home.site_settings import SiteSettings


class SiteView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="site", summary="What is the same on every page", responses=SiteSerializer)
    def get(self, request: Request) -> Response:
        return public_response(SiteSerializer(_site(SiteSettings.current())).data, tags=["site"])


def _site(current: SiteSettings) -> dict[str, Any]:
    read_renditions([current.logo])
    menu, footer_menu, social = _menus(current.menu, current.footer_menu, current.social)
    return {
        "name": current.name,
        "tagline": current.tagline,
        "url": settings.SITE_URL,
        "language": to_locale(settings.LANGUAGE_CODE).replace("_", "-"),
        "timezone": settings.TIME_ZONE,
        "logo": renditions.representation(current.logo, "logo", alt=current.name),
        "accent": {"light": current.accent_light, "dark": current.accent_dark},
        "menu": menu,
        "footer": {"text": current.footer_text, "menu": footer_menu},
        "contact": _contact(current),
        "opening_hours": [_hours(stored["value"]) for stored in current.opening_hours.raw_data],
        "opening_note": current.opening_note,
        "booking": {"label": current.booking_label, "text": current.booking_text, "url": BOOKING_PATH},
        "share_networks": current.share_network_keys,
        "social": social,
        "comments_enabled": current.comments_enabled,
    }


def _hours(stored: dict[str, Any]) -> dict[str, Any]:
    """Times are stored as `HH:MM:SS`."""
    return {"days": stored["days"], "opens": stored["opens"][:5], "closes": stored["closes"][:5]}


def _contact(current: SiteSettings) -> dict[str, Any]:
    return {
        "street": current.street,
        "locality": current.locality,
        "postal_code": current.postal_code,
        "country": current.country,
        "phone": current.phone,
        "phone_uri": _phone_uri(current.phone, current.country),
        "email": current.email,
        "latitude": current.latitude,
        "longitude": current.longitude,
    }


def _phone_uri(phone: str, country: str) -> str:
    """`tel:+441632960214` (RFC 3966), or empty if the number can’t be read."""
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return ""
    return "tel:" + phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _menus(*menus: Any) -> list[list[dict[str, str]]]:
    """
    Each menu as `[{label, url}]`; entries of pages that are not public are left out.

    Read from the stored form of the streams: one query finds the pages of all menus together.
    """
    stored = [[entry["value"] for entry in menu.raw_data] for menu in menus]
    page_ids = {value["page"] for menu in stored for value in menu if value.get("page")}
    paths = public_paths(page_ids)
    entries = [
        [(value["label"], paths.get(value["page"]) if value.get("page") else value["url"]) for value in menu]
        for menu in stored
    ]
    return [[{"label": label, "url": url} for label, url in menu if url] for menu in entries]
