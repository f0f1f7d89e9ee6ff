"""Reception gets a group: the diary and the requests, and nothing else of the admin."""

from __future__ import annotations

from typing import Any

from django.db import migrations

GROUP = "Reception"
DIARY = ("appointment", "appointmentrequest", "closure", "openingrule")


def add_group(apps: Any, schema_editor: Any) -> None:
    """Django makes permissions after all migrations: here they are made by hand, as it would."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    admin, _ = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    wanted = [(admin, "access_admin", "Can access Wagtail admin")]
    for model in DIARY:
        content_type, _ = ContentType.objects.get_or_create(app_label="booking", model=model)
        name = apps.get_model("booking", model)._meta.verbose_name
        wanted += [(content_type, f"{verb}_{model}", f"Can {verb} {name}") for verb in ("add", "change", "view")]
        if model in {"closure", "openingrule"}:
            wanted.append((content_type, f"delete_{model}", f"Can delete {name}"))
    requests, _ = ContentType.objects.get_or_create(app_label="booking", model="appointmentrequest")
    wanted.append((requests, "handle_request", "Can answer requests and keep the diary"))
    wanted.append((requests, "export_request", "Can export requests and appointments"))
    group, _ = Group.objects.get_or_create(name=GROUP)
    for content_type, codename, name in wanted:
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0002_live_times"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]

    operations = [migrations.RunPython(add_group, migrations.RunPython.noop)]
