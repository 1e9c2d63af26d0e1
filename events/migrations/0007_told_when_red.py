from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0006_day_digests'),
    ]

    operations = [
        migrations.AddField(
            model_name='book',
            name='alarmed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
