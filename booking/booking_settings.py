from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="date", order=310)
class BookingSettings(BaseGenericSetting):
    """How the clinic keeps its diary."""

    cancel_hours = models.PositiveSmallIntegerField(
        "change online until",
        default=24,
        validators=[MaxValueValidator(240)],
        help_text="Hours before the appointment; later than that people are asked to phone.",
    )
    proposal_hours = models.PositiveSmallIntegerField(
        "keep a proposed time for",
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text="Hours; a time that nobody has accepted by then is free again.",
    )
    reminders = models.BooleanField(default=True, help_text="A mail on the day before the appointment.")
    names_in_mail = models.BooleanField(
        "names in the clinic’s mail",
        default=False,
        help_text="Whether mail to the clinic names who asks. Names stay in the database otherwise.",
    )
    names_in_feeds = models.BooleanField(
        "names in calendar feeds", default=False, help_text="Whether practitioners’ feeds name who comes."
    )
    holidays_of = models.CharField(
        "public holidays of",
        max_length=12,
        blank=True,
        help_text="A country, or a country and its part, as in GB-ENG or DE-BY. They are imported as closures, which "
        "can be edited.",
    )
    holidays_imported = models.CharField(max_length=20, blank=True, editable=False, help_text="As in GB-ENG 2027.")
    kept_days = models.PositiveSmallIntegerField(
        "keep requests and appointments for",
        default=90,
        validators=[MinValueValidator(30), MaxValueValidator(365)],
        help_text="Days after the last change, and after the appointment. Clinical records belong into the practice’s "
        "own system, not here.",
    )

    panels = [
        MultiFieldPanel([FieldPanel("cancel_hours"), FieldPanel("proposal_hours")], heading="Times"),
        MultiFieldPanel(
            [FieldPanel("reminders"), FieldPanel("names_in_mail"), FieldPanel("names_in_feeds")],
            heading="Mail and calendars",
        ),
        FieldPanel("holidays_of"),
        FieldPanel("kept_days"),
    ]

    class Meta:
        verbose_name = "appointments"
        verbose_name_plural = "appointments"

    def __str__(self) -> str:
        return "Appointments"

    def clean(self) -> None:
        import holidays  # large: every country’s rules

        country, _, part = self.holidays_of.partition("-")
        known = holidays.list_supported_countries()
        if country and (country not in known or (part and part not in known[country])):
            raise ValidationError({"holidays_of": "This is not known. Two letters are needed, such as DE or GB-ENG."})

    @classmethod
    def current(cls) -> BookingSettings:
        """What the clinic set, or the defaults, unsaved: reading never writes."""
        return cls.objects.first() or cls()
