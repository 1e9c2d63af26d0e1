import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_staff_are_not_contacts'),
        ('staff', '0001_teams_and_staff'),
        ('tickets', '0009_take_back_replies'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('action', models.CharField(max_length=8)),
                ('value', models.CharField(blank=True, max_length=50)),
                ('items', models.JSONField()),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='ticket',
            name='spam_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='ticket',
            name='spam_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='bulkchange',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.staffprofile'),
        ),
    ]
