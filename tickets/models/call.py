import uuid

from django.db import models
from django.db.models import Q


class Call(models.Model):
    """One telephone call, as the colleague who had it entered it. Who called and about whom is what was said: a claim.

    The number is of the same register as those of tickets: it is enough to ask about the call, or to complain of it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=12, unique=True)
    direction = models.CharField(max_length=3)
    caller_number = models.CharField(max_length=16, default="", blank=True)  # E.164, "" where it is none
    caller_literal = models.CharField(max_length=100, default="", blank=True)  # as shown or said
    number_source = models.CharField(max_length=8)  # enums.NumberSource
    caller_name = models.CharField(max_length=200, default="", blank=True)
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(
        "customers.Account", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=500, default="", blank=True)
    words = models.TextField(default="", blank=True)  # of the caller
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    disposition = models.CharField(max_length=20, default="", blank=True)  # enums.Disposition
    summary = models.TextField(default="", blank=True)  # what was answered and agreed
    is_for_customer = models.BooleanField(default=False)  # he may read the summary in the panel
    number_sent_at = models.DateTimeField(null=True)
    ticket = models.ForeignKey("tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="+")
    # What the ticket keeps of it: it is searched and moves as a note does, and reaches nobody outside.
    note = models.OneToOneField("tickets.Note", null=True, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True)  # who called and what was said was destroyed then

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket=None, note=None) | Q(ticket__isnull=False, note__isnull=False),
                name="tickets_call_noted_in_its_ticket",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, disposition="") | (Q(ended_at__isnull=False) & ~Q(disposition="")),
                name="tickets_call_ends_somehow",
            ),
        ]
        indexes = [
            # The three lists, each in its order; the third is what nobody has ended.
            models.Index(fields=["started_at", "id"], name="tickets_calls"),
            models.Index(fields=["staff", "started_at", "id"], name="tickets_calls_of_person"),
            models.Index(fields=["started_at", "id"], condition=Q(ended_at=None), name="tickets_calls_open"),
            # What speaks for pressure: how often about this account, and about how many accounts this number.
            models.Index(fields=["account", "started_at"], name="tickets_calls_about"),
            models.Index(fields=["caller_number", "started_at"], name="tickets_calls_from"),
            # Of those in no ticket: whose words are kept for longer than the rule says.
            models.Index(
                fields=["ended_at", "id"], condition=Q(ticket=None, erased_at=None), name="tickets_calls_kept"
            ),
        ]

    def __str__(self) -> str:
        return self.number
