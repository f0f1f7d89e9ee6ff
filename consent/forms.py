from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from wagtail.admin.forms import WagtailAdminModelForm

from consent import services
from consent.models import Purpose, Service


class PurposeForm(WagtailAdminModelForm):
    """A purpose and the words of its cookie group, as one form."""

    name = forms.CharField(max_length=100)
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    asks_again = forms.BooleanField(
        required=False,
        label="This changes what visitors agree to",
        help_text="Tick it if the new words mean something else: who allowed this purpose is asked again. "
        "Leave it empty for a correction.",
    )

    class Meta:
        model = Purpose
        fields = ["basis", "refused_by_gpc"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= {"name": self.instance.group.name, "description": self.instance.group.description}

    @transaction.atomic
    def save(self, commit: bool = True) -> Purpose:
        purpose: Purpose = super().save(commit=False)
        purpose.group.name = self.cleaned_data["name"]
        purpose.group.description = self.cleaned_data["description"]
        purpose.material_change += self.cleaned_data["asks_again"]
        purpose.group.save()
        purpose.save()
        return purpose


class ServiceForm(WagtailAdminModelForm):
    """Switching a ready-made service on: everything it stores comes into the register with it."""

    class Meta:
        model = Service
        fields = ["key", "account"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["key"].disabled = True
        else:
            taken = set(Service.objects.values_list("key", flat=True))
            self.fields["key"].choices = [row for row in self.fields["key"].choices if row[0] not in taken]

    def save(self, commit: bool = True) -> Service:
        return services.switch_on(super().save(commit=False))
