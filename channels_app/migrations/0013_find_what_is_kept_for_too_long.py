from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # mail comes meanwhile

    dependencies = [("channels_app", "0012_find_mail_by_part_and_what_was_refused")]
    operations = [
        AddIndexConcurrently(
            model_name="rawmessage",
            index=models.Index(
                condition=models.Q(("state__in", ["filed", "refused"]), models.Q(("digest", ""), _negated=True)),
                fields=["state", "received_at", "id"],
                name="channels_raw_kept",
            ),
        ),
        AddIndexConcurrently(
            model_name="rawmessage",
            index=models.Index(
                condition=models.Q(("content", None)), fields=["digest"], name="channels_raw_of_file"
            ),
        ),
    ]
