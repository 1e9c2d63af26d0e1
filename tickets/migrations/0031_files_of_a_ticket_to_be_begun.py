import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0030_promises'),
    ]

    operations = [
        migrations.AlterField(
            model_name='upload',
            name='ticket',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='tickets.ticket'),
        ),
    ]
