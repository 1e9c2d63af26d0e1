import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.clock import NEVER
from tickets.enums import Kind, Priority, Scale, Status

_PLAIN = Q(is_spam=False) & ~Q(kind=Kind.RESTRICTED.value)
_OPEN = ~Q(status__in=("resolved", "closed"))
_NOBODYS = Q(assignee=None)
_SOMEBODYS = Q(is_spam=False, assignee__isnull=False)
_DONE = Q(status__in=("resolved", "closed"), is_spam=False)
_ERASABLE = Q(erased_at=None, keep_reason="")
_RESTRICTED = Q(is_spam=False, kind=Kind.RESTRICTED.value)


def _list(name: str, *of: str, holding: Q) -> models.Index:
    return models.Index(fields=[*of, "due_at", "id"], condition=holding, name=f"tickets_{name}")


class Ticket(models.Model):
    """The request in our care. `number` is for people, `public_id` for addresses, `id` for machines.

    `level`, `due_at`, `preview` and the other cached columns are written by the services that own the truth
    behind them (evidence, clocks, messages), in the same transaction.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=12, unique=True)
    version = models.IntegerField(default=1)  # grows with every change a page could show; key of the row cache
    subject = models.CharField(max_length=500, blank=True)
    preview = models.CharField(max_length=160, blank=True)
    door = models.CharField(max_length=20)
    channel = models.CharField(max_length=50)
    our_address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=2)

    kind = models.CharField(max_length=16, default=Kind.INCIDENT.value)
    status = models.CharField(max_length=24, default=Status.NEW.value)
    impact = models.SmallIntegerField(default=Scale.MEDIUM.value)
    urgency = models.SmallIntegerField(default=Scale.MEDIUM.value)
    priority = models.SmallIntegerField(default=Priority.NORMAL.value)
    # Lists have indexes of their own below; one of the bare key would serve none of them.
    queue = models.ForeignKey("tickets.Queue", on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey("staff.Team", on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(
        "staff.StaffProfile", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    # 1 Identification
    requester_name = models.CharField(max_length=1000, blank=True)
    requester_email = models.CharField(max_length=254, blank=True)
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "customers.Account", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    service = models.ForeignKey(
        "customers.Service", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # 2 Authorization, cached from assurance.Evidence
    level = models.SmallIntegerField()
    level_until = models.DateTimeField(null=True)

    # 3 Description: what was filled in beside the words, [[code or label, value], ...] in the order of the form
    details: "models.JSONField[list[list[str]], list[list[str]]]" = models.JSONField(default=list, db_default=[])
    # and what the desk fills in itself: id of a CustomField -> value as tickets.policies.fields writes it
    field_values: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict, db_default={})

    due_at = models.DateTimeField(default=NEVER)  # earliest of clock and promise (clocks.due_of); NEVER when none runs
    promised_at = models.DateTimeField(null=True)  # when the nearest open promise is due
    is_unread = models.BooleanField(default=True)  # the requester wrote last and nobody has answered
    held_count = models.SmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Staff ids. Read with the ticket wherever something happens to it, so that telling them asks nothing more.
    followers = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    is_spam = models.BooleanField(default=False)
    spam_since = models.DateTimeField(null=True)
    spam_reason = models.CharField(max_length=16, blank=True, default="", db_default="")  # agent | blocked | verdict
    erased_at = models.DateTimeField(null=True)  # its words and files are gone for good, by this act of destruction
    erased_act = models.BigIntegerField(null=True)
    keep_reason = models.CharField(max_length=300, blank=True, default="", db_default="")  # why no rule destroys them
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="tickets_merged"),
            # The queue is ordered and paged by (due_at, id). Each index is one part of a list in that order, see
            # queries.queue._walks; restricted tickets, which few may see, stand apart so that nobody walks past them.
            _list("open", holding=_PLAIN & _OPEN),
            _list("open_of_team", "team", holding=_PLAIN & _OPEN),
            _list("open_of_queue", "queue", holding=_PLAIN & _OPEN),
            _list("open_of_person", "assignee", holding=_SOMEBODYS & _OPEN),
            _list("nobodys", holding=_PLAIN & _OPEN & _NOBODYS),
            _list("nobodys_of_team", "team", holding=_PLAIN & _OPEN & _NOBODYS),
            _list("nobodys_of_queue", "queue", holding=_PLAIN & _OPEN & _NOBODYS),
            _list("state", "status", holding=_PLAIN),
            _list("state_of_team", "team", "status", holding=_PLAIN),
            _list("state_of_queue", "queue", "status", holding=_PLAIN),
            _list("state_of_person", "assignee", "status", holding=_SOMEBODYS),
            _list("state_of_nobody", "team", "status", holding=_PLAIN & _NOBODYS),
            _list("restricted", "team", holding=_RESTRICTED & _OPEN),
            _list("state_of_restricted", "team", "status", holding=_RESTRICTED),
            # What the daily digest counts, and the list of spam.
            models.Index(fields=["spam_since"], condition=Q(is_spam=True), name="tickets_spam_since"),
            _list("spam", holding=Q(is_spam=True)),
            _list("spam_of_team", "team", holding=Q(is_spam=True)),
            _list("spam_of_person", "assignee", holding=Q(is_spam=True, assignee__isnull=False)),
            # What proves the requester runs out: the sweep asks every second.
            models.Index(fields=["level_until"], condition=Q(level_until__isnull=False), name="tickets_level_ends"),
            models.Index(fields=["account", "-id"], name="tickets_of_account"),
            models.Index(fields=["requester_email", "-id"], name="tickets_of_requester"),
            # Whose words are kept for longer than the rule says: what was erased is in neither.
            models.Index(fields=["updated_at", "id"], condition=_DONE & _ERASABLE, name="tickets_done_since"),
            models.Index(fields=["spam_since", "id"], condition=Q(is_spam=True) & _ERASABLE, name="tickets_spam_kept"),
            models.Index(fields=["id"], condition=~Q(keep_reason=""), name="tickets_kept"),
        ]

    def __str__(self) -> str:
        return self.number


class IssuedNumber(models.Model):
    """Every number that ever left, tickets and complaints alike. Never deleted."""

    number = models.CharField(max_length=12, primary_key=True)
    prefix = models.CharField(max_length=2, default="HD")
    issued_at = models.DateTimeField()


class Participant(models.Model):
    """Somebody who takes part in a ticket by right. Mail alone never makes one but the requester himself.

    What he may do there follows by `policies.participation`.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="participants", db_index=False)
    contact = models.ForeignKey(
        "customers.Contact", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=1000, blank=True)
    is_requester = models.BooleanField(default=False)
    may_reply = models.BooleanField(default=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()  # nothing that was said before is for him; moves when he is brought back
    dropped_at = models.DateTimeField(null=True)  # gets nothing since, is not offered, what he writes is held

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "email"], name="tickets_participant_once")]
        indexes = [
            # Each page of the panel asks where its reader takes part; nearly all rows are no contact's.
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="tickets_part_of_contact"),
            # In which tickets of others does somebody take part?
            models.Index(fields=["email"], condition=Q(is_requester=False), name="tickets_taking_part"),
        ]


class IdentityClaim(models.Model):
    """What the requester said of himself, word by word."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=300)
    literal = models.CharField(max_length=300, blank=True)

    class Meta:
        # Who left only this telephone number?
        indexes = [models.Index(fields=["value"], name="tickets_claimed")]


class IdentityMatch(models.Model):
    """An account the claims point to, and how surely."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="matches")
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+")
    certainty = models.CharField(max_length=16)
    claims = models.JSONField(default=list)
