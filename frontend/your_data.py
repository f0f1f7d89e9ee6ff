"""The form by which somebody asks for a copy, or the erasure, of what is held under their address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from frontend import forms
from frontend.api import api_for
from frontend.pages import form_page, respond, see_other, shared_context


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@forms.small
def your_data(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    form = forms.your_data_form()
    if request.method == "POST":
        values = forms.values_in(request.POST, forms.YOUR_DATA_FIELDS)
        form["errors"] = forms.missing(values, forms.YOUR_DATA_REQUIRED)
        payload = values | forms.extra_fields(request.POST.dict(), forms.YOUR_DATA_FIELDS)
        if forms.submit(api, request, form, "privacy/requests/", values, payload):
            return see_other("/your-data/received/")
    context = shared_context(api, request) | {"form": form}
    context["meta_title"] = f"{_('Your data')}, {context['site']['name']}"
    return form_page(api, request, "site/your_data.html", context)


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    api = api_for(request)
    context = shared_context(api, request) | {"noindex": True, "meta_title": _("Look in your mailbox")}
    return respond(api, request, "site/your_data_received.html", context)
