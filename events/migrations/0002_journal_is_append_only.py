from django.db import migrations

# TRUNCATE stays possible: it needs the owner of the table, and tests empty the database with it.
FORWARD = """
CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % of event % is refused', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_event_is_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
"""
BACKWARD = """
DROP TRIGGER events_event_is_append_only ON events_event;
DROP FUNCTION events_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_journal_and_deliveries")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
