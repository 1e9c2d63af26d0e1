"""Doors, and every message as it came through one: the bytes are stored before anybody looks at them."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Now

from channels_app.policies.servers import Security


class Door(models.TextChoices):
    SMTP = "smtp"
    IMAP = "imap"
    PIPE = "pipe"


class Channel(models.Model):
    """A configured door. `config` is for its driver; for a mailbox read by IMAP it is `ImapSettings.as_config()`."""

    slug = models.SlugField(max_length=64, unique=True)
    driver = models.CharField(max_length=32, default="email")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=320)  # lower case; its domain in A-labels
    queue_slug = models.CharField(max_length=64)
    # How its mail is meant to come. The listener and the pipe take mail for every active address.
    door = models.CharField(max_length=8, choices=Door, default=Door.SMTP, db_default=Door.SMTP)
    is_active = models.BooleanField(default=True, db_default=True)
    config: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address"], name="channels_one_door_an_address"),
            models.CheckConstraint(condition=Q(address=Lower("address")), name="channels_address_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.slug


class RawState(models.TextChoices):
    RECEIVED = "received"
    PARSING = "parsing"
    FILED = "filed"
    QUARANTINED = "quarantined"  # waits for a person
    REFUSED = "refused"  # counted, with its reason


# The address in `sender`: there it stands alone once the mail was read, and within the raw header before.
# A part of it is found along an index that migration 0012 makes by hand.
WRITER = Lower(Func(F("sender"), Value(r'[^<>\s",;]+@[^<>\s",;]+'), function="substring"))


class RawMessage(models.Model):
    """The bytes of one mail and what became of them. Written before the sender hears "yes"."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    door = models.CharField(max_length=8, choices=Door)
    envelope_from = models.TextField(null=True)  # "" is the null return path, None: no envelope is known
    envelope_to: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    helo = models.TextField(default="", blank=True)
    client_ip = models.CharField(max_length=64, default="", blank=True)
    received_at = models.DateTimeField()
    size_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64)  # sha-256 of all bytes, hex
    content = models.BinaryField(null=True)  # None: as a blob of that digest
    dedupe_key = models.CharField(max_length=64)
    mail_id = models.CharField(max_length=998, default="", db_default="", blank=True)  # its Message-ID

    state = models.CharField(max_length=12, default=RawState.RECEIVED)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)  # quarantined and perhaps a human: when somebody must have looked
    leased_until = models.DateTimeField(null=True)  # while received: not to be tried before
    lease = models.UUIDField(null=True)
    reason = models.CharField(max_length=64, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    is_released = models.BooleanField(default=False, db_default=False)  # a person wants it as a ticket
    handled_by = models.CharField(max_length=64, default="", blank=True)  # Actor.key of who released or dismissed it

    ticket_number = models.CharField(max_length=16, default="", blank=True)
    ticket_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    sender = models.CharField(max_length=320, default="", blank=True)
    subject = models.CharField(max_length=500, default="", blank=True)
    repeats = models.IntegerField(default=0, db_default=0)  # how often the same mail came again and was not taken twice
    repeated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "dedupe_key"], name="channels_each_mail_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["received", "parsing"]), name="channels_raw_open"),
            # Is the letter that this one answers still on its way to a ticket?
            models.Index(
                fields=["mail_id"], condition=Q(state__in=["received", "parsing"]), name="channels_raw_open_ids"
            ),
            models.Index(fields=["received_at"], condition=Q(state="quarantined"), name="channels_raw_quarantined"),
            # "Did my mail arrive?": of one writer, or of a time.
            models.Index(WRITER, "received_at", "id", name="channels_raw_of_writer"),
            models.Index(fields=["received_at", "id"], name="channels_raw_by_time"),
            # Whose bytes are kept for longer than the rule says?
            models.Index(
                fields=["state", "received_at", "id"],
                condition=Q(state__in=["filed", "refused"]) & ~Q(digest=""),
                name="channels_raw_kept",
            ),
            # Does another mail lie in the same file?
            models.Index(fields=["digest"], condition=Q(content=None), name="channels_raw_of_file"),
            # When did the last mail come through this door? In place of the index of the bare foreign key.
            models.Index(fields=["channel", "id"], name="channels_raw_of_channel"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class ImapCursor(models.Model):
    """How far a mailbox has been read. Another `uidvalidity` means that all its numbers are void."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=255)
    uidvalidity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "folder"], name="channels_one_cursor_a_folder")]

    def __str__(self) -> str:
        return f"{self.folder}:{self.uidvalidity}:{self.last_uid}"


class DoorState(models.Model):
    """How a door is, as the process behind it last said: on every change, and every minute."""

    door = models.CharField(max_length=8, choices=Door)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")  # None: the listener
    alive_at = models.DateTimeField()
    good_at = models.DateTimeField(null=True)  # when it last did what it is for
    trouble = models.CharField(max_length=32, default="", blank=True)  # code; "" when all is well
    troubled_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["door", "channel"], name="channels_one_state_a_door", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.door}:{self.channel_id or ''} {self.trouble or 'ok'}"


class OutboundRelay(models.Model):
    """One row: the mail server that takes what leaves, unless EMAIL_URL names it (channels_app/way_out.py)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    host = models.CharField(max_length=253)
    port = models.IntegerField()
    security = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Security])
    user = models.CharField(max_length=320, default="", blank=True)
    sealed_password = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="channels_relay_is_one")]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class DomainCheck(models.Model):
    """What a domain of ours published when somebody last looked."""

    domain = models.CharField(max_length=253, unique=True)  # A-labels
    checked_at = models.DateTimeField()
    results: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField()

    def __str__(self) -> str:
        return self.domain


class TurnedAway(models.Model):
    """What a mail server was refused in the dialogue: short, kept for two weeks. The same again that day is counted."""

    day = models.DateField()  # of the installation
    last_at = models.DateTimeField()
    reason = models.CharField(max_length=16)
    sender = models.CharField(max_length=320, blank=True)  # of the envelope, in normal form where it has one
    recipient = models.CharField(max_length=320, blank=True)
    client_ip = models.CharField(max_length=64, blank=True)
    times = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "sender", "recipient", "reason", "client_ip"], name="channels_turned_away_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["last_at", "id"], name="channels_turned_away_by_time")]


class HeldFile(models.Model):
    """A file of a request that is not sent yet: shown again with the form, or waiting for the mailed link."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    request_id = models.UUIDField(db_index=True)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_index=True)  # to forget it by


class HeldRequest(models.Model):
    """What was typed where nothing spoke against a robot: it waits for whoever reads the mail of its address.

    Only a digest of the mailed token is kept. Once it is a ticket its words are forgotten here.
    """

    request_id = models.UUIDField(unique=True)
    typed: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    email = models.CharField(max_length=320)
    language = models.CharField(max_length=8)
    token_digest = models.CharField(max_length=64, null=True, unique=True)
    number = models.CharField(max_length=12, default="", blank=True)  # of the ticket it became
    created_at = models.DateTimeField(db_index=True)


class Visit(models.Model):
    """Somebody asks after a ticket by its number and address. Whether there is one stands nowhere here.

    `code_digest` is set when a code has left by mail; "" else. Entering the right one opens the visit.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    number = models.CharField(max_length=12)
    email = models.CharField(max_length=320)
    language = models.CharField(max_length=8)
    code_digest = models.CharField(max_length=64, default="", blank=True)
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(db_index=True)  # to forget it by
