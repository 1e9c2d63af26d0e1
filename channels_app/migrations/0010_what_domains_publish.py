from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0009_find_mail_by_writer_and_time")]

    operations = [
        migrations.CreateModel(
            name="DomainCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253, unique=True)),
                ("checked_at", models.DateTimeField()),
                ("results", models.JSONField()),
            ],
        ),
    ]
