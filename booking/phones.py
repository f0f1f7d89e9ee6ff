from __future__ import annotations

import phonenumbers


def readable_phone(value: str, *, region: str) -> str:
    """A number as people type it, given back in international form; ValueError if it is none."""
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError(value) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
