from __future__ import annotations

from django.db.models.signals import post_save

from home.signals import make_renditions


def connect() -> None:
    from blog.models import Author

    post_save.connect(make_renditions, sender=Author, dispatch_uid="blog.author_renditions")
