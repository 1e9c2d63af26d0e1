from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the desk goes on while the index is built

    dependencies = [("tickets", "0004_find_threads_and_proven_domains")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["level_until"], condition=models.Q(("level_until__isnull", False)), name="tickets_level_ends"
            ),
        ),
    ]
