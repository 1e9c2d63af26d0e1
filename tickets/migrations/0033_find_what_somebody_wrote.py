from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # tickets are taken meanwhile

    dependencies = [("tickets", "0032_participant_contact")]
    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "in")), fields=["sender_email"], name="tickets_messages_of_sender"
            ),
        ),
        AddIndexConcurrently(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("is_requester", False)), fields=["email"], name="tickets_taking_part"
            ),
        ),
        AddIndexConcurrently(
            model_name="identityclaim", index=models.Index(fields=["value"], name="tickets_claimed")
        ),
        AddIndexConcurrently(
            model_name="sideconversation", index=models.Index(fields=["email"], name="tickets_aside_with")
        ),
        AddIndexConcurrently(
            model_name="sideletter", index=models.Index(fields=["sender_email"], name="tickets_side_of_sender")
        ),
    ]
