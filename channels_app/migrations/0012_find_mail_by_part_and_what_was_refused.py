"""A part of an address is looked for along the very expression it is compared with; so its index is made by hand."""

from django.db import migrations, models

OF_PART = r"""
CREATE INDEX CONCURRENTLY channels_raw_of_part ON channels_app_rawmessage
    USING gin (lower(substring(sender, '[^<>\s",;]+@[^<>\s",;]+')) gin_trgm_ops)"""


class Migration(migrations.Migration):
    atomic = False  # mail comes in while the index is built

    dependencies = [
        ("channels_app", "0011_visitors"),
        ("customers", "0003_find_by_name"),  # for pg_trgm
    ]

    operations = [
        migrations.CreateModel(
            name="TurnedAway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("last_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=16)),
                ("sender", models.CharField(blank=True, max_length=320)),
                ("recipient", models.CharField(blank=True, max_length=320)),
                ("client_ip", models.CharField(blank=True, max_length=64)),
                ("times", models.IntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["last_at", "id"], name="channels_turned_away_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "sender", "recipient", "reason", "client_ip"),
                        name="channels_turned_away_once_a_day",
                    )
                ],
            },
        ),
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        migrations.RunSQL(OF_PART, "DROP INDEX channels_raw_of_part"),
    ]
