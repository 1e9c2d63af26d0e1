from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0007_a_relay_of_its_own")]

    operations = [
        migrations.AddField("rawmessage", "repeats", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("rawmessage", "repeated_at", models.DateTimeField(null=True)),
    ]
