"""Comments that are there already get their places in their threads; moderators get a group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import migrations
from django.utils.crypto import salted_hmac

GROUP = "Comment moderators"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fill_threads(apps: Any, schema_editor: Any) -> None:
    ReaderComment = apps.get_model("blog", "ReaderComment")
    approved = set(ReaderComment.objects.filter(status="approved").values_list("pk", flat=True))
    for comment in ReaderComment.objects.select_related("root").iterator():
        comment.thread_key = own_key(comment.root) + own_key(comment) if comment.root else own_key(comment)
        comment.is_shown = comment.pk in approved and (comment.root_id is None or comment.root_id in approved)
        comment.published_at = (comment.decided_at or comment.created_at) if comment.pk in approved else None
        comment.email_digest = address_digest(comment.email)
        comment.save()


def own_key(comment: Any) -> str:
    microseconds = int((comment.created_at - EPOCH).total_seconds() * 1_000_000)
    return f"{microseconds:014x}{comment.pk.hex[:8]}"


def address_digest(address: str) -> str:
    value = address.casefold()
    return salted_hmac("blog.address", value, algorithm="sha256").hexdigest()[:32] if value else ""


def add_group(apps: Any, schema_editor: Any) -> None:
    """Django makes permissions after all migrations: here they are made by hand, as it would."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    comments, _ = ContentType.objects.get_or_create(app_label="blog", model="readercomment")
    rules, _ = ContentType.objects.get_or_create(app_label="blog", model="blockrule")
    admin, _ = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    wanted = [
        (admin, "access_admin", "Can access Wagtail admin"),
        (comments, "moderate_comment", "Can decide about comments"),
        (rules, "add_blockrule", "Can add block rule"),
        (rules, "change_blockrule", "Can change block rule"),
        (rules, "delete_blockrule", "Can delete block rule"),
        (rules, "view_blockrule", "Can view block rule"),
    ]
    group, _ = Group.objects.get_or_create(name=GROUP)
    for content_type, codename, name in wanted:
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0003_comment_threads_and_rules"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]

    operations = [
        migrations.RunPython(fill_threads, migrations.RunPython.noop),
        migrations.RunPython(add_group, migrations.RunPython.noop),
    ]
