"""Applying the one rule of the automatic reply, in the transaction that made the ticket."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from core.clock import NEVER
from core.trust import FactKind, Level
from events import outbox
from staff.actor import SYSTEM
from tickets.contracts import InboundMessage, Nature
from tickets.enums import Author
from tickets.event_types import ReplyQueued
from tickets.models import AutoReply, Message, Participant, Ticket
from tickets.numbers import pretty
from tickets.policies.auto_reply import Form, Sent, decide
from tickets.services import letters

SUMMARY_AFTER = timedelta(minutes=15)
MOST_SUMMARIES_DAY = 2


def acknowledge(
    ticket: Ticket,
    first: Message,
    heard: InboundMessage,
    *,
    is_contact: bool,
    is_ours: bool,
    now: datetime,
) -> tuple[ReplyQueued, ...]:
    """Queues the number, or writes down why not. Exactly one row in the register either way."""
    address = heard.sender.email
    level = Level(first.level or 0)
    decision = decide(
        level=level,
        nature=heard.nature,
        address=address,
        is_single_sender=_single_sender(heard),
        is_contact=is_contact,
        is_ours=is_ours,
        sent=_sent(address, is_proven=level > Level.CLAIMED or is_contact, now=now)
        if heard.nature is Nature.PERSON
        else Sent(),
    )
    row = AutoReply(
        ticket=ticket,
        address=address,
        domain=heard.sender.domain,
        level=level,
        form=decision.form.value,
        reason=decision.reason,
        awaits_summary=decision.into_summary,
        at=now,
    )
    if decision.form is Form.NONE:
        row.save()
        return ()
    subject = ticket.subject if decision.form is Form.WITH_SUBJECT else ""
    text = letters.words(
        "auto_reply",
        ticket.language,
        number=pretty(ticket.number),
        subject=subject,
        due=ticket.due_at if ticket.due_at != NEVER else None,
        zone=letters.zone_name(),
        identified=ticket.account_id is not None,
    )
    requester = Participant.objects.get(ticket=ticket, is_requester=True)
    if decision.form is Form.NUMBER_ONLY:
        requester.name = ""  # nothing of the sender's words goes back to an unproven address
    message, copies = letters.queue_message(
        ticket,
        author=Author.SYSTEM,
        staff_id=None,
        sender_name="",
        subject=letters.tagged(ticket, subject or letters.REGISTERED[ticket.language]),
        text=text,
        recipients=[requester],
        answers=first,
        now=now,
    )
    row.message = message
    row.save()
    return (
        ReplyQueued(
            ticket_id=ticket.pk, message_id=message.pk, copy_ids=tuple(c.pk for c in copies), is_automatic=True
        ),
    )


def withhold(ticket: Ticket, *, address: str, level: int, reason: str, now: datetime) -> None:
    AutoReply.objects.get_or_create(
        ticket=ticket,
        address=address,
        defaults={
            "domain": address.rpartition("@")[2],
            "level": level,
            "form": Form.NONE.value,
            "reason": reason,
            "at": now,
        },
    )


def _single_sender(heard: InboundMessage) -> bool:
    words = [fact.verdict for fact in heard.facts if fact.kind is FactKind.FROM_HEADER]
    return not words or words == ["single"]


def _sent(address: str, *, is_proven: bool, now: datetime) -> Sent:
    """Replies of the last hour and day that count for such a sender. One query over the indexes of the register."""
    hour = Q(at__gt=now - timedelta(hours=1))
    if is_proven:
        to_address = AutoReply.objects.filter(address=address, at__gt=now - timedelta(days=1))
        told = to_address.exclude(form=Form.NONE.value).aggregate(hour=Count("pk", filter=hour), day=Count("pk"))
        return Sent(at_any_level_hour=told["hour"], at_any_level_day=told["day"])
    domain = address.rpartition("@")[2]
    rows = AutoReply.objects.filter(at__gt=now - timedelta(days=1), level__lte=Level.CLAIMED).exclude(
        form=Form.NONE.value
    )
    counted = rows.aggregate(
        address_hour=Count("pk", filter=hour & Q(address=address)),
        address_day=Count("pk", filter=Q(address=address)),
        domain_hour=Count("pk", filter=hour & Q(domain=domain)),
        all_hour=Count("pk", filter=hour),
    )
    return Sent(counted["address_hour"], counted["address_day"], counted["domain_hour"], counted["all_hour"])


def send_summaries(now: datetime) -> None:
    """One letter of numbers to whoever wrote more than the limits answer at once; at most two a day."""
    waiting = AutoReply.objects.filter(awaits_summary=True, at__lte=now - SUMMARY_AFTER + timedelta(minutes=5))
    by_address: dict[str, list[int]] = defaultdict(list)
    for pk, address in waiting.order_by("id").values_list("pk", "address")[:500]:
        by_address[address].append(pk)
    for address, pks in by_address.items():
        _summarise(address, pks, now=now)


@transaction.atomic
def _summarise(address: str, pks: list[int], *, now: datetime) -> None:
    rows = list(
        AutoReply.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=pks, awaits_summary=True)
        .select_related("ticket")
    )
    today = AutoReply.objects.filter(address=address, reason="summary", at__gt=now - timedelta(days=1))
    if not rows or today.values("message").distinct().count() >= MOST_SUMMARIES_DAY:
        AutoReply.objects.filter(pk__in=[row.pk for row in rows]).update(awaits_summary=False)
        return
    ticket = rows[-1].ticket
    requester = Participant.objects.get(ticket=ticket, is_requester=True)
    requester.name = ""
    message, copies = letters.queue_message(
        ticket,
        author=Author.SYSTEM,
        staff_id=None,
        sender_name="",
        subject=letters.REGISTERED[ticket.language],
        text=letters.words("summary", ticket.language, numbers=", ".join(pretty(r.ticket.number) for r in rows)),
        recipients=[requester],
        answers=None,
        now=now,
    )
    AutoReply.objects.filter(pk__in=[row.pk for row in rows]).update(
        awaits_summary=False, reason="summary", message=message, at=now
    )
    outbox.record(
        ReplyQueued(
            ticket_id=ticket.pk, message_id=message.pk, copy_ids=tuple(c.pk for c in copies), is_automatic=True
        ),
        by=SYSTEM.key,
        now=now,
    )
