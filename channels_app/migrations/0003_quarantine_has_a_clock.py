from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0002_answers_wait_for_their_letter")]

    operations = [
        migrations.AddField(model_name="rawmessage", name="due_at", field=models.DateTimeField(null=True)),
    ]
