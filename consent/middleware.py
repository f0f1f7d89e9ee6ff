from __future__ import annotations

from collections.abc import Callable

from cookie_consent.conf import settings as package_settings
from cookie_consent.util import dict_to_cookie_str
from django.http import HttpRequest, HttpResponse

from consent.choices import choice_in
from consent.register import current_revision

GRANTED = "9999"  # the package compares with dates as text: later than any version of a group
REFUSED = package_settings.COOKIE_CONSENT_DECLINE


class PackageBridge:
    """
    Lets django-cookie-consent's filters and clean-up see the choice we recorded.

    Its own cookie is unsigned and could be forged, so whatever the browser sent under that name is dropped and
    replaced, in memory, by what our signed cookie says.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = package_settings.COOKIE_CONSENT_NAME
        request.COOKIES.pop(name, None)
        choice = choice_in(request.COOKIES)
        if choice is not None:
            by_purpose = choice.by_purpose(current_revision().document)
            request.COOKIES[name] = dict_to_cookie_str(
                {key: GRANTED if is_on else REFUSED for key, is_on in by_purpose.items()}
            )
        return self.get_response(request)
