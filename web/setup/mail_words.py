"""Words of the mail pages that are no trouble of a server."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from channels_app.models import Door
from channels_app.policies.servers import Security
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


def is_russian() -> bool:
    return (get_language() or "").startswith("ru")


def queue_names() -> dict[str, str]:
    return {each.slug: each.name_ru if is_russian() else each.name_en for each in queries.every_queue()}


def usual_ports(ports: dict[Security, int]) -> str:
    return f"TLS {ports[Security.TLS]}, STARTTLS {ports[Security.STARTTLS]}"
