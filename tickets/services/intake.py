"""One message from any door becomes a ticket, joins one, is held, or is recorded. One transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, LevelDecision, SenderRecord, message_level, ticket_level
from core import blobs
from core.models import key
from core.trust import Fact, FactKind, Level
from customers import queries as customers
from customers.policies import identity
from events import outbox
from events.event import DomainEvent
from staff.actor import REQUESTER
from tickets.contracts import Attachment as InboundAttachment
from tickets.contracts import InboundMessage, Nature, Origin, Outcome, Received
from tickets.enums import Author, Direction, Held, Metric, Status
from tickets.event_types import (
    AutomaticMailRecorded,
    MessageHeld,
    MessageReceived,
    TicketOpened,
)
from tickets.models import (
    Attachment,
    IdentityClaim,
    IdentityMatch,
    Message,
    OutboundCopy,
    Participant,
    Queue,
    Ticket,
)
from tickets.numbers import found_in
from tickets.policies import lifecycle, threading, tokens
from tickets.policies.threading import Candidate, Placement, Way
from tickets.services import auto_reply, clocks, numbering

Stored = list[tuple[InboundAttachment, blobs.Blob]]
_NOTED_ONLY = {Nature.AUTO_REPLY, Nature.BOUNCE, Nature.RECEIPT, Nature.ABUSE_REPORT}


@dataclass(slots=True)
class _Thread:
    ticket: Ticket
    way: Way
    token_is_senders: bool


def receive(message: InboundMessage, *, origin: Origin, now: datetime) -> Received:
    """What became of the message. Idempotent by `origin.raw_id`. Files are stored before the transaction opens."""
    stored = [(file, blobs.put(file.content)) for file in message.attachments]
    with transaction.atomic():
        if origin.raw_id:
            done = Message.objects.filter(raw_id=origin.raw_id).select_related("ticket").first()
            if done is not None:
                return Received(Outcome.JOINED, "already_filed", done.ticket_id, done.ticket.number, done.pk)
        return _receive(message, stored, origin=origin, now=now)


def _receive(heard: InboundMessage, stored: Stored, *, origin: Origin, now: datetime) -> Received:
    sender = heard.sender.email
    known = customers.known_senders(sender)
    thread, token_facts = _thread_of(heard)
    decision = _level(heard, known, thread, token_facts, origin=origin, now=now)
    if decision.level is Level.CONTRADICTED and not origin.is_released:
        return Received(Outcome.QUARANTINED, decision.reasons[0])
    if sender and sender == origin.our_address and not origin.is_released:
        return Received(Outcome.REFUSED, "our_own_mail")
    facts = (*heard.facts, *token_facts)
    if heard.nature in _NOTED_ONLY:
        if thread is None:
            return Received(Outcome.REFUSED, f"{heard.nature.value}_without_ticket")
        return _note_machine(heard, stored, thread.ticket, decision, facts, origin=origin, now=now)
    takes_part = thread is not None and (
        Participant.objects.filter(ticket=thread.ticket, email=sender, may_reply=True).exists() if sender else False
    )
    candidate = Candidate(thread.way, Status(thread.ticket.status), takes_part) if thread else None
    placement = threading.place(candidate, level=decision.level)
    if placement is Placement.JOIN and thread is not None:
        return _join(heard, stored, thread.ticket, decision, facts, origin=origin, now=now)
    if placement is Placement.HOLD and thread is not None:
        return _hold(heard, stored, thread.ticket, decision, facts, origin=origin, now=now)
    return _open(heard, stored, known, decision, facts, origin=origin, now=now)


def _thread_of(heard: InboundMessage) -> tuple[_Thread | None, tuple[Fact, ...]]:
    """The ticket a message speaks of, row locked. Token, then Message-IDs, then a number in the subject."""
    secret = key("reply-tokens")
    for token in heard.reply_tokens:
        participant_id = tokens.read(token, key=secret)
        person = Participant.objects.filter(pk=participant_id).first() if participant_id else None
        if person is None:
            continue
        is_senders = person.email == heard.sender.email
        fact = Fact(FactKind.REPLY_TOKEN, "valid" if is_senders else "foreign", person.email)
        ticket = _lock(person.ticket_id)
        return _Thread(ticket, Way.TOKEN, is_senders), (fact,)
    damaged = (Fact(FactKind.REPLY_TOKEN, "damaged"),) if heard.reply_tokens else ()
    mentioned = [*heard.bounced_message_ids, *heard.in_reply_to, *heard.references][-30:]
    if mentioned:
        ticket_id = (
            OutboundCopy.objects.filter(mail_id__in=mentioned)
            .order_by("-id")
            .values_list("message__ticket_id", flat=True)
            .first()
            or Message.objects.filter(message_id__in=mentioned)
            .order_by("-id")
            .values_list("ticket_id", flat=True)
            .first()
        )
        if ticket_id:
            return _Thread(_lock(ticket_id), Way.REFERENCE, False), damaged
    for number in found_in(heard.subject):
        ticket_id = Ticket.objects.filter(number=number).values_list("pk", flat=True).first()
        if ticket_id:
            return _Thread(_lock(ticket_id), Way.NUMBER, False), damaged
    return None, damaged


def _lock(ticket_id: int) -> Ticket:
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    return _lock(ticket.merged_into_id) if ticket.merged_into_id else ticket


def _level(
    heard: InboundMessage,
    known: list[customers.KnownSender],
    thread: _Thread | None,
    token_facts: tuple[Fact, ...],
    *,
    origin: Origin,
    now: datetime,
) -> LevelDecision:
    email, domain = heard.sender.email, heard.sender.domain
    last = (
        Ticket.objects.filter(requester_email=email).order_by("-id").values_list("level", flat=True).first()
        if email
        else None
    )
    record = SenderRecord(
        is_contact=bool(known),
        on_file_since=max((person.on_file_since for person in known), default=None),
        has_valid_token=thread is not None and thread.token_is_senders,
        is_our_address=domain == origin.our_address.rpartition("@")[2],
        is_staff_address=domain in settings.STAFF_DOMAINS,
        domain_used_to_pass=last is not None and last >= Level.VOUCHED,
        has_written_before=last is not None,
    )
    return message_level((*heard.facts, *token_facts), sender=record, now=now)


def _write(
    heard: InboundMessage,
    stored: Stored,
    ticket: Ticket,
    decision: LevelDecision,
    facts: tuple[Fact, ...],
    *,
    origin: Origin,
    author: Author,
    held: Held = Held.NO,
    now: datetime,
) -> Message:
    message = Message.objects.create(
        ticket=ticket,
        direction=Direction.INBOUND.value,
        author=author.value,
        nature=heard.nature.value,
        held=held.value,
        level=int(decision.level),
        reasons=list(decision.reasons),
        facts=[fact.as_json() for fact in facts],
        sender_email=heard.sender.email,
        sender_name=heard.sender.name,
        sender_literal=heard.sender.literal,
        recipients={"to": [a.email for a in heard.to], "cc": [a.email for a in heard.cc]},
        subject=heard.subject,
        text=heard.text,
        quoted_text=heard.quoted_text,
        html=heard.html,
        remarks=list(heard.remarks),
        message_id=heard.message_id or origin.stable_id,
        references=list(heard.references),
        raw_id=origin.raw_id,
        sent_at=heard.sent_at,
        created_at=heard.received_at,
    )
    if stored:
        Attachment.objects.bulk_create(
            [
                Attachment(
                    message=message,
                    filename=file.filename,
                    content_type=file.content_type[:127],
                    digest=blob.digest,
                    size_bytes=blob.size_bytes,
                    content_id=(file.content_id or file.content_location)[:500],
                    is_inline=file.is_inline,
                    is_damaged=file.is_damaged,
                    remark=file.note[:32],
                )
                for file, blob in stored
            ]
        )
    return message


def _preview(text: str) -> str:
    return " ".join(text[:400].split())[:160]


def _join(
    heard: InboundMessage,
    stored: Stored,
    ticket: Ticket,
    decision: LevelDecision,
    facts: tuple[Fact, ...],
    *,
    origin: Origin,
    now: datetime,
) -> Received:
    is_person = heard.nature is Nature.PERSON
    message = _write(heard, stored, ticket, decision, facts, origin=origin, author=Author.REQUESTER, now=now)
    if is_person:
        ticket.status = lifecycle.after_customer_wrote(Status(ticket.status)).value
        clocks.customer_wrote(ticket, now=now)
        ticket.is_unread = True
        ticket.preview = _preview(heard.text)
        _add_evidence(ticket, message, decision, facts, now=now)
    touch(ticket, now=now)
    happened = MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level))
    outbox.record(happened, by=REQUESTER.key, now=now)
    return Received(Outcome.JOINED, "", ticket.pk, ticket.number, message.pk)


def _hold(
    heard: InboundMessage,
    stored: Stored,
    ticket: Ticket,
    decision: LevelDecision,
    facts: tuple[Fact, ...],
    *,
    origin: Origin,
    now: datetime,
) -> Received:
    message = _write(
        heard, stored, ticket, decision, facts, origin=origin, author=Author.OTHER_SENDER, held=Held.WAITING, now=now
    )
    ticket.held_count += 1
    touch(ticket, now=now)
    auto_reply.withhold(ticket, address=heard.sender.email, level=int(decision.level), reason="other_sender", now=now)
    happened = MessageHeld(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level))
    outbox.record(happened, by=REQUESTER.key, now=now)
    return Received(Outcome.HELD, "other_sender", ticket.pk, ticket.number, message.pk)


def _note_machine(
    heard: InboundMessage,
    stored: Stored,
    ticket: Ticket,
    decision: LevelDecision,
    facts: tuple[Fact, ...],
    *,
    origin: Origin,
    now: datetime,
) -> Received:
    """Recorded, never answered; reopens nothing and stops no clock."""
    message = _write(heard, stored, ticket, decision, facts, origin=origin, author=Author.SYSTEM, now=now)
    if heard.bounced_message_ids:
        diagnostic = "; ".join(f"{b.address} {b.status} {b.diagnostic}".strip() for b in heard.bounced)[:2000]
        OutboundCopy.objects.filter(message__ticket=ticket, mail_id__in=heard.bounced_message_ids).update(
            status="bounced", detail=diagnostic, finished_at=now
        )
    touch(ticket, now=now)
    happened = AutomaticMailRecorded(ticket_id=ticket.pk, message_id=message.pk, nature=heard.nature.value)
    outbox.record(happened, by=REQUESTER.key, now=now)
    return Received(Outcome.RECORDED, heard.nature.value, ticket.pk, ticket.number, message.pk)


def _open(
    heard: InboundMessage,
    stored: Stored,
    known: list[customers.KnownSender],
    decision: LevelDecision,
    facts: tuple[Fact, ...],
    *,
    origin: Origin,
    now: datetime,
) -> Received:
    sender = heard.sender.email
    numbers = found_in(f"{heard.subject}\n{heard.text[:5000]}")
    earlier = dict(
        Ticket.objects.filter(number__in=numbers, account__isnull=False).values_list("number", "account_id")
        if numbers
        else ()
    )
    claims = identity.claims_in(sender_email=sender, subject=heard.subject, text=heard.text, ticket_numbers=numbers)
    matches = customers.match(claims, senders=known, ticket_accounts=earlier, sender_email=sender)
    account = identity.chosen(matches)
    person = known[0] if len({p.contact_id for p in known}) == 1 else None
    language = (person.language if person else "") or heard.language or settings.LANGUAGE_CODE
    queue = Queue.objects.select_related("team").get(slug=origin.queue)
    ticket = Ticket(
        number=numbering.issue(now=now),
        subject=heard.subject,
        preview=_preview(heard.text),
        door=origin.door,
        channel=origin.channel,
        our_address=origin.our_address,
        language=language,
        queue=queue,
        team=queue.team,
        requester_name=heard.sender.name,
        requester_email=sender,
        contact_id=person.contact_id if person else None,
        account_id=account.account_id if account else None,
        level=int(decision.level),
        created_at=now,
        updated_at=now,
    )
    ticket.save()
    clocks.start(ticket, Metric.FIRST_RESPONSE, now=now)
    Participant.objects.create(
        ticket=ticket,
        email=sender,
        name=heard.sender.name,
        is_requester=True,
        added_by=REQUESTER.key,
        added_at=now,
    )
    IdentityClaim.objects.bulk_create(
        [IdentityClaim(ticket=ticket, kind=c.kind, value=c.value[:300], literal=c.literal[:300]) for c in claims]
    )
    IdentityMatch.objects.bulk_create(
        [
            IdentityMatch(ticket=ticket, account_id=m.account_id, certainty=m.certainty, claims=list(m.claims))
            for m in matches
        ]
    )
    message = _write(heard, stored, ticket, decision, facts, origin=origin, author=Author.REQUESTER, now=now)
    _add_evidence(ticket, message, decision, facts, now=now)
    ticket.save(update_fields=["due_at", "level", "level_until"])
    happened: list[DomainEvent] = [
        TicketOpened(ticket_id=ticket.pk, number=ticket.number, door=ticket.door, level=ticket.level),
        MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level)),
    ]
    is_ours = heard.sender.domain == origin.our_address.rpartition("@")[2]
    happened += auto_reply.acknowledge(ticket, message, heard, is_contact=bool(known), is_ours=is_ours, now=now)
    outbox.record(*happened, by=REQUESTER.key, now=now)
    return Received(Outcome.OPENED, "", ticket.pk, ticket.number, message.pk)


def _add_evidence(
    ticket: Ticket, message: Message, decision: LevelDecision, facts: tuple[Fact, ...], *, now: datetime
) -> None:
    Evidence.objects.create(
        ticket=ticket,
        message=message,
        kind="mail",
        level=int(decision.level),
        at=now,
        facts=[fact.as_json() for fact in facts],
    )
    items = [
        EvidenceItem(kind=kind, level=Level(level), at=at, expires_at=until)
        for kind, level, at, until in Evidence.objects.filter(ticket=ticket, revokes=None)
        .order_by("-id")
        .values_list("kind", "level", "at", "expires_at")[:50]
    ]
    judged = ticket_level(items, now)
    ticket.level, ticket.level_until = int(judged.level), judged.until


def touch(ticket: Ticket, *, now: datetime) -> None:
    """Saves a changed, locked ticket: version and time move, so pages and row caches notice."""
    ticket.version += 1
    ticket.updated_at = now
    ticket.save()
