"""What a clinic does not want to read: words, hosts, addresses and networks, matched without any pattern language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.admin.panels import FieldPanel

if TYPE_CHECKING:
    from blog.comments import ReaderComment

_WORD = re.compile(r"\w+")
_HOST = re.compile(r"(?:https?://|\b)((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})\b", re.IGNORECASE)


def normalised(text: str) -> str:
    """One spelling for what looks alike: NFKC, without case, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(text: str) -> list[str]:
    return _WORD.findall(normalised(text))


def hosts_in(text: str) -> set[str]:
    """Every host that a text names, with or without a scheme."""
    return {match.group(1).casefold() for match in _HOST.finditer(unicodedata.normalize("NFKC", text))}


def address_digest(address: str) -> str:
    """A keyed digest that finds an address again without keeping it; empty for no address."""
    if not address:
        return ""
    return salted_hmac("blog.address", normalised(address), algorithm="sha256").hexdigest()[:32]


class BlockRule(models.Model):
    class Kind(models.TextChoices):
        WORDS = "words", "Words"
        HOST = "host", "Host of a link"
        ADDRESS = "address", "E-mail address"
        NETWORK = "network", "Network"

    class Action(models.TextChoices):
        HOLD = "hold", "Mark it in the queue"
        SPAM = "spam", "Put it under spam"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.WORDS)
    value = models.CharField(
        max_length=100,
        help_text="One word, or several that follow each other; or a host such as example.com, with everything below "
        "it; or an e-mail address, or @example.com for all of a host. Capitals make no difference.",
    )
    action = models.CharField(max_length=8, choices=Action.choices, default=Action.HOLD)
    note = models.CharField(max_length=200, blank=True, help_text="Why, for whoever reads this in a year.")
    expires_at = models.DateTimeField("until", null=True, blank=True, help_text="Empty: until somebody deletes it.")
    created_at = models.DateTimeField(auto_now_add=True)

    panels = [FieldPanel(name) for name in ("kind", "value", "action", "note", "expires_at")]

    class Meta:
        verbose_name = "block rule"
        ordering = ["kind", "value"]
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="blog_one_rule_a_value")]

    def __str__(self) -> str:
        # An address or a network stays out of Wagtail's log.
        return f"Block rule {self.pk}"

    def clean(self) -> None:
        self.value = normalised(self.value)
        if self.kind == self.Kind.WORDS and not words_of(self.value):
            raise ValidationError({"value": "At least one word is needed."})
        if self.kind == self.Kind.HOST and hosts_in(self.value) != {self.value}:
            raise ValidationError({"value": "A host is needed, such as example.com."})
        if self.kind == self.Kind.ADDRESS and "@" not in self.value:
            raise ValidationError({"value": "An e-mail address is needed, or @ and a host."})

    def matches(self, comment: ReaderComment) -> bool:
        match self.kind:
            case self.Kind.WORDS:
                return _follow(words_of(self.value), words_of(f"{comment.author_name} {comment.body}"))
            case self.Kind.HOST:
                found = hosts_in(f"{comment.author_name} {comment.body}")
                return any(host == self.value or host.endswith(f".{self.value}") for host in found)
            case self.Kind.ADDRESS:
                address = normalised(comment.email)
                return bool(address) and (address == self.value or address.endswith(self.value, address.find("@")))
            case _:
                return bool(comment.network) and comment.network == self.value


def _follow(wanted: list[str], words: list[str]) -> bool:
    """Whether the wanted words stand in this order, one after the other."""
    return any(words[place : place + len(wanted)] == wanted for place in range(len(words) - len(wanted) + 1))


def rules_against(comment: ReaderComment) -> Iterator[BlockRule]:
    """The rules in force that a comment meets."""
    in_force = BlockRule.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    return (rule for rule in in_force if rule.matches(comment))
