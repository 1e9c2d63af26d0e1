from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_acts_of_destruction")]
    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("kind", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("days", models.IntegerField(null=True)),
                ("by", models.CharField(max_length=64)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("set_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LeavingFile",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            "destruction", "basis", models.CharField(db_default="request", default="request", max_length=16)
        ),
        migrations.AddField("destruction", "days", models.IntegerField(null=True)),
        migrations.AddIndex("destruction", models.Index(fields=["basis", "-id"], name="privacy_acts_of_basis")),
    ]
