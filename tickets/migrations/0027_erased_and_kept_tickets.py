from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0026_secret_files")]
    operations = [
        migrations.AddField("ticket", "erased_at", models.DateTimeField(null=True)),
        migrations.AddField("ticket", "erased_act", models.BigIntegerField(null=True)),
        migrations.AddField(
            "ticket", "keep_reason", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
    ]
