from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations, models
from django.utils.encoding import punycode

import outbox.models


def name_old_mails(apps, schema_editor):
    """Those that are there keep the Message-ID that they were sent with so far, made of their own id."""
    host = punycode(urlsplit(settings.SITE_URL).hostname or "localhost")
    Message = apps.get_model("outbox", "Message")
    for pk in Message.objects.filter(message_id="").values_list("pk", flat=True):
        Message.objects.filter(pk=pk).update(message_id=f"<{pk}@{host}>")


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={
                "permissions": [("resend_message", "Can send mail again")],
                "verbose_name": "mail",
                "verbose_name_plural": "mails",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="claim",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="message_id",
            field=models.CharField(default="", editable=False, max_length=320),
        ),
        migrations.RunPython(name_old_mails, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="message",
            name="message_id",
            field=models.CharField(default=outbox.models.new_message_id, editable=False, max_length=320),
        ),
    ]
