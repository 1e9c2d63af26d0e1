from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0003_quarantine_has_a_clock")]

    operations = [
        migrations.AddField("rawmessage", "repeats", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("rawmessage", "repeated_at", models.DateTimeField(null=True)),
    ]
