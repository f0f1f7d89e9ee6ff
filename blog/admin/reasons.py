"""Why a comment looked odd, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from blog.models import BlockRule, ReaderComment

RULE = "rule:"
WORDS = {
    "honeypot": "The hidden field was filled in",
    "quick": "It was sent within seconds of opening the form",
    "no_proof": "It came without the browser’s calculation",
    "many_links": "It has many links",
    "duplicate": "The same text was sent before",
    "lookalike": "The name looks like ours",
}


@dataclass(frozen=True)
class Reason:
    text: str
    rule_url: str = ""


def shown_value(rule: BlockRule) -> str:
    """What a rule looks for, without giving away whom: addresses are shortened, networks only named."""
    if rule.kind == BlockRule.Kind.NETWORK:
        return "a network"
    if rule.kind == BlockRule.Kind.ADDRESS:
        name, _, host = rule.value.rpartition("@")
        return f"{name[:1]}…@{host}" if name else rule.value
    return rule.value


def reasons_of(comment: ReaderComment, rules: dict[str, BlockRule]) -> list[Reason]:
    return [reason_for(signal, rules) for signal in comment.signals]


def reason_for(signal: str, rules: dict[str, BlockRule]) -> Reason:
    if not signal.startswith(RULE):
        return Reason(WORDS.get(signal, signal))
    rule = rules.get(signal)
    if rule is None:
        return Reason("A block rule that was deleted since")
    return Reason(_rule_in_words(rule), reverse("wagtailsnippets_blog_blockrule:edit", args=[rule.pk]))


def _rule_in_words(rule: BlockRule) -> str:
    value = shown_value(rule) if rule.kind == BlockRule.Kind.NETWORK else f"“{shown_value(rule)}”"
    words = f"Block rule, {rule.get_kind_display().lower()}: {value} ({rule.get_action_display().lower()})"
    if rule.expires_at and rule.expires_at <= timezone.now():
        words += f", expired on {date_format(timezone.localtime(rule.expires_at), 'j F Y')}"
    return words


def rules_named_in(comments: Iterable[ReaderComment]) -> dict[str, BlockRule]:
    """The rules that the comments' signals name, by signal; those that were deleted are missing."""
    return rules_by_signal({signal for comment in comments for signal in comment.signals})


def rules_by_signal(signals: Iterable[str]) -> dict[str, BlockRule]:
    ids = [int(signal.removeprefix(RULE)) for signal in signals if signal.startswith(RULE)]
    return {f"{RULE}{rule.pk}": rule for rule in BlockRule.objects.filter(pk__in=ids)}
