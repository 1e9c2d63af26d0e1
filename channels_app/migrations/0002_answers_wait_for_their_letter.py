from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # mail is accepted while the index is built

    dependencies = [("channels_app", "0001_doors_and_raw_mail")]

    operations = [
        migrations.AddField(
            model_name="rawmessage",
            name="mail_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=998),
        ),
        AddIndexConcurrently(
            model_name="rawmessage",
            index=models.Index(
                fields=["mail_id"],
                condition=models.Q(("state__in", ["received", "parsing"])),
                name="channels_raw_open_ids",
            ),
        ),
    ]
