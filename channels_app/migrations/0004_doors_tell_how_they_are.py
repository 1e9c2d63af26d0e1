import django.db.models.deletion
from django.db import migrations, models

DOORS = [("smtp", "Smtp"), ("imap", "Imap"), ("pipe", "Pipe")]


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0003_quarantine_has_a_clock")]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="door",
            field=models.CharField(choices=DOORS, db_default="smtp", default="smtp", max_length=8),
        ),
        migrations.CreateModel(
            name="DoorState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("door", models.CharField(choices=DOORS, max_length=8)),
                ("alive_at", models.DateTimeField()),
                ("good_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=32)),
                ("troubled_since", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels_app.channel",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("door", "channel"), name="channels_one_state_a_door", nulls_distinct=False
                    )
                ]
            },
        ),
    ]
