import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sessions', '0001_initial'),
        ('users', '0002_programs_that_sign_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignedIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('realm', models.CharField(max_length=8)),
                ('browser', models.CharField(max_length=40)),
                ('address', models.GenericIPAddressField(null=True)),
                ('made_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('session', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        # Code that does not know the table yet ends sessions beside it.
        migrations.RunSQL(
            """ALTER TABLE users_signedin ADD CONSTRAINT users_signedin_ends_with_session FOREIGN KEY (session_id)
               REFERENCES django_session (session_key) ON DELETE CASCADE""",
            migrations.RunSQL.noop,
        ),
    ]
