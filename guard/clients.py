from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request


@dataclass(frozen=True)
class Sender:
    """What the guard knows of whoever sent a form: a digest of their network, and what looked odd."""

    network: str
    signals: tuple[str, ...] = ()

    @property
    def is_suspect(self) -> bool:
        """A filled honeypot: what was sent is kept, but nobody is told of it."""
        return "honeypot" in self.signals


def client_address(request: Request | HttpRequest) -> str:
    """
    The visitor's address: `REMOTE_ADDR`, or with NUM_PROXIES=n the n-th entry from the right of `X-Forwarded-For`,
    which is what our own outermost proxy saw. Whatever stands further left was written by the sender.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    forwarded = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    proxies: int = settings.NUM_PROXIES
    if proxies and forwarded:
        return forwarded[-min(proxies, len(forwarded))]
    return address


def subject_of(request: Request | HttpRequest) -> str:
    """A keyed digest of the visitor's network (/24 or /64): enough to count by, useless to find anyone with."""
    return salted_hmac("guard.subject", _network(client_address(request)), algorithm="sha256").hexdigest()[:32]


def sender_of(request: Request | HttpRequest) -> str:
    """
    Like `subject_of`, to be kept with what was sent, so that a moderator sees what else came from there. It is another
    one each month: nobody can be followed for longer.
    """
    value = f"{timezone.now():%Y-%m}:{_network(client_address(request))}"
    return salted_hmac("guard.sender", value, algorithm="sha256").hexdigest()[:32]


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    prefix = 24 if ip.version == 4 else 64
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))
