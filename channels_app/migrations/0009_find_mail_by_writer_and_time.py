""" "Did my mail arrive?" is asked by writer and time; a mail no parser could read has only its raw header."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func, Value
from django.db.models.functions import Lower

WRITER = Lower(Func(F("sender"), Value(r'[^<>\s",;]+@[^<>\s",;]+'), function="substring"))


class Migration(migrations.Migration):
    atomic = False  # mail comes in while the indexes are built

    dependencies = [("channels_app", "0008_count_mail_that_came_again")]

    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently("rawmessage", models.Index(WRITER, "received_at", "id", name="channels_raw_of_writer")),
        AddIndexConcurrently("rawmessage", models.Index(fields=["received_at", "id"], name="channels_raw_by_time")),
    ]
