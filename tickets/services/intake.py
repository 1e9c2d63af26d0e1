"""Messages from any door become tickets, join one, are held, or are recorded. One transaction for a batch.

What a batch needs to know is read at once (surroundings.py), each letter is decided by pure rules, and what it adds
is written table by table: about thirty statements, whether for one letter or for thirty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, LevelDecision, SenderRecord, message_level, ticket_level
from core import blobs
from core.trust import Fact, Level
from customers.policies import identity
from events import outbox
from events.event import DomainEvent
from staff.actor import REQUESTER
from tickets.contracts import Attachment as InboundAttachment
from tickets.contracts import InboundMessage, Nature, Origin, Outcome, Received
from tickets.enums import Author, Direction, Held, Metric, SenderList, Status
from tickets.event_types import (
    AutomaticMailRecorded,
    MessageHeld,
    MessageReceived,
    ReplyQueued,
    SideLetterReceived,
    SpamFiled,
    TicketOpened,
)
from tickets.models import (
    Attachment,
    AutoReply,
    Clock,
    ClockEntry,
    IdentityClaim,
    IdentityMatch,
    Message,
    MessageSecret,
    OutboundCopy,
    Participant,
    SideConversation,
    SideLetter,
    Ticket,
)
from tickets.policies import lifecycle, spamming, threading
from tickets.policies.concern import Why, concerned
from tickets.policies.threading import Candidate, Placement
from tickets.services import auto_reply, clocks, numbering, secrets, sender_lists
from tickets.services.auto_reply import Acknowledgement
from tickets.services.surroundings import SIDE_LETTER, Surroundings, Thread, mentions

_NOTED_ONLY = {Nature.AUTO_REPLY, Nature.BOUNCE, Nature.RECEIPT, Nature.ABUSE_REPORT}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message whose files are stored already; `heard.attachments` hold no bytes any more."""

    heard: InboundMessage
    origin: Origin
    files: tuple[tuple[InboundAttachment, blobs.Blob], ...] = ()


def with_files_stored(heard: InboundMessage, *, origin: Origin) -> Letter:
    """Writes the attachments before the transaction: a file without a row is waste, the reverse a loss."""
    files = tuple((replace(file, content=b""), blobs.put(file.content)) for file in heard.attachments)
    return Letter(replace(heard, attachments=tuple(file for file, _ in files)), origin, files)


def receive(heard: InboundMessage, *, origin: Origin, now: datetime) -> Received:
    """What became of one message. Idempotent by `origin.raw_id`."""
    return receive_all([with_files_stored(heard, origin=origin)], now=now)[0]


@transaction.atomic
def receive_all(letters: Sequence[Letter], *, now: datetime) -> list[Received]:
    """What became of each, in their order; all or none. Idempotent by `origin.raw_id`."""
    received: list[Received] = []
    for run in _runs(letters):
        received += _Run(run, now=now).file()
    return received


