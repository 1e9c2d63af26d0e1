"""Tags on tickets. Triggers write beside each where its ticket stands, so that lists of a tag are walks of one index.

Triggers rather than a service: whatever moves a ticket, its tags follow.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION tickets_tag_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT due_at, NOT is_spam AND status NOT IN ('resolved', 'closed') INTO NEW.walk_due_at, NEW.is_listed
      FROM tickets_ticket WHERE id = NEW.ticket_id;
    RETURN NEW;
END $$;
CREATE TRIGGER tickets_tag_placed BEFORE INSERT ON tickets_tickettag
    FOR EACH ROW EXECUTE FUNCTION tickets_tag_placed();

CREATE FUNCTION tickets_tag_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_tickettag
       SET walk_due_at = NEW.due_at, is_listed = NOT NEW.is_spam AND NEW.status NOT IN ('resolved', 'closed')
     WHERE ticket_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_tag_follows AFTER UPDATE OF due_at, status, is_spam ON tickets_ticket FOR EACH ROW
    WHEN (OLD.due_at <> NEW.due_at OR OLD.status <> NEW.status OR OLD.is_spam <> NEW.is_spam)
    EXECUTE FUNCTION tickets_tag_follows();
"""
BACKWARD = """
DROP TRIGGER tickets_tag_follows ON tickets_ticket;
DROP TRIGGER tickets_tag_placed ON tickets_tickettag;
DROP FUNCTION tickets_tag_follows();
DROP FUNCTION tickets_tag_placed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0006_walk_lists_by_their_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('colour', models.CharField(default='a', max_length=1)),
                ('is_active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='TicketTag',
            fields=[
                ('pk', models.CompositePrimaryKey('ticket_id', 'tag_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('is_listed', models.BooleanField(db_default=True)),
                ('walk_due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.tag')),
                ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tagged', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['tag', 'is_listed', 'walk_due_at', 'ticket'], name='tickets_of_tag')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
