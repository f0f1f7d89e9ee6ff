"""Why a time is not offered: the rule that blocks it, in words for reception."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from booking.appointments import SlotClaim, granules
from booking.hours import Closure, OpeningRule, at, rules_for
from booking.offer import Practitioner, Service


def why_not(service: Service, practitioner: Practitioner, start: datetime) -> list[str]:
    """Everything that keeps this time from being offered; empty if nothing does."""
    return [
        *_about_offer(service, practitioner),
        *_about_distance(service, start),
        *_about_day(service, practitioner, start),
        *_taken(service, practitioner, start),
    ]


def _about_offer(service: Service, practitioner: Practitioner) -> Iterator[str]:
    if not service.is_offered:
        yield f"“{service}” is not offered at the moment."
    if service.booking != Service.Booking.LIVE:
        yield f"“{service}” has no live times: people ask first."
    if not practitioner.is_active:
        yield f"{practitioner} is not active."
    if not practitioner.services.filter(pk=service.pk).exists():
        yield f"{practitioner} does not offer “{service}”."


def _about_distance(service: Service, start: datetime) -> Iterator[str]:
    now = timezone.now()
    if start <= now:
        yield "It is in the past."
    elif start < now + timedelta(hours=service.minimum_notice_hours):
        yield f"It is too soon: “{service}” needs {service.minimum_notice_hours} hours’ notice."
    if timezone.localdate(start) > timezone.localdate(now) + timedelta(days=service.horizon_days):
        yield f"It is too far ahead: “{service}” is offered for {service.horizon_days} days."


def _about_day(service: Service, practitioner: Practitioner, start: datetime) -> Iterator[str]:
    day, end = timezone.localdate(start), start + timedelta(minutes=service.duration_minutes)
    rules = [rule for rule in rules_for([practitioner]) if rule.holds_on(day)]
    if not rules:
        yield f"{practitioner} has no opening hours on that day."
    elif not any(at(day, rule.starts) <= start and end <= at(day, rule.ends) for rule in rules):
        yield f"It is outside the opening hours: {_hours(rules)}."
    for closure in Closure.objects.between(day, day):
        span = closure.on(day)
        if span and start < span[1] and span[0] < end and _concerns(closure, rules, practitioner):
            yield f"Closed: {closure.name}."


def _hours(rules: list[OpeningRule]) -> str:
    return ", ".join(f"{rule.starts:%H:%M}–{rule.ends:%H:%M}" for rule in rules)


def _concerns(closure: Closure, rules: list[OpeningRule], practitioner: Practitioner) -> bool:
    if rules:
        return any(closure.concerns(rule) for rule in rules)
    return closure.practitioner_id in {None, practitioner.pk}


def _taken(service: Service, practitioner: Practitioner, start: datetime) -> Iterator[str]:
    wanted = granules(start, service.claimed_minutes)
    claims = SlotClaim.objects.filter(practitioner=practitioner, granule__gte=wanted.start, granule__lt=wanted.stop)
    references = claims.values_list("appointment__reference", flat=True).distinct().order_by("appointment__reference")
    for reference in references:
        yield f"It meets appointment {reference} or the minutes kept free after it."
