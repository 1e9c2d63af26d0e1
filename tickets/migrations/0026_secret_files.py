from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0025_recipients_side_undo_new_draft")]

    operations = [
        migrations.AddField("attachment", "is_secret", models.BooleanField(default=False, db_default=False)),
        migrations.AddIndex(
            "attachment",
            models.Index(fields=["id"], condition=models.Q(is_secret=True), name="tickets_secret_files"),
        ),
    ]