def _runs(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Cut before each letter that answers one just before it: its ticket must be there to be found."""
    runs: list[list[Letter]] = []
    ids: set[str] = set()
    for letter in letters:
        if not runs or not ids.isdisjoint(mentions(letter.heard)):
            runs.append([])
            ids.clear()
        runs[-1].append(letter)
        ids.add(letter.heard.message_id)
    return runs


@dataclass(slots=True)
class _Rows:
    """What a run adds, table by table; a row may point to one that is saved before it."""

    tickets: list[Ticket] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    entries: list[ClockEntry] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    claims: list[IdentityClaim] = field(default_factory=list)
    matches: list[IdentityMatch] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    side_letters: list[SideLetter] = field(default_factory=list)
    secrets: list[MessageSecret] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    copies: list[OutboundCopy] = field(default_factory=list)
    auto_replies: list[AutoReply] = field(default_factory=list)

    def save(self) -> None:
        Ticket.objects.bulk_create(self.tickets)
        Clock.objects.bulk_create(self.clocks)
        ClockEntry.objects.bulk_create(self.entries)
        Participant.objects.bulk_create(self.participants)
        IdentityClaim.objects.bulk_create(self.claims)
        IdentityMatch.objects.bulk_create(self.matches)
        Message.objects.bulk_create(self.messages)
        SideLetter.objects.bulk_create(self.side_letters)
        MessageSecret.objects.bulk_create(self.secrets)
        Attachment.objects.bulk_create(self.attachments)
        Evidence.objects.bulk_create(self.evidence)
        OutboundCopy.objects.bulk_create(self.copies)
        AutoReply.objects.bulk_create(self.auto_replies)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A letter, how sure we are who wrote it, and where it goes."""

    letter: Letter
    level: Level
    reasons: tuple[str, ...]
    facts: tuple[Fact, ...]
    thread: Thread | None
    placement: Placement
    spam: str = ""  # why it is
    side: tuple[SideConversation, Ticket] | None = None


@dataclass(slots=True)
class _Filed:
    """What became of one letter, and the events to record once its rows have their ids."""

    outcome: Outcome
    ticket: Ticket
    message: Message | None
    reason: str = ""
    side_letter: SideLetter | None = None
    acknowledgement: Acknowledgement | None = None


class _Run:
    """Letters none of which answers another of them."""

    def __init__(self, letters: Sequence[Letter], *, now: datetime) -> None:
        self.letters, self.now = letters, now
        self.around = Surroundings([(letter.heard, letter.origin) for letter in letters], now=now)
        self.rows = _Rows()
        self.changed: dict[int, Ticket] = {}
        self.rules_used: list[int] = []

    def file(self) -> list[Received]:
        placed = [self._place(letter) for letter in self.letters]
        opening = sum(isinstance(each, _Placed) and each.placement is Placement.NEW for each in placed)
        self.numbers = numbering.issue(opening, now=self.now)
        done = [each if isinstance(each, Received) else self._file(each) for each in placed]
        self.rows.save()
        for ticket in self.changed.values():
            touch(ticket, now=self.now)
        sender_lists.count(self.rules_used)
        events = [event for each in done if isinstance(each, _Filed) for event in _events(each)]
        outbox.record(*events, by=REQUESTER.key, now=self.now)
        return [
            each
            if isinstance(each, Received)
            else Received(
                each.outcome, each.reason, each.ticket.pk, each.ticket.number, each.message.pk if each.message else None
            )
            for each in done
        ]

    def _place(self, letter: Letter) -> _Placed | Received:
        heard, origin = letter.heard, letter.origin
        if already := self.around.filed.get(origin.raw_id):
            return already
        sender = heard.sender.email
        side = self.around.side_of(heard)
        thread, token_facts = (None, ()) if side else self.around.thread_of(heard)
        decision = self._level(letter, thread, token_facts)
        if decision.level is Level.CONTRADICTED and not origin.is_released:
            return Received(Outcome.QUARANTINED, decision.reasons[0])
        if sender and sender == origin.our_address and not origin.is_released:
            return Received(Outcome.REFUSED, "our_own_mail")
        if side is not None:
            return _Placed(letter, decision.level, decision.reasons, heard.facts, None, Placement.SIDE, side=side)
        if heard.nature in _NOTED_ONLY:
            if thread is None:
                return Received(Outcome.REFUSED, f"{heard.nature.value}_without_ticket")
            placement = Placement.NOTE
        else:
            candidate = None
            if thread is not None:
                takes_part = (thread.ticket.pk, sender) in self.around.participants
                candidate = Candidate(thread.way, Status(thread.ticket.status), takes_part)
            placement = threading.place(candidate, level=decision.level)
        spam = self._spam(heard, opens=placement is Placement.NEW)
        if spam == "blocked" and not (thread and thread.ticket.is_spam):
            placement = Placement.NEW  # nothing of a blocked sender's comes into a conversation
        if placement is Placement.NEW:
            self.around.note_opened(sender, decision.level)
        facts = (*heard.facts, *token_facts)
        return _Placed(letter, decision.level, decision.reasons, facts, thread, placement, spam=spam)

    def _spam(self, heard: InboundMessage, *, opens: bool) -> str:
        rule = self.around.rules.get(heard.sender.email)
        why = spamming.reason(heard.facts, listed=SenderList(rule.list) if rule else None, opens=opens)
        if rule and (why == "blocked" or rule.list == SenderList.ALLOW):
            self.rules_used.append(rule.pk)
        return why

    def _level(self, letter: Letter, thread: Thread | None, token_facts: tuple[Fact, ...]) -> LevelDecision:
        heard, origin = letter.heard, letter.origin
        email, domain = heard.sender.email, heard.sender.domain
        known, last = self.around.known(email), self.around.last_level(email)
        record = SenderRecord(
            is_contact=bool(known),
            on_file_since=max((person.on_file_since for person in known), default=None),
            has_valid_token=thread is not None and thread.token_is_senders,
            is_our_address=domain == origin.our_address.rpartition("@")[2],
            is_staff_address=domain in settings.STAFF_DOMAINS,
            domain_used_to_pass=domain in self.around.proven_domains,
            has_written_before=last is not None,
        )
        return message_level((*heard.facts, *token_facts), sender=record, now=self.now)

    def _file(self, placed: _Placed) -> _Filed:
        if placed.side is not None:
            return self._file_side(placed, *placed.side)
        if placed.thread is None or placed.placement is Placement.NEW:
            return self._open(placed)
        ticket = placed.thread.ticket
        self.changed[ticket.pk] = ticket
        match placed.placement:
            case Placement.JOIN:
                return self._join(placed, ticket)
            case Placement.HOLD:
                return self._hold(placed, ticket)
            case _:
                return self._note_machine(placed, ticket)

    def _write(self, placed: _Placed, ticket: Ticket, *, author: Author, held: Held = Held.NO) -> Message:
        heard, origin = placed.letter.heard, placed.letter.origin
        message = Message(
            ticket=ticket,
            direction=Direction.INBOUND.value,
            author=author.value,
            nature=heard.nature.value,
            held=held.value,
            level=int(placed.level),
            reasons=list(placed.reasons),
            facts=[fact.as_json() for fact in placed.facts],
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
        self.rows.messages.append(message)
        self.rows.secrets += secrets.taken_out_of(message)
        self._keep_files(placed, message=message)
        return message

    def _keep_files(self, placed: _Placed, **whose: Message | SideLetter) -> None:
        self.rows.attachments += [
            Attachment(
                **whose,
                filename=file.filename,
                content_type=file.content_type[:127],
                digest=blob.digest,
                size_bytes=blob.size_bytes,
                content_id=(file.content_id or file.content_location)[:500],
                is_inline=file.is_inline,
                is_damaged=file.is_damaged,
                remark=file.note[:32],
            )
            for file, blob in placed.letter.files
        ]

    def _file_side(self, placed: _Placed, conversation: SideConversation, ticket: Ticket) -> _Filed:
        """Inside the desk only: no evidence, no clock, no automatic reply, nothing at the requester's messages."""
        heard, origin = placed.letter.heard, placed.letter.origin
        if conversation.ticket_id != ticket.pk:  # merged since
            SideConversation.objects.filter(pk=conversation.pk).update(ticket=ticket)
        is_person = heard.nature is Nature.PERSON
        is_another = is_person and heard.sender.email != conversation.email
        if heard.bounced_message_ids:
            ours = SideLetter.objects.filter(conversation=conversation, message_id__in=heard.bounced_message_ids)
            ours.update(status="bounced")
        letter = SideLetter(
            conversation=conversation,
            direction=Direction.INBOUND.value,
            nature=heard.nature.value,
            held=(Held.WAITING if is_another else Held.NO).value,
            level=int(placed.level),
            reasons=list(placed.reasons),
            sender_email=heard.sender.email,
            sender_name=heard.sender.name,
            subject=heard.subject[:500],
            text=heard.text,
            quoted_text=heard.quoted_text,
            message_id=heard.message_id or origin.stable_id,
            references=list(heard.references),
            raw_id=origin.raw_id,
            created_at=heard.received_at,
        )
        self.rows.side_letters.append(letter)
        self._keep_files(placed, side_letter=letter)
        if is_person and not is_another and ticket.status == Status.WAITING_THIRD_PARTY.value:
            ticket.status = Status.OPEN.value
        self.changed[ticket.pk] = ticket
        return _Filed(Outcome.RECORDED, ticket, None, reason=SIDE_LETTER, side_letter=letter)

    def _join(self, placed: _Placed, ticket: Ticket) -> _Filed:
        message = self._write(placed, ticket, author=Author.REQUESTER)
        if ticket.is_spam:
            return _Filed(Outcome.JOINED, ticket, message, reason="spam")
        if placed.letter.heard.nature is Nature.PERSON:
            ticket.status = lifecycle.after_customer_wrote(Status(ticket.status)).value
            clocks.customer_wrote(ticket, now=self.now)
            ticket.is_unread = True
            ticket.preview = preview_of(message.text)
            self._add_evidence(placed, ticket, message, so_far=self.around.evidence[ticket.pk])
        return _Filed(Outcome.JOINED, ticket, message)

    def _hold(self, placed: _Placed, ticket: Ticket) -> _Filed:
        message = self._write(placed, ticket, author=Author.OTHER_SENDER, held=Held.WAITING)
        filed = _Filed(Outcome.HELD, ticket, message, reason="spam" if ticket.is_spam else "other_sender")
        if ticket.is_spam:
            return filed
        ticket.held_count += 1
        place = (ticket.pk, placed.letter.heard.sender.email)
        if place not in self.around.acknowledged:
            self.around.acknowledged.add(place)
            filed.acknowledgement = self._acknowledge(placed, ticket, message, requester=None)
        return filed

    def _note_machine(self, placed: _Placed, ticket: Ticket) -> _Filed:
        """Recorded, never answered; reopens nothing and stops no clock."""
        heard = placed.letter.heard
        if heard.bounced_message_ids:
            diagnostic = "; ".join(f"{b.address} {b.status} {b.diagnostic}".strip() for b in heard.bounced)[:2000]
            OutboundCopy.objects.filter(message__ticket=ticket, mail_id__in=heard.bounced_message_ids).update(
                status="bounced", detail=diagnostic, finished_at=self.now
            )
        message = self._write(placed, ticket, author=Author.SYSTEM)
        return _Filed(Outcome.RECORDED, ticket, message, reason=heard.nature.value)

    def _open(self, placed: _Placed) -> _Filed:
        heard, origin, now = placed.letter.heard, placed.letter.origin, self.now
        sender = heard.sender.email
        claims, matches = self.around.identified(heard)
        account = identity.chosen(matches)
        known = self.around.known(sender)
        person = known[0] if len({p.contact_id for p in known}) == 1 else None
        queue = self.around.queue(origin.queue)
        ticket = Ticket(
            number=self.numbers.pop(0),
            door=origin.door,
            channel=origin.channel,
            our_address=origin.our_address,
            language=(person.language if person else "") or heard.language or settings.LANGUAGE_CODE,
            queue=queue,
            team=queue.team,
            requester_name=heard.sender.name,
            requester_email=sender,
            contact_id=person.contact_id if person else None,
            account_id=account.account_id if account else None,
            level=int(placed.level),
            is_spam=bool(placed.spam),
            spam_since=now if placed.spam else None,
            spam_reason=placed.spam,
            created_at=now,
            updated_at=now,
        )
        self.rows.tickets.append(ticket)
        if placed.spam:
            clock, entries = clocks.begun_aside(ticket, Metric.FIRST_RESPONSE, reason="spam", now=now)
        else:
            clock, started = clocks.begun(ticket, Metric.FIRST_RESPONSE, now=now)
            entries = [started]
        self.rows.clocks.append(clock)
        self.rows.entries += entries
        requester = Participant(
            ticket=ticket,
            email=sender,
            name=heard.sender.name,
            is_requester=True,
            added_by=REQUESTER.key,
            added_at=now,
        )
        self.rows.participants.append(requester)
        self.rows.claims += [
            IdentityClaim(ticket=ticket, kind=c.kind, value=c.value[:300], literal=c.literal[:300]) for c in claims
        ]
        self.rows.matches += [
            IdentityMatch(ticket=ticket, account_id=m.account_id, certainty=m.certainty, claims=list(m.claims))
            for m in matches
        ]
        message = self._write(placed, ticket, author=Author.REQUESTER)
        ticket.subject, ticket.preview = message.subject, preview_of(message.text)
        self._add_evidence(placed, ticket, message, so_far=[])
        filed = _Filed(Outcome.OPENED, ticket, message, reason=placed.spam)
        filed.acknowledgement = self._acknowledge(placed, ticket, message, requester=requester)
        return filed

    def _acknowledge(
        self, placed: _Placed, ticket: Ticket, message: Message, *, requester: Participant | None
    ) -> Acknowledgement:
        heard, origin = placed.letter.heard, placed.letter.origin
        acknowledgement = auto_reply.acknowledge(
            ticket,
            message,
            heard,
            requester=requester,
            is_contact=bool(self.around.known(heard.sender.email)),
            is_ours=heard.sender.domain == origin.our_address.rpartition("@")[2],
            is_spam=bool(placed.spam) or spamming.reason(heard.facts, listed=None, opens=True) != "",
            register=self.around.register,
            now=self.now,
        )
        self.rows.auto_replies.append(acknowledgement.row)
        if acknowledgement.letter is not None:
            self.rows.messages.append(acknowledgement.letter)
            self.rows.copies += acknowledgement.copies
        return acknowledgement

    def _add_evidence(self, placed: _Placed, ticket: Ticket, message: Message, *, so_far: list[EvidenceItem]) -> None:
        facts = [fact.as_json() for fact in placed.facts]
        self.rows.evidence.append(
            Evidence(ticket=ticket, message=message, kind="mail", level=int(placed.level), at=self.now, facts=facts)
        )
        so_far.append(EvidenceItem(kind="mail", level=placed.level, at=self.now))
        judged = ticket_level(so_far, self.now)
        ticket.level, ticket.level_until = int(judged.level), judged.until


def _events(filed: _Filed) -> list[DomainEvent]:
    ticket, message = filed.ticket, filed.message
    if filed.side_letter is not None:
        letter = filed.side_letter
        return [SideLetterReceived(ticket_id=ticket.pk, letter_id=letter.pk, level=letter.level or 0)]
    assert message is not None
    level = message.level or 0
    events: list[DomainEvent] = []
    if ticket.is_spam:
        return [SpamFiled(ticket_id=ticket.pk, message_id=message.pk, reason=ticket.spam_reason)]
    match filed.outcome:
        case Outcome.OPENED:
            events = [
                TicketOpened(ticket_id=ticket.pk, number=ticket.number, door=ticket.door, level=ticket.level),
                MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=level),
            ]
        case Outcome.JOINED:
            tells = concerned((Why.WROTE, [ticket.assignee_id]), (Why.FOLLOWED_WROTE, ticket.followers), by=None)
            events = [MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=level, tells=tells)]
        case Outcome.HELD:
            events = [MessageHeld(ticket_id=ticket.pk, message_id=message.pk, level=level)]
        case Outcome.RECORDED:
            events = [AutomaticMailRecorded(ticket_id=ticket.pk, message_id=message.pk, nature=message.nature)]
    told = filed.acknowledgement
    if told is not None and told.letter is not None:
        copy_ids = tuple(copy.pk for copy in told.copies)
        events.append(ReplyQueued(ticket_id=ticket.pk, message_id=told.letter.pk, copy_ids=copy_ids, is_automatic=True))
    return events


def preview_of(text: str) -> str:
    return " ".join(text[:400].split())[:160]


def touch(ticket: Ticket, *, now: datetime) -> None:
    """Saves a changed, locked ticket: version and time move, so pages and row caches notice."""
    ticket.version += 1
    ticket.updated_at = now
    ticket.save()
