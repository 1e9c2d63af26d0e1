from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the desk goes on while the indexes are built

    dependencies = [("tickets", "0003_count_by_statement")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["message_id", "id"], name="tickets_messages_by_mail_id"),
        ),
        RemoveIndexConcurrently(model_name="message", name="tickets_message_by_its_id"),
        AddIndexConcurrently(
            model_name="autoreply",
            index=models.Index(
                fields=["domain", "at"], condition=models.Q(("level__gte", 2)), name="tickets_ack_proven"
            ),
        ),
    ]
