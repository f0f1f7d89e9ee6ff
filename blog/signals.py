from __future__ import annotations

from django.db.models.signals import post_save

from home.signals import prepare_pictures


def connect() -> None:
    from blog.models import Author

    post_save.connect(prepare_pictures, sender=Author, dispatch_uid="blog.author_pictures")
