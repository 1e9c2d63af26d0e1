"""Spam has lists of its own, and a digest counts what came since yesterday."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # tickets are taken meanwhile

    dependencies = [("tickets", "0010_spam_and_changes_of_many")]
    operations = [
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', True)), fields=['spam_since'], name='tickets_spam_since'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', True)), fields=['due_at', 'id'], name='tickets_spam'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', True)), fields=['team', 'due_at', 'id'], name='tickets_spam_of_team'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('assignee__isnull', False), ('is_spam', True)), fields=['assignee', 'due_at', 'id'], name='tickets_spam_of_person'),
        ),
    ]
