"""Names are found by any part of them; by hand, because the index stands on the very expression that is asked."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

ACCOUNTS = "CREATE INDEX CONCURRENTLY customers_account_alike ON customers_account USING gin (upper(name) gin_trgm_ops)"
CONTACTS = """
CREATE INDEX CONCURRENTLY customers_contact_alike ON customers_contact
    USING gin (upper(surname || ' ' || given_name || ' ' || patronymic) gin_trgm_ops)"""


class Migration(migrations.Migration):
    atomic = False  # the desk goes on while the indexes are built
    dependencies = [("customers", "0002_staff_are_not_contacts")]
    operations = [
        TrigramExtension(),
        migrations.RunSQL(ACCOUNTS, "DROP INDEX customers_account_alike"),
        migrations.RunSQL(CONTACTS, "DROP INDEX customers_contact_alike"),
    ]
