from __future__ import annotations

import secrets
from pathlib import PurePosixPath
from typing import Any

from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Image, SourceImageIOError
from willow.image import UnrecognisedImageFormatError

from home.metadata import without_metadata


class Picture(AbstractImage):
    """An uploaded picture, stored without metadata and under a name that says nothing about it."""

    file: Any
    admin_form_fields = Image.admin_form_fields

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.file and not self.file._committed:
            self.file = without_metadata(self.file)
            self._set_image_file_metadata()
        super().save(*args, **kwargs)

    def generate_rendition_file(self, *args: Any, **kwargs: Any) -> Any:
        """Wagtail’s admin copes with a file that is missing, not with one that is damaged: here both are one error."""
        try:
            return super().generate_rendition_file(*args, **kwargs)
        except (OSError, UnrecognisedImageFormatError) as error:
            raise SourceImageIOError(str(error)) from error

    def get_upload_to(self, filename: str) -> str:
        return f"original_images/{secrets.token_hex(8)}{PurePosixPath(filename).suffix.lower()}"


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="home_one_rendition_a_spec"
            )
        ]
