"""Which server takes the mail that leaves. One rule: EMAIL_URL if it is set, else what the set-up page says, else, in
a demo, the demo's own mailbox. Asked for every letter, so a change needs no restart.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction

from channels_app.drivers.relay import Relay
from channels_app.event_types import RelayChanged
from channels_app.models import OutboundRelay
from channels_app.policies.servers import SMTP_PORTS, Security, TypedServer, normal_host, port_of, server_problems
from core import prepared
from core.sealed import Secret, Unreadable, seal, seal_anew, unseal
from events import outbox
from events.worker import hasten
from staff.actor import Actor

STORED = "stored"  # stands for a password that is kept and not shown


class Source(StrEnum):
    ENVIRONMENT = "environment"
    PAGE = "page"
    DEMO = "demo"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class WayOut:
    """`trouble` says why there is no relay."""

    source: Source
    relay: Relay | None = None
    trouble: str = ""


def in_force() -> WayOut:
    if settings.EMAIL_URL:
        try:
            return WayOut(Source.ENVIRONMENT, Relay.of_url(settings.EMAIL_URL))
        except ValueError:
            return WayOut(Source.ENVIRONMENT, trouble="bad_email_url")
    with connection.cursor() as cursor:  # by hand: every letter asks it
        prepared.execute(cursor, _STORED)
        row = cursor.fetchone()
    if row is not None:
        try:
            return WayOut(Source.PAGE, _relay(*row))
        except Unreadable:
            return WayOut(Source.PAGE, trouble="secret_unreadable")
    mailbox = demo_mailbox()
    return WayOut(Source.DEMO, mailbox) if mailbox else WayOut(Source.NONE, trouble="no_relay")


def demo_mailbox() -> Relay | None:
    """Where a demo keeps a copy of everything."""
    return Relay("127.0.0.1", settings.DEMO_MAILBOX_PORT) if settings.DEMO else None


def stored() -> TypedServer | None:
    """What the page has kept, its password only as the word that there is one."""
    row = OutboundRelay.objects.first()
    if row is None:
        return None
    return TypedServer(row.host, str(row.port), row.security, row.user, STORED if row.sealed_password else "")


@dataclass(frozen=True, slots=True)
class RelaySaved:
    """`problems`: code by field; with any of them nothing was saved."""

    problems: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def set_relay(typed: TypedServer, *, by: Actor, now: datetime) -> RelaySaved:
    """What waits to be sent is tried at once."""
    if settings.EMAIL_URL:
        return RelaySaved({"host": "set_by_environment"})
    row = OutboundRelay.objects.select_for_update().first()
    if problems := server_problems(typed, ports=SMTP_PORTS, stored=stored(), needs_login=False):
        return RelaySaved(problems)
    user = typed.user.strip()
    if not user:
        sealed = ""
    elif typed.password:
        sealed = seal(Secret(typed.password))
    else:
        assert row is not None  # else a password would have been asked for
        sealed = row.sealed_password
    values = {
        "host": normal_host(typed.host),
        "port": port_of(typed, SMTP_PORTS),
        "security": typed.security,
        "user": user,
        "sealed_password": sealed,
    }
    changed = tuple(name for name, value in values.items() if row is None or getattr(row, name) != value)
    if changed:
        OutboundRelay.objects.update_or_create(id=1, defaults=values)
        fields = tuple(name.removeprefix("sealed_") for name in changed)
        outbox.record(RelayChanged(what="set", fields=fields), by=by.key, now=now)
    hasten("mail", now=now)
    return RelaySaved()


@transaction.atomic
def remove_relay(*, by: Actor, now: datetime) -> bool:
    """False if there was none."""
    deleted, _ = OutboundRelay.objects.all().delete()
    if deleted:
        outbox.record(RelayChanged(what="removed"), by=by.key, now=now)
    return bool(deleted)


def seal_password_anew() -> None:
    """After SECRET_KEY was changed with the old one in SECRET_KEY_FALLBACKS."""
    for row in OutboundRelay.objects.exclude(sealed_password=""):
        try:
            row.sealed_password = seal_anew(row.sealed_password)
        except Unreadable:
            continue  # the health page says so
        row.save(update_fields=["sealed_password"])


_STORED = 'SELECT host, port, security, "user", sealed_password FROM channels_app_outboundrelay ORDER BY id LIMIT 1'


def _relay(host: str, port: int, security: str, user: str, sealed_password: str) -> Relay:
    return Relay(
        host=host,
        port=port,
        user=user,
        password=unseal(sealed_password) if sealed_password else Secret(""),
        is_tls=security == Security.TLS,
        starts_tls=security == Security.STARTTLS,
    )
