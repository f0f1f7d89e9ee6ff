from __future__ import annotations

from booking.appointments import Appointment, SlotClaim
from booking.booking_settings import BookingSettings
from booking.hours import Closure, OpeningRule
from booking.offer import Location, Practitioner, Service, new_reference
from booking.requests import AppointmentRequest, ConsentText

__all__ = [
    "Appointment",
    "AppointmentRequest",
    "BookingSettings",
    "Closure",
    "ConsentText",
    "Location",
    "OpeningRule",
    "Practitioner",
    "Service",
    "SlotClaim",
    "new_reference",
]
