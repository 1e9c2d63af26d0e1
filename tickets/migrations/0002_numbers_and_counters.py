"""The sequence behind ticket numbers, and the trigger that keeps the counters of queues and people.

A trigger rather than a service: whatever changes a ticket, the counters follow, and no writer locks a row.
"""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE tickets_number_seq;

CREATE FUNCTION tickets_buckets(t tickets_ticket) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t.is_spam OR t.status IN ('resolved', 'closed') THEN ARRAY[]::text[]
    ELSE array_remove(ARRAY[
        'queue:' || t.queue_id,
        'team:' || t.team_id,
        'status:' || t.status,
        'team:' || t.team_id || ':status:' || t.status,
        CASE WHEN t.assignee_id IS NULL THEN 'nobody' ELSE 'assignee:' || t.assignee_id END,
        CASE WHEN t.assignee_id IS NULL THEN 'team:' || t.team_id || ':nobody' END,
        'open'
    ], NULL) END
$$;

CREATE FUNCTION tickets_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone text[] := ARRAY[]::text[];
    come text[] := ARRAY[]::text[];
BEGIN
    IF TG_OP <> 'INSERT' THEN gone := tickets_buckets(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN come := tickets_buckets(NEW); END IF;
    INSERT INTO tickets_counterdelta (key, change)
        SELECT k, -1 FROM unnest(gone) k WHERE k <> ALL (come)
        UNION ALL SELECT k, 1 FROM unnest(come) k WHERE k <> ALL (gone);
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_count_insert AFTER INSERT OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count();
CREATE TRIGGER tickets_count_update AFTER UPDATE OF status, queue_id, team_id, assignee_id, is_spam ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count();
"""
BACKWARD = """
DROP TRIGGER tickets_count_insert ON tickets_ticket;
DROP TRIGGER tickets_count_update ON tickets_ticket;
DROP FUNCTION tickets_count();
DROP FUNCTION tickets_buckets(tickets_ticket);
DROP SEQUENCE tickets_number_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_tickets_and_messages")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
