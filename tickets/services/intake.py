"""Messages from any door become tickets, join one, are held, or are recorded. One transaction for a batch.

What a batch needs to know is read at once (surroundings.py), each letter is decided by pure rules, and what it adds
is written table by table: about thirty statements, whether for one letter or for thirty.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, LevelDecision, SenderRecord, message_level, ticket_level
from core import blobs
from core.trust import Fact, Level
from customers.policies import identity
from events import outbox
from staff.actor import REQUESTER
from tickets.contracts import InboundMessage, Nature, Origin, Outcome, Received
from tickets.enums import Author, Held, Metric, SenderList, Status
from tickets.models import (
    IdentityClaim,
    IdentityMatch,
    Message,
    Participant,
    Ticket,
)
from tickets.policies import lifecycle, spamming, threading
from tickets.policies.threading import Candidate, Placement
from tickets.services import auto_reply, clocks, numbering, recording, sender_lists
from tickets.services.auto_reply import Acknowledgement
from tickets.services.batch import Filed, Letter, Placed, Rows
from tickets.services.surroundings import Surroundings, Thread, mentions

NOTED_ONLY = {Nature.AUTO_REPLY, Nature.BOUNCE, Nature.RECEIPT, Nature.ABUSE_REPORT}


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


class _Run:
    """Letters none of which answers another of them."""

    def __init__(self, letters: Sequence[Letter], *, now: datetime) -> None:
        self.letters, self.now = letters, now
        self.around = Surroundings([(letter.heard, letter.origin) for letter in letters], now=now)
        self.rows = Rows()
        self.changed: dict[int, Ticket] = {}
        self.rules_used: list[int] = []

    def file(self) -> list[Received]:
        placed = [self._place(letter) for letter in self.letters]
        opening = sum(isinstance(each, Placed) and each.placement is Placement.NEW for each in placed)
        self.numbers = numbering.issue(opening, now=self.now)
        done = [each if isinstance(each, Received) else self._file(each) for each in placed]
        self.rows.save()
        for ticket in self.changed.values():
            touch(ticket, now=self.now)
        sender_lists.count(self.rules_used)
        events = [event for each in done if isinstance(each, Filed) for event in each.events()]
        outbox.record(*events, by=REQUESTER.key, now=self.now)
        return [
            each
            if isinstance(each, Received)
            else Received(
                each.outcome, each.reason, each.ticket.pk, each.ticket.number, each.message.pk if each.message else None
            )
            for each in done
        ]

    def _place(self, letter: Letter) -> Placed | Received:
        heard, origin = letter.heard, letter.origin
        if already := self.around.filed.get(origin.raw_id):
            return already
        sender = heard.sender.email
        side = None if self._is_blocked(heard) else self.around.side_of(heard)
        thread, token_facts = (None, ()) if side else self.around.thread_of(heard)
        decision = self._level(letter, thread, token_facts)
        if decision.level is Level.CONTRADICTED and not origin.is_released:
            return Received(Outcome.QUARANTINED, decision.reasons[0])
        if sender and sender == origin.our_address and not origin.is_released:
            return Received(Outcome.REFUSED, "our_own_mail")
        if side is not None:
            return Placed(letter, decision.level, decision.reasons, heard.facts, None, Placement.SIDE, side=side)
        if heard.nature in NOTED_ONLY:
            if thread is None:
                return Received(Outcome.REFUSED, f"{heard.nature.value}_without_ticket")
            placement = Placement.NOTE
        else:
            candidate = None
            if thread is not None:
                takes_part = (thread.ticket.pk, sender) in self.around.speakers
                candidate = Candidate(thread.way, Status(thread.ticket.status), takes_part)
            placement = threading.place(candidate, level=decision.level)
        spam = self._spam(heard, opens=placement is Placement.NEW)
        if spam == "blocked" and not (thread and thread.ticket.is_spam):
            placement = Placement.NEW  # nothing of a blocked sender's comes into a conversation
        if placement is Placement.NEW:
            self.around.note_opened(sender, decision.level)
        facts = (*heard.facts, *token_facts)
        return Placed(letter, decision.level, decision.reasons, facts, thread, placement, spam=spam)

    def _is_blocked(self, heard: InboundMessage) -> bool:
        """What a machine says of a letter of ours is noted, whoever blocked its domain."""
        rule = self.around.rules.get(heard.sender.email)
        return rule is not None and rule.list == SenderList.BLOCK and heard.nature not in NOTED_ONLY

    def _spam(self, heard: InboundMessage, *, opens: bool) -> str:
        rule = self.around.rules.get(heard.sender.email)
        why = spamming.reason(heard.facts, listed=SenderList(rule.list) if rule else None, opens=opens)
        if rule and (why == "blocked" or rule.list == SenderList.ALLOW):
            self.rules_used.append(rule.pk)
        return why

    def _level(self, letter: Letter, thread: Thread | None, token_facts: tuple[Fact, ...]) -> LevelDecision:
        heard, origin = letter.heard, letter.origin
        email, domain = heard.sender.email, heard.sender.domain
        account = thread.ticket.account_id if thread else None
        known = [person for person in self.around.known(email) if account in (None, person.account_id)]
        last = self.around.last_level(email)
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

    def _file(self, placed: Placed) -> Filed:
        if placed.side is not None:
            conversation, ticket = placed.side
            self.changed[ticket.pk] = ticket
            return recording.side_letter(placed, conversation, ticket, rows=self.rows)
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
                return recording.machine_mail(placed, ticket, rows=self.rows, now=self.now)

    def _join(self, placed: Placed, ticket: Ticket) -> Filed:
        """What somebody else who takes part writes stands under his own name and proves nothing of the requester."""
        is_requester = self.around.speakers[ticket.pk, placed.letter.heard.sender.email]
        author, held = (Author.REQUESTER, Held.NO) if is_requester else (Author.OTHER_SENDER, Held.ACCEPTED)
        message = self.rows.write(placed, ticket, author=author, held=held)
        if ticket.is_spam:
            return Filed(Outcome.JOINED, ticket, message, reason="spam")
        if placed.letter.heard.nature is Nature.PERSON:
            ticket.status = lifecycle.after_customer_wrote(Status(ticket.status)).value
            clocks.customer_wrote(ticket, now=self.now)
            ticket.is_unread = True
            ticket.preview = preview_of(message.text)
            if is_requester:
                self._add_evidence(placed, ticket, message, so_far=self.around.evidence[ticket.pk])
        return Filed(Outcome.JOINED, ticket, message)

    def _hold(self, placed: Placed, ticket: Ticket) -> Filed:
        message = self.rows.write(placed, ticket, author=Author.OTHER_SENDER, held=Held.WAITING)
        filed = Filed(Outcome.HELD, ticket, message, reason="spam" if ticket.is_spam else "other_sender")
        if ticket.is_spam:
            return filed
        ticket.held_count += 1
        place = (ticket.pk, placed.letter.heard.sender.email)
        if place not in self.around.acknowledged:
            self.around.acknowledged.add(place)
            filed.acknowledgement = self._acknowledge(placed, ticket, message, requester=None)
        return filed

    def _open(self, placed: Placed) -> Filed:
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
        message = self.rows.write(placed, ticket, author=Author.REQUESTER)
        ticket.subject, ticket.preview = message.subject, preview_of(message.text)
        self._add_evidence(placed, ticket, message, so_far=[])
        filed = Filed(Outcome.OPENED, ticket, message, reason=placed.spam)
        filed.acknowledgement = self._acknowledge(placed, ticket, message, requester=requester)
        return filed

    def _acknowledge(
        self, placed: Placed, ticket: Ticket, message: Message, *, requester: Participant | None
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

    def _add_evidence(self, placed: Placed, ticket: Ticket, message: Message, *, so_far: list[EvidenceItem]) -> None:
        facts = [fact.as_json() for fact in placed.facts]
        self.rows.evidence.append(
            Evidence(ticket=ticket, message=message, kind="mail", level=int(placed.level), at=self.now, facts=facts)
        )
        so_far.append(EvidenceItem(kind="mail", level=placed.level, at=self.now))
        judged = ticket_level(so_far, self.now)
        ticket.level, ticket.level_until = int(judged.level), judged.until


def preview_of(text: str) -> str:
    return " ".join(text[:400].split())[:160]


def touch(ticket: Ticket, *, now: datetime) -> None:
    """Saves a changed, locked ticket: version and time move, so pages and row caches notice."""
    ticket.version += 1
    ticket.updated_at = now
    ticket.save()
