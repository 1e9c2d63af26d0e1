from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_count_uses_under_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='look',
            name='is_logo_in_letters',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
