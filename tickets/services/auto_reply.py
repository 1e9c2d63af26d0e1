"""Applying the one rule of the automatic reply, in the transaction that filed the mail."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from core.clock import NEVER
from core.trust import FactKind, Level
from events import outbox
from staff.actor import SYSTEM
from tickets.contracts import InboundMessage
from tickets.enums import Author
from tickets.event_types import ReplyQueued
from tickets.models import AutoReply, Message, OutboundCopy, Participant, Ticket
from tickets.numbers import pretty
from tickets.policies.auto_reply import Form, Sent, decide
from tickets.policies.texts import TextName
from tickets.services import letters, texts
from tickets.services.letters import Recipient
from tickets.services.texts import Texts

SUMMARY_AFTER = timedelta(minutes=15)
MOST_SUMMARIES_DAY = 2


@dataclass(slots=True)
class Register:
    """Replies of the last hour and day to the senders of a batch, and those this batch adds; their texts, too.

    Of level 1, but for the two that count any level.
    """

    address_hour: Counter[str] = field(default_factory=Counter)
    address_day: Counter[str] = field(default_factory=Counter)
    domain_hour: Counter[str] = field(default_factory=Counter)
    level_one_hour: int = 0
    any_level_hour: Counter[str] = field(default_factory=Counter)
    any_level_day: Counter[str] = field(default_factory=Counter)
    texts: Texts = field(default_factory=Texts)

    def sent(self, address: str) -> Sent:
        return Sent(
            self.address_hour[address], self.address_day[address], self.domain_hour[_domain(address)],
            self.level_one_hour, self.any_level_hour[address], self.any_level_day[address],
        )  # fmt: skip

    def add(self, address: str, level: Level) -> None:
        self.any_level_hour[address] += 1
        self.any_level_day[address] += 1
        if level > Level.CLAIMED:
            return
        self.address_hour[address] += 1
        self.address_day[address] += 1
        self.domain_hour[_domain(address)] += 1
        self.level_one_hour += 1


_SENT = """
    SELECT 'address', address, count(*) FILTER (WHERE at > %(hour)s AND level <= 1),
           count(*) FILTER (WHERE level <= 1), count(*) FILTER (WHERE at > %(hour)s), count(*) FROM tickets_autoreply
     WHERE address = ANY(%(addresses)s) AND at > %(day)s AND form <> 'none' GROUP BY address
    UNION ALL
    SELECT 'domain', domain, count(*), 0, 0, 0 FROM tickets_autoreply
     WHERE domain = ANY(%(domains)s) AND at > %(hour)s AND level <= 1 AND form <> 'none' GROUP BY domain
    UNION ALL
    SELECT 'all', '', count(*), 0, 0, 0 FROM tickets_autoreply WHERE at > %(hour)s AND level <= 1 AND form <> 'none'"""


def register(addresses: Collection[str], *, now: datetime) -> Register:
    """What the limits count, by the indexes of the register, and the texts in force. Two queries."""
    found = Register(texts=texts.in_force())
    values: dict[str, Any] = {
        "addresses": list(addresses),
        "domains": list({_domain(address) for address in addresses}),
        "hour": now - timedelta(hours=1),
        "day": now - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SENT, values)
        for what, name, hour, day, any_hour, any_day in cursor.fetchall():
            if what == "address":
                found.address_hour[name], found.address_day[name] = hour, day
                found.any_level_hour[name], found.any_level_day[name] = any_hour, any_day
            elif what == "domain":
                found.domain_hour[name] = hour
            else:
                found.level_one_hour = hour
    return found


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Nothing saved yet: the row of the register and, if it says so, the letter."""

    row: AutoReply
    letter: Message | None = None
    copies: list[OutboundCopy] = field(default_factory=list)


def acknowledge(
    ticket: Ticket,
    first: Message,
    heard: InboundMessage,
    *,
    requester: Participant | None,
    is_contact: bool,
    is_ours: bool,
    is_spam: bool,
    register: Register,
    now: datetime,
) -> Acknowledgement:
    """The letter with the number, or why not. `requester` is None for another sender, who takes no part."""
    address = heard.sender.email
    level = Level(first.level or 0)
    decision = decide(
        level=level,
        nature=heard.nature,
        address=address,
        is_single_sender=_single_sender(heard),
        is_contact=is_contact,
        is_ours=is_ours,
        is_other_sender=requester is None,
        is_spam=is_spam,
        can_answer=bool(ticket.our_address),
        sent=register.sent(address),
    )
    row = AutoReply(
        ticket=ticket,
        address=address,
        domain=_domain(address),
        level=level,
        form=decision.form.value,
        reason=decision.reason,
        awaits_summary=decision.into_summary,
        at=now,
    )
    if decision.form is Form.NONE:
        return Acknowledgement(row)
    register.add(address, level)
    subject = ticket.subject if decision.form is Form.WITH_SUBJECT else ""
    text = register.texts.say(
        _which_text(is_other_sender=requester is None, subject=subject),
        ticket.language if requester else heard.language or ticket.language,
        number=pretty(ticket.number),
        subject=subject,
        due=ticket.due_at if now < ticket.due_at != NEVER else None,
        asks=ticket.account_id is None,
    )
    # Nothing of the sender's words goes back to an unproven address, his name neither.
    name = heard.sender.name if decision.form is Form.WITH_SUBJECT else ""
    letter, copies = letters.composed(
        ticket,
        author=Author.SYSTEM,
        staff_id=None,
        sender_name="",
        subject=letters.tagged(ticket, subject or letters.REGISTERED[ticket.language]),
        text=text,
        recipients=[Recipient(address, name, requester)],
        answers=first,
        now=now,
    )
    row.message = letter
    return Acknowledgement(row, letter, copies)


def _which_text(*, is_other_sender: bool, subject: str) -> TextName:
    if is_other_sender:
        return TextName.AUTO_REPLY_OTHER
    return TextName.AUTO_REPLY_PROVEN if subject.strip() else TextName.AUTO_REPLY


def _single_sender(heard: InboundMessage) -> bool:
    words = [fact.verdict for fact in heard.facts if fact.kind is FactKind.FROM_HEADER]
    return not words or words == ["single"]


def send_summaries(now: datetime) -> None:
    """One letter of numbers to whoever wrote more than the limits answer at once; at most two a day."""
    waiting = AutoReply.objects.filter(awaits_summary=True, at__lte=now - SUMMARY_AFTER + timedelta(minutes=5))
    by_address: dict[str, list[int]] = defaultdict(list)
    for pk, address in waiting.order_by("id").values_list("pk", "address")[:500]:
        by_address[address].append(pk)
    for address, pks in by_address.items():
        _summarise(address, pks, now=now)


def forget_summaries() -> int:
    """After a restore: those that waited when the backup was made may have left since. Returns for how many tickets."""
    return AutoReply.objects.filter(awaits_summary=True).update(awaits_summary=False)


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
    numbers = ", ".join(pretty(row.ticket.number) for row in rows)
    message, copies = letters.composed(
        ticket,
        author=Author.SYSTEM,
        staff_id=None,
        sender_name="",
        subject=letters.REGISTERED[ticket.language],
        text=texts.in_force().say(TextName.SUMMARY, ticket.language, numbers=numbers),
        recipients=[Recipient(address, "", requester)],
        answers=None,
        now=now,
    )
    letters.save(message, copies)
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
