"""What a browser is told ahead of the page: the files that its head will name, and the pages that may be next."""

from __future__ import annotations

import re
from functools import lru_cache

SPECULATION_RULES_AT = '"/speculation-rules.json"'  # a string of a structured field, RFC 9651
# Each visitor's own, old a moment later, or no page at all. A browser that saves data prefetches nothing anyway.
NOT_AHEAD = (
    "/admin/*",
    "/django-admin/*",
    "/api/*",
    "/book/*",
    "/comments/*",
    "/embed/*",
    "/media/*",
    "/preview/*",
    "/privacy-choices/*",
    "/your-data/*",
    "/feed/*",
    "/*/feed/*",
    # Our scripts answer these in place.
    "/*/comment/*",
)
NOT_AHEAD_LINKS = "[rel~=nofollow], [download], [data-more] a"
# Fetched ahead, never run ahead: a page that nobody came to has no visitor to ask, to count or to give a ticket.
SPECULATION_RULES = {
    "prefetch": [
        {
            "where": {
                "and": [
                    {"href_matches": "/*"},
                    {"not": {"href_matches": list(NOT_AHEAD)}},
                    {"not": {"selector_matches": NOT_AHEAD_LINKS}},
                ]
            },
            "eagerness": "moderate",
        }
    ]
}

UNSCRIPTED = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
ELEMENT = re.compile(r"<(?:link|script) ([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def preloads(html: bytes) -> str:
    """
    The `Link` header (RFC 8288) with what the head of this page makes a browser fetch, and nothing else.

    A CDN can send it as 103 Early Hints while the page is still on its way.
    """
    head = UNSCRIPTED.sub("", html.partition(b"</head>")[0].decode())
    return ", ".join(filter(None, map(_link, ELEMENT.findall(head))))


@lru_cache(1000)
def _link(attributes: str) -> str:
    match dict(ATTRIBUTE.findall(attributes)):
        case {"rel": "stylesheet", "href": address}:
            return f"<{address}>; rel=preload; as=style"
        case {"rel": "preload", "href": address, "as": "font", "type": kind}:
            return f'<{address}>; rel=preload; as=font; type="{kind}"; crossorigin'
        case {"type": "module", "src": address}:
            # After the page's looks: a script only makes it nicer.
            return f"<{address}>; rel=modulepreload; fetchpriority=low"
        case {"src": address}:
            return f"<{address}>; rel=preload; as=script"
    return ""
