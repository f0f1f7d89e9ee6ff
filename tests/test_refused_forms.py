"""The report of what the guard turned away."""

from __future__ import annotations

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from guard.models import Refusal
from tests.moderating import client_of


def test_refusals_are_counted_by_reason_and_day_in_words(site: Page) -> None:
    today = timezone.localdate()
    for days, form, reason, count in (
        (0, "comment", "throttled", 7),
        (1, "booking", "throttled", 2),
        (29, "comment", "ticket_spent", 1),
        (30, "comment", "too_quick", 99),
        (0, "comment", "<b>odd</b>", 3),
    ):
        Refusal.objects.create(day=today - timedelta(days=days), form=form, reason=reason, count=count)
    page = client_of("access_admin", "view_refusal").get(reverse("guard_refused_forms")).content.decode()
    totals = re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td>', page)
    assert totals[0] == ("Too many in a short time", "9")
    assert ("The form was sent already", "1") in totals
    assert "99" not in re.findall(r"<td>(\d+)</td>", page)
    assert "<b>odd" not in page
    assert "formprotection" not in page


def test_whoever_may_change_the_protection_is_led_there(site: Page) -> None:
    page = client_of(is_superuser=True).get(reverse("guard_refused_forms")).content.decode()
    url = reverse("wagtailsettings:edit", args=["guard", "formprotection"])
    assert url in page
    assert client_of(is_superuser=True).get(url, follow=True).status_code == 200


def test_the_report_is_for_those_who_may_see_it(site: Page) -> None:
    writer = client_of("access_admin")
    assert writer.get(reverse("guard_refused_forms")).status_code == 302
    assert "refused-forms" not in writer.get(reverse("wagtailadmin_home")).content.decode()
