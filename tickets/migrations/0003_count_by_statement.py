"""Count once for each statement: thirty tickets filed together add seven rows of deltas instead of two hundred.

Updates stay with their row trigger, which PostgreSQL skips unless a counted column is written.
"""

from django.db import migrations, models

FORWARD = """
DROP TRIGGER tickets_count_insert ON tickets_ticket;

CREATE FUNCTION tickets_count_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_counterdelta (key, change)
        SELECT key, count(*) FROM come, unnest(tickets_buckets(come::tickets_ticket)) AS key GROUP BY key;
    RETURN NULL;
END $$;
CREATE FUNCTION tickets_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_counterdelta (key, change)
        SELECT key, -count(*) FROM gone, unnest(tickets_buckets(gone::tickets_ticket)) AS key GROUP BY key;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_count_insert AFTER INSERT ON tickets_ticket
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tickets_count_come();
CREATE TRIGGER tickets_count_delete AFTER DELETE ON tickets_ticket
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tickets_count_gone();
"""
BACKWARD = """
DROP TRIGGER tickets_count_insert ON tickets_ticket;
DROP TRIGGER tickets_count_delete ON tickets_ticket;
DROP FUNCTION tickets_count_come();
DROP FUNCTION tickets_count_gone();
CREATE TRIGGER tickets_count_insert AFTER INSERT OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_numbers_and_counters")]
    operations = [
        migrations.AlterField("counterdelta", "change", models.IntegerField()),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
