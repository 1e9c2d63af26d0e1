"""The index of the bare foreign key goes: the new one serves the same questions, and "the last mail of this door" too."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # mail is taken while the index is built

    dependencies = [("channels_app", "0004_doors_tell_how_they_are")]

    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),  # a large desk builds for longer
        AddIndexConcurrently(
            model_name="rawmessage", index=models.Index(fields=["channel", "id"], name="channels_raw_of_channel")
        ),
        migrations.AlterField(
            model_name="rawmessage",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels_app.channel",
            ),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
