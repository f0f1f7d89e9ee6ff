from __future__ import annotations

from django import template

from home.models import SiteSettings

register = template.Library()


@register.simple_tag
def clinic_name() -> str:
    return SiteSettings.current().name
