"""Words past their time are found along an index that what was erased has left."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_ERASABLE = models.Q(erased_at=None, keep_reason="")


class Migration(migrations.Migration):
    atomic = False  # tickets are taken meanwhile

    dependencies = [("tickets", "0027_erased_and_kept_tickets")]
    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(is_spam=False, status__in=("resolved", "closed")) & _ERASABLE,
                fields=["updated_at", "id"],
                name="tickets_done_since",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(is_spam=True) & _ERASABLE,
                fields=["spam_since", "id"],
                name="tickets_spam_kept",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("keep_reason", ""), _negated=True), fields=["id"], name="tickets_kept"
            ),
        ),
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(fields=["digest"], name="tickets_attached_of_file"),
        ),
    ]
