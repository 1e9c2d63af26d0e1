from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_lists_with_a_name")]

    operations = [
        migrations.CreateModel(
            name="AutomaticText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32)),
                ("language", models.CharField(max_length=8)),
                ("text", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "language"), name="tickets_text_once_a_language")
                ]
            },
        ),
    ]
