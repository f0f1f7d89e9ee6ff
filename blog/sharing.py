from __future__ import annotations

from urllib.parse import quote

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from home.site_settings import ShareNetwork

BLUESKY_LENGTH = 300
# The networks are called by their names in every language; these two are none.
IN_WORDS = {ShareNetwork.COPY: _("Copy link"), ShareNetwork.EMAIL: _("E-mail")}


def share_links(*, title: str, url: str, networks: list[str]) -> list[dict[str, str]]:
    """
    Plain addresses that share a post: `[{network, label, url}]`.

    Nothing of a network is loaded before somebody follows its link. `copy` carries the address itself.
    """
    return [
        {"network": network, "label": _label(ShareNetwork(network)), "url": _address(network, title, url)}
        for network in networks
    ]


def _label(network: ShareNetwork) -> str:
    return gettext(IN_WORDS[network]) if network in IN_WORDS else str(network.label)


def _address(network: str, title: str, url: str) -> str:
    enc_title, enc_url = _encode(title), _encode(url)
    match network:
        case ShareNetwork.EMAIL:
            return f"mailto:?subject={enc_title}&body={enc_title}%0A%0A{enc_url}"
        case ShareNetwork.WHATSAPP:
            return f"https://wa.me/?text={enc_title}%20{enc_url}"
        case ShareNetwork.FACEBOOK:
            return f"https://www.facebook.com/sharer/sharer.php?u={enc_url}"
        case ShareNetwork.LINKEDIN:
            return f"https://www.linkedin.com/sharing/share-offsite/?url={enc_url}"
        case ShareNetwork.BLUESKY:
            short = title[: max(0, BLUESKY_LENGTH - len(url) - 1)]
            return f"https://bsky.app/intent/compose?text={_encode(short)}%20{enc_url}"
        case ShareNetwork.MASTODON:
            return f"https://share.joinmastodon.org/?text={enc_title}%20{enc_url}"
        case ShareNetwork.X:
            return f"https://x.com/intent/tweet?text={enc_title}&url={enc_url}"
        case _:
            return url


def _encode(value: str) -> str:
    return quote(value, safe="")
