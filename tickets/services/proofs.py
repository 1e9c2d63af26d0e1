"""What a colleague enters as proof of the requester: a code read to him, a call back. Never above `recognised`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from assurance.models import Evidence, View
from assurance.services import codes
from core import prepared
from core.trust import Level
from customers.models import ContactPoint
from events import outbox
from staff.actor import Actor
from staff.queries import holders
from staff.roles import Perm, Role
from tickets.access import NotVisible, get_ticket_to_work
from tickets.event_types import GlassBroken, ProofEntered, ProofFailed
from tickets.models import Ticket
from tickets.policies.concern import Why, concerned
from tickets.policies.phone_word import PHONE_IS_KNOWN
from tickets.services import levels, open_calls
from tickets.services.critical.pressing import look_for_pressure
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import staff_id_of

MOST_REASON = 500


@transaction.atomic
def enter_code(number: str, typed: str, *, by: Actor, now: datetime) -> bool:
    """Whether the code that the customer read aloud is right. Three wrong ones a day, and only a call back is left."""
    ticket, account_id = _of_account(number, by)
    if codes.is_barred(account_id, kind="spoken_code", now=now):
        raise Refused("codes_barred")
    used = codes.use_customers(account_id, typed, ticket_id=ticket.pk, now=now)
    if used is None:
        touch(ticket, now=now)
        outbox.record(ProofFailed(ticket_id=ticket.pk, kind="spoken_code"), by=by.key, now=now)
        look_for_pressure(account_id, ticket, now=now)
        return False
    if ticket.contact_id is None and not ticket.requester_email:  # opened by a call: now we know who calls
        ticket.contact_id = used.contact_id
        ticket.save(update_fields=["contact"])
    facts = [{"kind": "spoken_code", "verdict": "right", "subject": f"contact:{used.contact_id}"}]
    _enter(ticket, account_id, "spoken_code", Level.RECOGNISED, facts, by=by, now=now)
    return True


@transaction.atomic
def called_back(number: str, point_id: int, *, by: Actor, now: datetime) -> Level:
    """We called a number on file and its owner says that it is him. A number new on file counts one level less."""
    ticket, account_id = _of_account(number, by)
    point = ContactPoint.objects.filter(pk=point_id, account_id=account_id, kind="phone").first()
    if point is None:
        raise Refused("no_such_phone")
    level = Level.RECOGNISED if now - point.on_file_since >= PHONE_IS_KNOWN else Level.VOUCHED
    facts = [{"kind": "call_back", "verdict": "answered", "subject": f"point:{point.pk}"}]
    _enter(ticket, account_id, "call_back", level, facts, by=by, now=now)
    return level


def _enter(
    ticket: Ticket,
    account_id: int,
    kind: str,
    level: Level,
    facts: Sequence[Mapping[str, object]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    call = open_calls.in_ticket(ticket, by=by)
    if call is not None:  # it proves who speaks in this call, of this account
        of = {"kind": "call", "verdict": "open", "subject": f"call:{call.public_id}", "detail": {"account": account_id}}
        facts = [*facts, of]
    evidence = Evidence.objects.create(
        ticket=ticket,
        kind=kind,
        level=int(level),
        scope="call" if call else "request",
        established_by=by.key,
        at=now,
        facts=list(facts),
    )
    levels.judge(ticket, now=now)
    touch(ticket, now=now)
    entered = ProofEntered(ticket_id=ticket.pk, evidence_id=evidence.pk, kind=kind, level=int(level))
    outbox.record(entered, by=by.key, now=now)
    look_for_pressure(account_id, ticket, now=now)


def our_code(number: str, *, by: Actor, now: datetime) -> str:
    """For the colleague to read to the customer, who checks it in the panel."""
    with transaction.atomic():
        ticket, account_id = _of_account(number, by)
        return codes.make_for_desk(account_id, staff_id=staff_id_of(by), ticket_id=ticket.pk, now=now)


@transaction.atomic
def break_glass(number: str, reason: str, *, by: Actor, now: datetime) -> Ticket:
    """Opens the closed fields for this one look. Journal and view log keep it; leads and quality control are told."""
    if not by.may(Perm.BREAK_GLASS):
        raise NotVisible(number)
    ticket, _ = _of_account(number, by)
    if not (reason := reason.strip()[:MOST_REASON]):
        raise Refused("no_reason_for_glass")
    View.objects.create(ticket=ticket, staff_id=staff_id_of(by), hour=now, fields="*", reason=reason)
    touch(ticket, now=now)
    tells = concerned((Why.ALARM, holders(Role.LEAD, Role.QUALITY)), by=by.staff_id)
    outbox.record(GlassBroken(ticket_id=ticket.pk, reason=reason, tells=tells), by=by.key, now=now)
    return ticket


def seen(ticket_id: int, *, confidential: bool, by: Actor, now: datetime) -> None:
    """Once an hour for each person and ticket, and once for the confidential fields of its card. One statement."""
    if by.staff_id is not None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        shown = ("", "confidential") if confidential else ("",)
        views = [View(ticket_id=ticket_id, staff_id=by.staff_id, hour=hour, fields=fields) for fields in shown]
        View.objects.bulk_create(views, ignore_conflicts=True)


# By hand and prepared: programs read thousands of tickets.
_READ = """
    INSERT INTO assurance_view (ticket_id, program_id, hour, fields, reason) VALUES (%s, %s, %s, '', '')
    ON CONFLICT DO NOTHING"""


def read_by_program(ticket_id: int, token_id: int, *, now: datetime) -> None:
    """The same of a program of the provider's that was given the whole ticket. One statement."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        prepared.execute(cursor, _READ, [ticket_id, token_id, hour])


def _of_account(number: str, by: Actor) -> tuple[Ticket, int]:
    ticket = get_ticket_to_work(by, number)
    if ticket.account_id is None:
        raise Refused("no_account")
    return ticket, ticket.account_id
