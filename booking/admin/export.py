"""Requests or appointments of some days as a file, and a log entry that somebody took it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.log_actions import log

from booking.admin import desk, wishes
from booking.admin.access import EXPORT, HANDLE, ReceptionView
from booking.admin.forms import ExportForm
from booking.hours import at
from booking.models import Appointment, AppointmentRequest

# What a spreadsheet may take for a formula when it stands first in a cell.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Row = dict[str, str]


def _moment(value: Any) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


def _person(record: AppointmentRequest | Appointment) -> Row:
    return {
        "Name": record.name,
        "E-mail": record.email,
        "Phone": record.phone,
        "Message": record.message,
        "Consent": f"Version {record.consent_id}" if record.consent_id else "",
        "Note": record.staff_note,
        "Legal hold": "yes" if record.legal_hold else "no",
    }


def _request(request: AppointmentRequest) -> Row:
    about = {
        "Reference": request.reference,
        "Written": _moment(request.created_at),
        "Status": request.get_status_display(),
        "Service": str(request.service or ""),
        "Practitioner": str(request.practitioner or ""),
        "Wishes": "; ".join(wishes.in_words(request)),
    }
    return about | _person(request)


def _appointment(appointment: Appointment) -> Row:
    about = {
        "Reference": appointment.reference,
        "Begins": _moment(appointment.starts_at),
        "Ends": _moment(appointment.ends_at),
        "Zone": timezone.get_default_timezone_name(),
        "Status": appointment.get_status_display(),
        "Service": str(appointment.service),
        "Practitioner": str(appointment.practitioner),
        "Location": str(appointment.location),
        "Price": f"{appointment.price} {appointment.currency}" if appointment.price is not None else "",
    }
    return about | _person(appointment)


def rows(what: str, first: date, last: date) -> list[Row]:
    span = at(first, time.min), at(last + timedelta(days=1), time.min)
    if what == "requests":
        written = desk.requests().filter(created_at__gte=span[0], created_at__lt=span[1]).order_by("created_at")
        return [_request(request) for request in written]
    begun = desk.appointments().filter(starts_at__gte=span[0], starts_at__lt=span[1]).order_by("starts_at")
    return [_appointment(appointment) for appointment in begun]


def as_csv(found: list[Row]) -> bytes:
    output = StringIO()
    writer = csv.writer(output)
    writer.writerows([_plain(value) for value in line] for line in _lines(found))
    # With a mark at its beginning spreadsheets read it as UTF-8.
    return output.getvalue().encode("utf-8-sig")


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _lines(found: list[Row]) -> Iterator[Iterable[str]]:
    yield found[0].keys() if found else []
    yield from (row.values() for row in found)


def as_xlsx(found: list[Row]) -> bytes:
    from openpyxl import Workbook  # type: ignore[import-untyped]  # large, and hardly ever needed

    output, book = BytesIO(), Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in _lines(found):
        sheet.append([_text(sheet, value) for value in line])
    book.save(output)
    return output.getvalue()


def _text(sheet: Any, value: str) -> Any:
    """Text, whatever it looks like."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell  # type: ignore[import-untyped]

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


class ExportView(ReceptionView):
    template_name = "booking/admin/export.html"
    page_title = "Export"
    header_icon = "download"
    permissions = (HANDLE, EXPORT)

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        initial = {"what": "requests", "first": today - timedelta(days=30), "last": today, "kind": "csv"}
        return self.page(section="export", form=ExportForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.page(status=400, section="export", form=form)
        asked = form.cleaned_data
        found = rows(asked["what"], asked["first"], asked["last"])
        data = {"what": asked["what"], "count": len(found)}
        log(instance=request.user, action="booking.export", user=request.user, data=data)
        return _file(found, f"{asked['what']}-{asked['first']}-{asked['last']}", asked["kind"])


def _file(found: list[Row], name: str, kind: str) -> HttpResponse:
    content = as_csv(found) if kind == "csv" else as_xlsx(found)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
