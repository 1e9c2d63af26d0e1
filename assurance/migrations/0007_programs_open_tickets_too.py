from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

ONE_READER = models.CheckConstraint(
    condition=models.Q(("program", None), ("staff", None), _connector="XOR"),
    name="assurance_seen_by_one",
)
ONCE_AN_HOUR = models.UniqueConstraint(
    condition=models.Q(("program__isnull", False)),
    fields=("ticket", "program", "hour"),
    name="assurance_read_once_an_hour",
)


class Migration(migrations.Migration):
    atomic = False  # tickets are opened meanwhile

    dependencies = [
        ("assurance", "0006_begin_anew"),
        ("users", "0006_wrong_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="view",
            name="program",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="users.apitoken"
            ),
        ),
        migrations.AlterField(
            model_name="view",
            name="staff",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="staff.staffprofile"
            ),
        ),
        AddConstraintNotValid(model_name="view", constraint=ONE_READER),
        ValidateConstraint(model_name="view", name="assurance_seen_by_one"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddConstraint(model_name="view", constraint=ONCE_AN_HOUR)],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY assurance_read_once_an_hour"
                    " ON assurance_view (ticket_id, program_id, hour) WHERE program_id IS NOT NULL",
                    "DROP INDEX CONCURRENTLY assurance_read_once_an_hour",
                )
            ],
        ),
    ]
