"""Pictures lose their metadata before they are stored: a patient's photo must not carry the place it was taken at."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps

_ORIENTATION = 0x0112


def without_metadata(file: File[bytes]) -> ContentFile[bytes]:
    """The same picture upright, with its colour profile, and with nothing else beside its pixels."""
    file.seek(0)
    with Image.open(file) as image:
        output = BytesIO()
        is_turned = image.getexif().get(_ORIENTATION, 1) != 1
        upright = ImageOps.exif_transpose(image) if is_turned else image
        upright.save(output, **_save_options(image, is_turned=is_turned))
    return ContentFile(output.getvalue(), name=file.name)


def _save_options(image: Image.Image, *, is_turned: bool) -> dict[str, Any]:
    """Pillow copies nothing that is not named here, except where a format needs an explicit empty value."""
    # Phones write MPO, a JPEG with a second picture behind the first.
    file_format = "JPEG" if image.format == "MPO" else image.format
    profile = image.info.get("icc_profile")
    options: dict[str, Any] = {"format": file_format, "exif": b"", "comment": b"", "icc_profile": profile}
    if file_format == "JPEG":
        options["quality"] = "keep" if image.format == "JPEG" and not is_turned else 92
    elif file_format in {"WEBP", "AVIF"}:
        options["quality"] = 90
    if getattr(image, "is_animated", False) and file_format != "JPEG":
        options["save_all"] = True
    return options
