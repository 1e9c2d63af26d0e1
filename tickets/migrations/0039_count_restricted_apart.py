"""Count restricted tickets apart, by where and whose they are, so that each reader adds those he may see.

Only what is restricted is counted anew: as deltas, by its own indexes, in the moment in which nobody changes a ticket.
"""

from django.db import migrations

_BUCKETS = """
CREATE OR REPLACE FUNCTION tickets_buckets(t tickets_ticket) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t.is_spam OR t.status IN ('resolved', 'closed') THEN ARRAY[]::text[]
    {restricted}ELSE array_remove(ARRAY[
        'queue:' || t.queue_id,
        'team:' || t.team_id,
        'status:' || t.status,
        'team:' || t.team_id || ':status:' || t.status,
        CASE WHEN t.assignee_id IS NULL THEN 'nobody' ELSE 'assignee:' || t.assignee_id END,
        CASE WHEN t.assignee_id IS NULL THEN 'team:' || t.team_id || ':nobody' END,
        'open'
    ], NULL) END
$$;"""
# Read by queries.queues: 'restricted:<team>:<queue>:<status>:<is nobody's>', 'restricted-of:<person>:<the same>'.
_RESTRICTED = """WHEN t.kind = 'restricted' THEN array_remove(ARRAY[
        'assignee:' || t.assignee_id,
        concat_ws(':', 'restricted', t.team_id, t.queue_id, t.status, (t.assignee_id IS NULL)::int),
        CASE WHEN t.assignee_id IS NOT NULL
            THEN concat_ws(':', 'restricted-of', t.assignee_id, t.team_id, t.queue_id, t.status, 0) END
    ], NULL)
    """
_STEP = """
SET LOCAL lock_timeout = '10s';
DROP TRIGGER tickets_count_update ON tickets_ticket;
INSERT INTO tickets_counterdelta (key, change)
    SELECT key, -count(*) FROM tickets_ticket t, unnest(tickets_buckets(t)) AS key
    WHERE t.kind = 'restricted' AND NOT t.is_spam GROUP BY key;
{buckets}
INSERT INTO tickets_counterdelta (key, change)
    SELECT key, count(*) FROM tickets_ticket t, unnest(tickets_buckets(t)) AS key
    WHERE t.kind = 'restricted' AND NOT t.is_spam GROUP BY key;
CREATE TRIGGER tickets_count_update AFTER UPDATE OF {columns} ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count();
"""
_COUNTED = "status, queue_id, team_id, assignee_id, is_spam"
FORWARD = _STEP.format(buckets=_BUCKETS.format(restricted=_RESTRICTED), columns=f"{_COUNTED}, kind")
BACKWARD = _STEP.format(buckets=_BUCKETS.format(restricted=""), columns=_COUNTED)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0038_lists_a_desk_begins_with")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
