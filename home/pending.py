from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from home.renditions import Use

MAX_ATTEMPTS = 3


class PendingRenditionsQuerySet(models.QuerySet["PendingRenditions"]):
    def failed(self) -> PendingRenditionsQuerySet:
        """What stays as it is until somebody asks for it again."""
        return self.filter(_failed())

    def waiting(self) -> PendingRenditionsQuerySet:
        return self.exclude(_failed())

    def due(self) -> PendingRenditionsQuerySet:
        """What may be worked on now, oldest first."""
        return self.filter(attempts__lt=MAX_ATTEMPTS, next_attempt_at__lte=timezone.now()).order_by("pk")

    def try_again(self) -> int:
        return self.update(attempts=0, reason="", next_attempt_at=timezone.now())


def _failed() -> Q:
    return Q(attempts__gte=MAX_ATTEMPTS, next_attempt_at__lte=timezone.now())


class PendingRenditions(models.Model):
    """A picture in a role of which sizes are missing. The row goes when all of them are there."""

    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.CASCADE, related_name="pending_renditions"
    )
    preset = models.CharField(max_length=20)
    # Counted when the work begins: a picture that ends the process that reads it must not do so for ever.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Until then the row belongs to the process that wrote this moment into it.
    next_attempt_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True)

    objects = PendingRenditionsQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["picture", "preset"], name="home_one_pending_a_role")]

    def __str__(self) -> str:
        return f"{self.preset} of {self.picture}"

    @property
    def use(self) -> Use:
        return Use(self.picture, self.preset)
