"""Evidence, critical actions with their confirmations and codes, pressure, and who looked at what."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q

from assurance.policies.critical import OPEN


class Items(models.QuerySet["Evidence"]):
    def standing(self) -> "Items":
        """What counts: neither revoked nor itself a revocation."""
        return self.filter(revokes=None).exclude(Exists(Evidence.objects.filter(revokes=OuterRef("pk"))))


class Evidence(models.Model):
    """One thing that proves, or contradicts, the right of a ticket's requester to ask. Append-only.

    Revoking is a new row that names the old one.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey("tickets.Message", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)  # a key of policies.levels.EVIDENCE_LIFETIME
    level = models.SmallIntegerField()
    scope = models.CharField(max_length=16, default="message")
    established_by = models.CharField(max_length=64, default="system")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revokes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    facts = models.JSONField(default=list)

    objects = Items.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "id"], name="assurance_evidence_of_ticket"),
            # Few are revoked; each new row is asked whether it is.
            models.Index(fields=["revokes"], condition=models.Q(revokes__isnull=False), name="assurance_revoked"),
        ]


class ActionKind(models.Model):
    """One line of the catalogue. It may demand more than `policies.critical.CATALOGUE`, never less."""

    code = models.CharField(max_length=40, unique=True)
    name_ru = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    words_ru = models.CharField(max_length=500)  # with {account} and {the parameters}; read by the customer
    words_en = models.CharField(max_length=500)
    level = models.SmallIntegerField()
    hold_hours = models.SmallIntegerField(default=0)
    needs_second_person = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code


class CriticalAction(models.Model):
    """One thing asked for, in the very words that are confirmed. Executed at most once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.ForeignKey(ActionKind, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    parameters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    words = models.TextField()
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64)
    level_needed = models.SmallIntegerField()
    hold_hours = models.SmallIntegerField(default=0)
    needs_second_person = models.BooleanField(default=False)
    state = models.CharField(max_length=16)
    requested_by = models.CharField(max_length=64)  # Actor.key
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    proof = models.CharField(max_length=24, default="", blank=True)  # administrative_mail | panel | document
    proof_level = models.SmallIntegerField(null=True)
    authorised_by = models.CharField(max_length=64, default="", blank=True)
    authorised_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    second_by = models.CharField(max_length=64, default="", blank=True)
    ended_by = models.CharField(max_length=64, default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    numbers_called: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list, db_default=[])  # points

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=Q(state__in=OPEN), name="assurance_asked_once")
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="assurance_actions_of_account"),
            models.Index(fields=["expires_at"], condition=Q(state__in=OPEN), name="assurance_actions_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class Confirmation(models.Model):
    """A question to the administrative address about one action. Only digests of token and code are kept."""

    action = models.ForeignKey(CriticalAction, on_delete=models.PROTECT, related_name="confirmations")
    email = models.CharField(max_length=254)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    words_digest = models.CharField(max_length=64)
    address_is_fresh = models.BooleanField(default=False)
    tries = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["email", "made_at"], name="assurance_confirmations_sent")]

    def __str__(self) -> str:
        return str(self.pk)


class AccountLetter(models.Model):
    """A letter of the desk to people on file of an account: no message of a ticket, so no agent can write one."""

    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+")
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)  # forgotten once it is sent: it may hold a link that counts
    mail_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=20, default="queued")
    detail = models.CharField(max_length=300, default="", blank=True)

    def __str__(self) -> str:
        return self.mail_id


class SpokenCode(models.Model):
    """A code that one of two who talk reads to the other; only its digest is kept."""

    purpose = models.CharField(max_length=8)  # customer: he proves himself; desk: we do
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("staff.StaffProfile", null=True, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "purpose", "made_at"], name="assurance_codes_of_account")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class FailedProof(models.Model):
    """A wrong code, spoken or mailed. Counters read it, so that a new code makes no new tries."""

    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)  # spoken_code | confirmation | desk_code
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="assurance_failures")]

    def __str__(self) -> str:
        return self.kind


class Pressure(models.Model):
    """Somebody seems to push: critical actions of the account wait until a lead lifts it."""

    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="+")
    reasons: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    raised_by = models.CharField(max_length=64)
    raised_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=64, default="", blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(lifted_at=None), name="assurance_pressure_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.reasons}"


class View(models.Model):
    """Who opened which ticket, or which closed fields of an account and why: the view log. Append-only."""

    staff = models.ForeignKey(
        "staff.StaffProfile", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    program = models.ForeignKey("users.ApiToken", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    hour = models.DateTimeField()  # of an opening; the moment itself where fields were opened
    fields = models.CharField(max_length=200, default="", blank=True)  # "" is the ticket itself
    reason = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "staff", "hour", "fields"], name="assurance_seen_once_an_hour"),
            models.UniqueConstraint(
                fields=["ticket", "program", "hour"],
                condition=Q(program__isnull=False),
                name="assurance_read_once_an_hour",
            ),
            models.CheckConstraint(condition=Q(program=None) ^ Q(staff=None), name="assurance_seen_by_one"),
        ]
        # What is kept for too long lies together.
        indexes = [BrinIndex(fields=["hour"], name="assurance_seen_by_time", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.staff_id or self.program_id} {self.ticket_id}"
