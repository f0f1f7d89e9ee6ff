"""Plain addresses that share a post: nothing of a network is loaded before somebody follows its link."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from unicodedata import normalize
from urllib.parse import quote, urlencode

import regex
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from home.site_settings import ShareNetwork

BLUESKY_LENGTH, THREADS_LENGTH, REDDIT_LENGTH, X_LENGTH = 300, 500, 300, 280
X_URL_LENGTH = 23  # however long the address is
# What counts once; everything else counts twice: https://github.com/twitter/twitter-text/blob/master/config/v3.json
X_NARROW = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))


# The networks are called by their names in every language; these two are none.
IN_WORDS = {ShareNetwork.COPY: _("Copy link"), ShareNetwork.EMAIL: _("E-mail")}


def share_links(*, title: str, url: str, networks: list[str]) -> list[dict[str, str]]:
    """
    `[{network, label, url}]` in the order of `networks`; `url` is the post’s canonical address.

    `copy` carries the address itself, `mastodon` a page of ours that asks for the reader’s server. A network that is
    not, or no longer, known here is left out.
    """
    known = [ShareNetwork(key) for key in networks if key in ADDRESSES]
    return [
        {"network": network.value, "label": _label(network), "url": ADDRESSES[network](title, url)} for network in known
    ]


def _label(network: ShareNetwork) -> str:
    return gettext(IN_WORDS[network]) if network in IN_WORDS else str(network.label)


def _address(base: str, **values: str) -> str:
    return f"{base}?{urlencode(values, quote_via=quote, safe='')}"


def _email(title: str, url: str) -> str:
    """A line break in the subject would start another header in a careless mail program."""
    lines = title.splitlines()
    return _address("mailto:", subject=" ".join(lines), body="\n".join([*lines, "", url]))


def _whatsapp(title: str, url: str) -> str:
    return _address("https://wa.me/", text=f"{title} {url}")


def _facebook(title: str, url: str) -> str:
    return _address("https://www.facebook.com/sharer/sharer.php", u=url)


def _linkedin(title: str, url: str) -> str:
    return _address("https://www.linkedin.com/sharing/share-offsite/", url=url)


def _bluesky(title: str, url: str) -> str:
    short = _fitted(title, BLUESKY_LENGTH - len(f" {url}"))
    return _address("https://bsky.app/intent/compose", text=f"{short} {url}".lstrip())


def _mastodon(title: str, url: str) -> str:
    return f"{url}share/mastodon/"


def _threads(title: str, url: str) -> str:
    return _address("https://www.threads.com/intent/post", text=_fitted(title, THREADS_LENGTH), url=url)


def _x(title: str, url: str) -> str:
    short = _fitted(title, X_LENGTH - X_URL_LENGTH - len(" "), _x_weight)
    return _address("https://x.com/intent/tweet", text=short, url=url)


def _telegram(title: str, url: str) -> str:
    return _address("https://t.me/share/url", url=url, text=title)


def _reddit(title: str, url: str) -> str:
    return _address("https://www.reddit.com/submit", url=url, title=_fitted(title, REDDIT_LENGTH, len))


def _one(cluster: str) -> int:
    return 1


def _x_weight(cluster: str) -> int:
    """Never less than X counts: to it an emoji of many code points is two, to us each of them counts."""
    return sum(1 if any(ord(char) in narrow for narrow in X_NARROW) else 2 for char in normalize("NFC", cluster))


def _fitted(title: str, limit: int, weigh: Callable[[str], int] = _one) -> str:
    """The title, or as much of it as leaves room for "…", cut between two characters as a reader sees them."""
    if title.isascii() and len(title) <= limit:  # nothing that counts twice
        return title
    clusters = regex.findall(r"\X", title)
    sums = list(accumulate(map(weigh, clusters)))
    if not sums or sums[-1] <= limit:
        return title
    kept = sum(total <= limit - weigh("…") for total in sums)
    return "".join(clusters[:kept]).rstrip() + "…" if kept else ""


ADDRESSES: dict[str, Callable[[str, str], str]] = {
    ShareNetwork.COPY: lambda title, url: url,
    ShareNetwork.EMAIL: _email,
    ShareNetwork.WHATSAPP: _whatsapp,
    ShareNetwork.FACEBOOK: _facebook,
    ShareNetwork.LINKEDIN: _linkedin,
    ShareNetwork.BLUESKY: _bluesky,
    ShareNetwork.MASTODON: _mastodon,
    ShareNetwork.THREADS: _threads,
    ShareNetwork.TELEGRAM: _telegram,
    ShareNetwork.REDDIT: _reddit,
    ShareNetwork.X: _x,
}
