"""Full-text search. Texts are put into the index by a chore of the relay, old ones like new ones."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION tickets_text_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'tickets_message' THEN
        INSERT INTO tickets_toindex (message_id) SELECT id FROM come;
    ELSE
        INSERT INTO tickets_toindex (note_id) SELECT id FROM come;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_message_came AFTER INSERT ON tickets_message
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tickets_text_came();
CREATE TRIGGER tickets_note_came AFTER INSERT ON tickets_note
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tickets_text_came();
INSERT INTO tickets_toindex (message_id) SELECT id FROM tickets_message ORDER BY id;
INSERT INTO tickets_toindex (note_id) SELECT id FROM tickets_note ORDER BY id;
"""
BACKWARD = """
DROP TRIGGER tickets_message_came ON tickets_message;
DROP TRIGGER tickets_note_came ON tickets_note;
DROP FUNCTION tickets_text_came();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_tags_and_where_they_stand")]
    operations = [
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.CreateModel(
            name="ToIndex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.BigIntegerField(null=True)),
                ("note_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("texts", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="tickets_word_alike", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
                (
                    "note",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.note"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], fastupdate=False, name="tickets_entry_words"
                    ),
                    models.Index(fields=["-at", "-id"], name="tickets_entry_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("message", None), ("note", None), _connector="XOR"),
                        name="tickets_entry_of_one_text",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
