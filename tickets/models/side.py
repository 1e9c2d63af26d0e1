import uuid
from typing import Any

from django.db import models


class SideConversation(models.Model):
    """Letters between the desk and one third party about a ticket. Whoever asks in the ticket never learns of it.

    Tables of their own, as notes have: no query that speaks to the requester can reach them.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        # With whom did the desk write aside?
        indexes = [models.Index(fields=["email"], name="tickets_aside_with")]


class SideLetter(models.Model):
    """One letter of a side conversation, ours or an answer. `held`: from another address than we wrote to."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(SideConversation, on_delete=models.PROTECT, related_name="letters")
    direction = models.CharField(max_length=3)
    staff = models.ForeignKey("staff.StaffProfile", null=True, on_delete=models.PROTECT, related_name="+")
    nature = models.CharField(max_length=16, default="person")
    held = models.CharField(max_length=10, default="", blank=True)
    level = models.SmallIntegerField(null=True)
    reasons = models.JSONField(default=list)
    sender_email = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=1000, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    quoted_text = models.TextField(blank=True)
    message_id = models.CharField(max_length=500)
    references = models.JSONField(default=list)
    raw_id = models.CharField(max_length=36, blank=True)
    status = models.CharField(max_length=20, default="", blank=True)  # what became of ours
    code = models.CharField(max_length=40, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    leaves_at = models.DateTimeField(null=True)  # until then its author may take it back
    withdrawn_at = models.DateTimeField(null=True)
    undo: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["raw_id"], condition=~models.Q(raw_id=""), name="tickets_one_side_letter_a_raw_mail"
            )
        ]
        indexes = [
            # An answer without its token is still found by the letter it answers.
            models.Index(fields=["message_id"], name="tickets_side_by_mail_id"),
            models.Index(fields=["sender_email"], name="tickets_side_of_sender"),
        ]
