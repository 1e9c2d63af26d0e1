"""Setting up the addresses at which mail is taken. A change is followed by listener and watchers within seconds."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from channels_app.event_types import MailboxChanged
from channels_app.imap_settings import INBOX, ImapSettings
from channels_app.mail import addresses
from channels_app.models import Channel, Door, ImapCursor, RawMessage
from channels_app.policies.servers import (
    IMAP_PORTS,
    Security,
    TypedServer,
    has_control,
    is_same_server,
    normal_host,
    port_of,
    server_problems,
)
from channels_app.probes.mailbox import MailboxSeen, look_at_mailbox
from core.sealed import Secret, Unreadable, seal_anew
from events import outbox
from staff.actor import Actor

LONGEST_FOLDER = 255
STORED = "stored"  # stands for a password that is kept and not shown


@dataclass(frozen=True, slots=True)
class TypedMailbox:
    """As it came from a form."""

    address: str
    name: str
    queue: str
    door: str
    server: TypedServer
    folder: str = INBOX
    processed: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """`problems`: code by field; with any of them nothing was saved."""

    slug: str = ""
    problems: dict[str, str] = field(default_factory=dict)


def problems_of(typed: TypedMailbox, *, queues: Collection[str], stored: TypedServer | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if not typed.address.strip():
        found["address"] = "required"
    elif not _address(typed.address) or "+" in typed.address.partition("@")[0]:
        found["address"] = "bad_address"  # what follows a plus is the token of a reply
    if not typed.name.strip():
        found["name"] = "required"
    elif len(typed.name.strip()) > 120:
        found["name"] = "too_long"
    if typed.queue not in queues:
        found["queue"] = "bad_choice"
    if typed.door not in set(Door):
        found["door"] = "bad_choice"
    if typed.door == Door.IMAP:
        found |= server_problems(typed.server, ports=IMAP_PORTS, stored=stored, needs_login=True)
        for name, folder in (("folder", typed.folder), ("processed", typed.processed)):
            if len(folder) > LONGEST_FOLDER:
                found[name] = "too_long"
            elif has_control(folder):
                found[name] = "control_characters"
        if not found and typed.processed.strip() == (typed.folder.strip() or INBOX):
            found["processed"] = "same_folder"
    return found


def add(typed: TypedMailbox, *, queues: Collection[str], by: Actor, now: datetime) -> Saved:
    if problems := problems_of(typed, queues=queues, stored=None):
        return Saved(problems=problems)
    address = _address(typed.address)
    channel = Channel(slug=_free_slug(address), address=address, **_plain(typed))
    channel.config = _config(typed, password=Secret(typed.server.password))
    try:
        with transaction.atomic():
            channel.save(force_insert=True)
            _record(channel, "added", by=by, now=now)
    except IntegrityError:
        return Saved(problems={"address": "address_taken"})
    return Saved(channel.slug)


def change(slug: str, typed: TypedMailbox, *, queues: Collection[str], by: Actor, now: datetime) -> Saved:
    """Raises `Channel.DoesNotExist`."""
    try:
        with transaction.atomic():
            channel = Channel.objects.select_for_update().get(slug=slug, driver="email")
            stored = stored_server(channel)
            if problems := problems_of(typed, queues=queues, stored=stored):
                return Saved(problems=problems)
            if _address(typed.address) != channel.address and RawMessage.objects.filter(channel=channel).exists():
                return Saved(problems={"address": "address_has_mail"})  # replies to it would be refused
            before = {**_plain_of(channel), "address": channel.address, "imap": channel.config.get("imap")}
            for name, value in _plain(typed).items():
                setattr(channel, name, value)
            channel.address = _address(typed.address)
            channel.config = _changed_config(channel, typed)
            after = {**_plain_of(channel), "address": channel.address, "imap": channel.config.get("imap")}
            changed = tuple(sorted(name for name in after if after[name] != before[name]))
            if not changed:
                return Saved(slug)
            channel.save()
            if stored is not None and not is_same_server(typed.server, stored, IMAP_PORTS):
                ImapCursor.objects.filter(channel=channel).delete()  # another server counts on its own
            _record(channel, "changed", by=by, now=now, fields=changed)
    except IntegrityError:
        return Saved(problems={"address": "address_taken"})
    return Saved(slug)


@transaction.atomic
def set_active(slug: str, is_active: bool, *, by: Actor, now: datetime) -> bool:
    """Pauses or opens a mailbox; a paused address is refused at the door. False if it was so already."""
    changed = Channel.objects.filter(slug=slug, driver="email", is_active=not is_active).update(is_active=is_active)
    if changed:
        _record(Channel.objects.get(slug=slug), "resumed" if is_active else "paused", by=by, now=now)
    return bool(changed)


def look(slug: str) -> MailboxSeen | None:
    """Talks to the server of a mailbox read by IMAP; None if it is none. Not within a transaction."""
    channel = Channel.objects.filter(slug=slug, driver="email", door=Door.IMAP).first()
    if channel is None:
        return None
    try:
        return look_at_mailbox(ImapSettings.of(channel.config))
    except Unreadable:
        return MailboxSeen("secret_unreadable")


def seal_passwords_anew() -> None:
    """After SECRET_KEY was changed with the old one in SECRET_KEY_FALLBACKS."""
    for channel in Channel.objects.filter(config__has_key="imap"):
        kept = channel.config["imap"]
        try:
            kept["sealed_password"] = seal_anew(kept["sealed_password"])
        except Unreadable:
            continue  # the mailbox's health says so
        channel.save(update_fields=["config"])


def stored_server(channel: Channel) -> TypedServer | None:
    """Of a mailbox read by IMAP, its password only as the word that there is one."""
    kept = channel.config.get("imap")
    if not kept:
        return None
    return TypedServer(kept["host"], str(kept["port"]), kept["security"], kept["user"], STORED)


def _changed_config(channel: Channel, typed: TypedMailbox) -> dict[str, Any]:
    """A password that is not typed again is kept as it is sealed."""
    if typed.door != Door.IMAP or typed.server.password:
        return _config(typed, password=Secret(typed.server.password))
    fresh = _config(typed, password=Secret(""))
    fresh["imap"]["sealed_password"] = channel.config["imap"]["sealed_password"]
    return fresh


def _config(typed: TypedMailbox, *, password: Secret) -> dict[str, Any]:
    if typed.door != Door.IMAP:
        return {}
    return ImapSettings(
        host=normal_host(typed.server.host),
        port=port_of(typed.server, IMAP_PORTS),
        security=Security(typed.server.security),
        user=typed.server.user.strip(),
        password=password,
        folder=typed.folder.strip() or INBOX,
        processed=typed.processed.strip(),
    ).as_config()


def _plain(typed: TypedMailbox) -> dict[str, str]:
    return {"name": typed.name.strip(), "queue_slug": typed.queue, "door": typed.door}


def _plain_of(channel: Channel) -> dict[str, Any]:
    return {"name": channel.name, "queue_slug": channel.queue_slug, "door": channel.door}


def _address(typed: str) -> str:
    return addresses.normal_form(typed)


def _free_slug(address: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", address).strip("-")[:50] or "mailbox"
    taken = set(Channel.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    names = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 2)))
    return next(name for name in names if name not in taken)


def _record(channel: Channel, what: str, *, by: Actor, now: datetime, fields: tuple[str, ...] = ()) -> None:
    outbox.record(MailboxChanged(channel=channel.slug, what=what, fields=fields), by=by.key, now=now)
