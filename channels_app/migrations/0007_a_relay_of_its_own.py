from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0006_passwords_of_mailboxes_are_sealed")]

    operations = [
        migrations.CreateModel(
            name="OutboundRelay",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=253)),
                ("port", models.IntegerField()),
                (
                    "security",
                    models.CharField(
                        choices=[("tls", "tls"), ("starttls", "starttls"), ("none", "none")], max_length=8
                    ),
                ),
                ("user", models.CharField(blank=True, default="", max_length=320)),
                ("sealed_password", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="channels_relay_is_one")]
            },
        ),
    ]
