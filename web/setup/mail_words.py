"""Words of the mail pages that are no trouble of a server."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from channels_app.history import Change
from channels_app.models import Door
from channels_app.policies.servers import Security
from staff.queries import names_by_key
from tickets import queries

DOORS: dict[str, str | Promise] = {
    Door.SMTP: _("SMTP: mail is handed to this desk's listener"),
    Door.IMAP: _("IMAP: the desk reads a mailbox of another server"),
    Door.PIPE: _("Pipe: a mail server on this machine starts a command"),
}
SECURITIES: dict[str, str | Promise] = {
    Security.TLS: _("TLS from the start"),
    Security.STARTTLS: _("STARTTLS"),
    Security.NONE: _("None: only inside one machine or a trusted network"),
}

CHANGES: dict[str, str | Promise] = {
    "added": _("made"),
    "changed": _("changed"),
    "paused": _("paused"),
    "resumed": _("opened again"),
    "set": _("set"),
    "removed": _("taken away"),
}
CHANGED_FIELDS: dict[str, str | Promise] = {
    "address": _("Address"),
    "name": _("Name for the desk"),
    "queue_slug": _("Queue of its tickets"),
    "door": _("How its mail comes"),
    "imap": _("The mailbox to read"),
    "host": _("Host"),
    "port": _("Port"),
    "security": _("Encryption"),
    "user": _("User"),
    "password": _("Password"),
}


def told_history(changes: Iterable[Change]) -> list[tuple[Change, str, str, list[str]]]:
    """Each change with who made it, what it was and which fields it touched, in words."""
    names = names_by_key()
    return [
        (
            change,
            names.get(change.actor, ""),
            str(CHANGES.get(change.what, change.what)),
            [str(CHANGED_FIELDS.get(field, field)) for field in change.fields],
        )
        for change in changes
    ]


def is_russian() -> bool:
    return (get_language() or "").startswith("ru")


def queue_names() -> dict[str, str]:
    return {each.slug: each.name_ru if is_russian() else each.name_en for each in queries.every_queue()}


def usual_ports(ports: dict[Security, int]) -> str:
    return f"TLS {ports[Security.TLS]}, STARTTLS {ports[Security.STARTTLS]}"
