"""
Services that an editor can switch on: what each loads, from which hosts, and what it stores.

There is no marketing pixel among them. A clinic's visitors are patients, and which page of a clinic somebody reads can
say what they have; docs/consent.md says more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

DAY = 24 * 60 * 60
NO_ACCOUNT = re.compile("")
ADDRESS = re.compile(r"https://[a-z0-9.-]+(:\d{2,5})?(/[\w./-]*)?")
MATOMO = re.compile(rf"({ADDRESS.pattern}|http://127\.0\.0\.1:\d{{2,5}})(#\d{{1,6}})?")


@dataclass(frozen=True)
class Stored:
    """One thing a service stores. `name` may hold `*` for any characters; `seconds` None: no fixed end."""

    name: str
    kind: str
    seconds: int | None
    description: str
    party: str = "third"


@dataclass(frozen=True)
class Ready:
    """A service as it comes: `kind` frame shows something to the visitor, script counts visits in a sandbox."""

    name: str
    purpose: str
    kind: str
    controller: str
    country: str
    privacy_url: str
    frame_hosts: tuple[str, ...] = ()
    script_hosts: tuple[str, ...] = ()
    connect_hosts: tuple[str, ...] = ()
    account: re.Pattern[str] = NO_ACCOUNT
    account_hint: str = "leave the account empty."
    account_is_host: bool = False
    stores: tuple[Stored, ...] = field(default=())

    def hosts(self, account: str) -> dict[str, list[str]]:
        """The hosts it needs, by CSP directive; an account that is an address is a host of its own."""
        own = [origin(account)] if self.account_is_host and account else []
        found = {
            "frame-src": [*self.frame_hosts],
            "script-src": [*self.script_hosts, *own],
            "connect-src": [*self.connect_hosts, *own],
            "img-src": [*self.connect_hosts, *own],
        }
        if self.kind == "frame":
            return {"frame-src": found["frame-src"]}
        return {directive: hosts for directive, hosts in found.items() if hosts}


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


CATALOGUE: dict[str, Ready] = {
    "youtube": Ready(
        name="YouTube",
        purpose="media",
        kind="frame",
        controller="Google Ireland Ltd",
        country="US",
        privacy_url="https://policies.google.com/privacy",
        frame_hosts=("https://www.youtube-nocookie.com",),
        stores=(
            Stored("YSC", "cookie", None, _("Keeps a video’s session apart from others.")),
            Stored(
                "VISITOR_INFO1_LIVE", "cookie", 180 * DAY, _("Measures the connection to choose a video’s quality.")
            ),
            Stored("yt-*", "local", None, _("Tells the player on this device from others.")),
        ),
    ),
    "vimeo": Ready(
        name="Vimeo",
        purpose="media",
        kind="frame",
        controller="Vimeo.com, Inc.",
        country="US",
        privacy_url="https://vimeo.com/privacy",
        frame_hosts=("https://player.vimeo.com",),
        stores=(
            Stored("vuid", "cookie", 730 * DAY, _("Counts how often a video is played.")),
            Stored("__cf_bm", "cookie", 30 * 60, _("Tells people from robots.")),
        ),
    ),
    "openstreetmap": Ready(
        name="OpenStreetMap",
        purpose="media",
        kind="frame",
        controller="OpenStreetMap Foundation",
        country="GB",
        privacy_url="https://osmfoundation.org/wiki/Privacy_Policy",
        frame_hosts=("https://www.openstreetmap.org",),
    ),
    "googlemaps": Ready(
        name="Google Maps",
        purpose="media",
        kind="frame",
        controller="Google Ireland Ltd",
        country="US",
        privacy_url="https://policies.google.com/privacy",
        frame_hosts=("https://www.google.com",),
        stores=(Stored("NID", "cookie", 183 * DAY, _("Remembers settings for Google’s services.")),),
    ),
    "matomo": Ready(
        name="Matomo",
        purpose="analytics",
        kind="script",
        controller=_("the clinic itself"),
        country="",
        privacy_url="/privacy/",
        account=MATOMO,
        account_hint="give the https address of your Matomo and, if it counts several sites, the number of this one: "
        "https://stats.clinic.example#2.",
        account_is_host=True,
    ),
    "plausible": Ready(
        name="Plausible",
        purpose="analytics",
        kind="script",
        controller="Plausible Insights OÜ",
        country="EE",
        privacy_url="https://plausible.io/privacy",
        script_hosts=("https://plausible.io",),
        connect_hosts=("https://plausible.io",),
        account=re.compile(r"[a-z0-9.-]+\.[a-z]{2,}"),
        account_hint="give the site’s name as Plausible knows it, for example clinic.example.",
    ),
    "googleanalytics": Ready(
        name="Google Analytics",
        purpose="analytics",
        kind="script",
        controller="Google Ireland Ltd",
        country="US",
        privacy_url="https://policies.google.com/privacy",
        script_hosts=("https://www.googletagmanager.com",),
        connect_hosts=("https://*.google-analytics.com", "https://*.analytics.google.com"),
        account=re.compile(r"G-[A-Z0-9]{4,12}"),
        account_hint="give the measurement id, for example G-ABC123DEF4.",
    ),
}
