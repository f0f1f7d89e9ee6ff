"""What the clinic offers, and when: the lists in the group Appointments."""

from __future__ import annotations

from django import forms
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from booking.models import Closure, ConsentText, Location, OpeningRule, Practitioner, Service

# Wagtail's list of things to reorder builds an address with the number 999999, which is no UUID.
PK_PATH_CONVERTER = "str"


class ServiceViewSet(SnippetViewSet):
    model = Service
    icon = "list-ul"
    menu_label = "Services"
    list_display = ["name", "duration_minutes", "buffer_minutes", "booking", "price", "is_offered"]
    sort_order_field = "sort_order"
    pk_path_converter = PK_PATH_CONVERTER


class PractitionerViewSet(SnippetViewSet):
    model = Practitioner
    icon = "group"
    menu_label = "Practitioners"
    list_display = ["name", "role", "is_active"]
    sort_order_field = "sort_order"
    pk_path_converter = PK_PATH_CONVERTER
    panels = [
        *(FieldPanel(name) for name in ("name", "role", "author_slug")),
        FieldPanel("services", widget=forms.CheckboxSelectMultiple),
        FieldPanel("is_active"),
    ]


class LocationViewSet(SnippetViewSet):
    model = Location
    icon = "home"
    menu_label = "Locations"
    list_display = ["name", "address", "is_active"]
    sort_order_field = "sort_order"
    pk_path_converter = PK_PATH_CONVERTER


class OpeningRuleViewSet(SnippetViewSet):
    model = OpeningRule
    icon = "time"
    menu_label = "Opening hours"
    list_display = ["practitioner", "get_weekday_display", "starts", "ends", "location", "valid_from", "valid_to"]
    list_filter = ["practitioner", "location", "weekday"]
    panels = [
        # Few to choose from: a list is quicker than a chooser, and asks for no rights of its own.
        FieldPanel("practitioner", widget=forms.Select),
        FieldPanel("location", widget=forms.Select),
        FieldPanel("weekday"),
        FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")]),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
    ]


class ClosureViewSet(SnippetViewSet):
    model = Closure
    icon = "no-view"
    menu_label = "Closures"
    list_display = ["name", "starts_on", "ends_on", "location", "practitioner"]
    list_filter = ["practitioner", "location"]
    ordering = ["-starts_on"]
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldRowPanel([FieldPanel("from_time"), FieldPanel("to_time")]),
        MultiFieldPanel(
            [FieldPanel("location", widget=forms.Select), FieldPanel("practitioner", widget=forms.Select)],
            heading="Only for",
        ),
    ]


class ConsentTextViewSet(SnippetViewSet):
    model = ConsentText
    icon = "form"
    menu_label = "Consent texts"
    list_display = ["version", "text", "created_at"]
    copy_view_enabled = False


class BookingGroup(SnippetViewSetGroup):
    menu_label = "Appointments"
    menu_icon = "date"
    menu_order = 160
    items = [
        ServiceViewSet,
        PractitionerViewSet,
        LocationViewSet,
        OpeningRuleViewSet,
        ClosureViewSet,
        ConsentTextViewSet,
    ]
