from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # calls are entered meanwhile

    dependencies = [
        ("tickets", "0035_indexes_that_are_used"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        AddIndexConcurrently(
            model_name="call",
            index=models.Index(
                condition=models.Q(("erased_at", None), ("ticket", None)),
                fields=["ended_at", "id"],
                name="tickets_calls_kept",
            ),
        ),
    ]
