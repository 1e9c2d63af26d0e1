"""Every list of the queue page is a merge of walks along an index in the order (due_at, id), tickets.queries.walks.

At 1,000,000 tickets 145 of 264 pages (three people, every view and filter, three depths) read or sorted thousands of
rows: "of my teams or mine" and "mine or nobody's" fit no single index, done tickets share one due_at, and a state,
queue or tier was filtered after the walk. Indexes of the bare foreign keys served no list and go; a new ticket is
written into as many indexes as before.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the desk goes on while the indexes are built

    dependencies = [
        ('customers', '0002_staff_are_not_contacts'),
        ('staff', '0001_teams_and_staff'),
        ('tickets', '0005_levels_that_end'),
    ]

    operations = [
        migrations.RunSQL('SET statement_timeout = 0', 'SET statement_timeout = 0'),  # a large desk builds for longer
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True)), fields=['due_at', 'id'], name='tickets_open'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True)), fields=['team', 'due_at', 'id'], name='tickets_open_of_team'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True)), fields=['queue', 'due_at', 'id'], name='tickets_open_of_queue'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('assignee__isnull', False), ('is_spam', False), models.Q(('status__in', ('resolved', 'closed')), _negated=True)), fields=['assignee', 'due_at', 'id'], name='tickets_open_of_person'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True), ('assignee', None)), fields=['due_at', 'id'], name='tickets_nobodys'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True), ('assignee', None)), fields=['team', 'due_at', 'id'], name='tickets_nobodys_of_team'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), models.Q(('status__in', ('resolved', 'closed')), _negated=True), ('assignee', None)), fields=['queue', 'due_at', 'id'], name='tickets_nobodys_of_queue'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True)), fields=['status', 'due_at', 'id'], name='tickets_state'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True)), fields=['team', 'status', 'due_at', 'id'], name='tickets_state_of_team'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True)), fields=['queue', 'status', 'due_at', 'id'], name='tickets_state_of_queue'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('assignee__isnull', False), ('is_spam', False)), fields=['assignee', 'status', 'due_at', 'id'], name='tickets_state_of_person'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), models.Q(('kind', 'restricted'), _negated=True), ('assignee', None)), fields=['team', 'status', 'due_at', 'id'], name='tickets_state_of_nobody'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), ('kind', 'restricted'), models.Q(('status__in', ('resolved', 'closed')), _negated=True)), fields=['team', 'due_at', 'id'], name='tickets_restricted'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('is_spam', False), ('kind', 'restricted')), fields=['team', 'status', 'due_at', 'id'], name='tickets_state_of_restricted'),
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_open_team',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_open_queue',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_open_all',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_open_mine',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_open_nobody',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='tickets_by_status',
        ),
        migrations.AlterField(
            model_name='ticket',
            name='account',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.account'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='assignee',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.staffprofile'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='queue',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.queue'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='team',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.team'),
        ),
    ]
