from django.db import migrations

# The user's row is locked first, so that two transactions cannot both find the other table empty.
FORWARD = """
CREATE FUNCTION customers_staff_or_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken boolean;
BEGIN
    IF NEW.user_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM users_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF TG_TABLE_NAME = 'customers_contact' THEN
        taken := EXISTS (SELECT 1 FROM staff_staffprofile WHERE user_id = NEW.user_id);
    ELSE
        taken := EXISTS (SELECT 1 FROM customers_contact WHERE user_id = NEW.user_id);
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'user % cannot be both staff and a contact of a customer', NEW.user_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_contact_is_not_staff BEFORE INSERT OR UPDATE OF user_id ON customers_contact
    FOR EACH ROW EXECUTE FUNCTION customers_staff_or_contact();
CREATE TRIGGER staff_staffprofile_is_not_contact BEFORE INSERT OR UPDATE OF user_id ON staff_staffprofile
    FOR EACH ROW EXECUTE FUNCTION customers_staff_or_contact();
"""
BACKWARD = """
DROP TRIGGER staff_staffprofile_is_not_contact ON staff_staffprofile;
DROP TRIGGER customers_contact_is_not_staff ON customers_contact;
DROP FUNCTION customers_staff_or_contact();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_accounts_and_contacts"),
        ("staff", "0001_teams_and_staff"),
        ("users", "0001_users"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
