from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # tickets are opened meanwhile

    dependencies = [("assurance", "0003_catalogue")]
    operations = [
        AddIndexConcurrently(
            model_name="view",
            index=BrinIndex(autosummarize=True, fields=["hour"], name="assurance_seen_by_time"),
        ),
    ]
