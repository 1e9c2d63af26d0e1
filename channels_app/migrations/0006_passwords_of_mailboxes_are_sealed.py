"""Passwords of mailboxes are kept sealed (core/sealed.py), and a channel says which door its mail comes by.

Not reversible: what is sealed is not written back in the clear.
"""

from django.db import migrations

from core.sealed import Secret, seal


def seal_passwords(apps, schema_editor):
    for channel in apps.get_model("channels_app", "Channel").objects.filter(config__has_key="imap"):
        kept = channel.config["imap"]
        if "sealed_password" in kept:
            continue
        port = kept.get("port", 993)
        channel.config["imap"] = {
            "host": kept["host"],
            "port": port,
            "security": "tls" if kept.get("tls", port == 993) else "none",
            "user": kept["user"],
            "sealed_password": seal(Secret(kept["password"])),
            "folder": kept.get("folder") or "INBOX",
            "processed": kept.get("processed", "Processed"),
        }
        channel.door = "imap"
        channel.save(update_fields=["config", "door"])


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0005_find_the_last_mail_of_a_door")]
    operations = [migrations.RunPython(seal_passwords, None)]
