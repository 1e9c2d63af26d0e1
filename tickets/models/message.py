import uuid
from typing import Any

from django.db import models

from tickets.enums import Author, Direction, Held


class Message(models.Model):
    """What was said to or by the requester. Its level is frozen with its reasons and never changes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="messages", db_index=False)
    direction = models.CharField(max_length=3, choices=[(d.value, d.value) for d in Direction])
    author = models.CharField(max_length=16, choices=[(a.value, a.value) for a in Author])
    staff = models.ForeignKey(
        "staff.StaffProfile", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    nature = models.CharField(max_length=16, default="person")
    held = models.CharField(max_length=10, default=Held.NO.value, blank=True)
    level = models.SmallIntegerField(null=True)
    reasons = models.JSONField(default=list)
    facts = models.JSONField(default=list)

    sender_email = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=1000, blank=True)
    sender_literal = models.CharField(max_length=1000, blank=True)
    recipients = models.JSONField(default=dict)  # {"to": [...], "cc": [...]}: text, never a right
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    quoted_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    remarks = models.JSONField(default=list)

    message_id = models.CharField(max_length=500)  # or the stable id of the raw bytes
    references = models.JSONField(default=list)
    raw_id = models.CharField(max_length=36, blank=True)
    sent_at = models.DateTimeField(null=True)  # as the sender's clock said
    created_at = models.DateTimeField()  # when it came to us
    leaves_at = models.DateTimeField(null=True)  # a reply by hand waits so long
    withdrawn_at = models.DateTimeField(null=True)  # taken back before it left: nobody but its author ever read it
    undo = models.JSONField(null=True)  # what taking it back restores (services/replies.py)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["raw_id"], condition=~models.Q(raw_id=""), name="tickets_one_message_a_raw_mail"
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="tickets_messages_in_order"),
            models.Index(fields=["staff"], condition=models.Q(staff__isnull=False), name="tickets_messages_of_staff"),
            models.Index(
                fields=["message_id", "id"], name="tickets_messages_by_mail_id"
            ),  # threading asks it for every mail
            # Which may still be taken back? Few ever, at its end.
            models.Index(
                fields=["leaves_at"], condition=models.Q(leaves_at__isnull=False), name="tickets_messages_leaving"
            ),
            # What did somebody who is erased write in tickets of others?
            models.Index(
                fields=["sender_email"], condition=models.Q(direction="in"), name="tickets_messages_of_sender"
            ),
        ]


class Note(models.Model):
    """What only the desk sees. A table of its own: no outbound query can reach it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="notes")
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    mentions = models.JSONField(default=list, db_default=[])  # where in the text somebody is told: [start, end]
    created_at = models.DateTimeField()


class Attachment(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="attachments")
    note = models.ForeignKey(Note, null=True, on_delete=models.PROTECT, related_name="attachments")
    side_letter = models.ForeignKey(
        "tickets.SideLetter", null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    content_id = models.CharField(max_length=500, blank=True)
    is_inline = models.BooleanField(default=False)
    is_damaged = models.BooleanField(default=False)
    remark = models.CharField(max_length=32, blank=True)
    is_secret = models.BooleanField(default=False, db_default=False)  # opened with an entry, wiped with its ticket

    class Meta:
        indexes = [
            # The wiping asks for the few that are left.
            models.Index(fields=["id"], condition=models.Q(is_secret=True), name="tickets_secret_files"),
            # Is the same file still at another message? Asked before its bytes go.
            models.Index(fields=["digest"], name="tickets_attached_of_file"),
        ]


class OutboundCopy(models.Model):
    """One copy of one message for one recipient, with a Message-ID that never changes."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="copies")
    participant = models.ForeignKey("tickets.Participant", null=True, on_delete=models.PROTECT, related_name="+")
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=1000, blank=True)
    mail_id = models.CharField(max_length=500, unique=True)  # its Message-ID
    status = models.CharField(max_length=20, default="queued")
    code = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)


class AutoReply(models.Model):
    """The register of automatic replies: one row for each ticket or held sender, sent or withheld with its reason."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="auto_replies")
    address = models.CharField(max_length=254)
    domain = models.CharField(max_length=254)
    level = models.SmallIntegerField()
    form = models.CharField(max_length=16)
    reason = models.CharField(max_length=32, blank=True)
    awaits_summary = models.BooleanField(default=False)
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="tickets_one_ack")]
        indexes = [
            models.Index(fields=["address", "at"], name="tickets_ack_address"),
            models.Index(fields=["domain", "at"], name="tickets_ack_domain"),
            # Has anybody of this domain been vouched for lately? Asked for every sender.
            models.Index(fields=["domain", "at"], condition=models.Q(level__gte=2), name="tickets_ack_proven"),
            models.Index(fields=["at"], condition=models.Q(level__lte=1), name="tickets_ack_brake"),
            models.Index(fields=["at"], condition=models.Q(awaits_summary=True), name="tickets_ack_summary"),
        ]


class Draft(models.Model):
    """What somebody is writing, kept on the server. Only its author writes it. Without a ticket: one to be begun."""

    ticket = models.ForeignKey("tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="drafts")
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=5)  # reply | note | side | new
    text = models.TextField(blank=True)
    beside: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, db_default={})  # cc...
    version = models.IntegerField(default=0)
    window = models.CharField(max_length=36, db_default="", blank=True)  # which one saved it last
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "staff", "mode"], name="tickets_draft_once"),
            models.UniqueConstraint(fields=["staff"], condition=models.Q(ticket=None), name="tickets_one_new_draft"),
        ]


class Upload(models.Model):
    """A file put into the composer and not sent yet. Without a ticket: of one to be begun."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="uploads")
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField()
