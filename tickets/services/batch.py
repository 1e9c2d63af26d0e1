"""What a batch of letters adds to the tables, and one letter in it from where it is placed to what became of it."""

from dataclasses import dataclass, field

from assurance.models import Evidence
from core import blobs
from core.trust import Fact, Level
from events.event import DomainEvent
from tickets.contracts import Attachment as InboundAttachment
from tickets.contracts import InboundMessage, Origin, Outcome
from tickets.enums import Author, Direction, Held
from tickets.event_types import (
    AutomaticMailRecorded,
    MessageHeld,
    MessageReceived,
    ReplyQueued,
    SideLetterReceived,
    SpamFiled,
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
from tickets.policies.concern import Why, concerned
from tickets.policies.secrets import is_secret_file
from tickets.policies.threading import Placement
from tickets.services import secrets
from tickets.services.auto_reply import Acknowledgement
from tickets.services.opened import opened_event
from tickets.services.surroundings import Thread


@dataclass(frozen=True, slots=True)
class Letter:
    """A message whose files are stored already; `heard.attachments` hold no bytes any more."""

    heard: InboundMessage
    origin: Origin
    files: tuple[tuple[InboundAttachment, blobs.Blob], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
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
class Filed:
    """What became of one letter."""

    outcome: Outcome
    ticket: Ticket
    message: Message | None
    reason: str = ""
    side_letter: SideLetter | None = None
    acknowledgement: Acknowledgement | None = None

    def events(self) -> list[DomainEvent]:
        """To be recorded once its rows have their ids."""
        ticket, message = self.ticket, self.message
        if self.side_letter is not None:
            letter = self.side_letter
            return [SideLetterReceived(ticket_id=ticket.pk, letter_id=letter.pk, level=letter.level or 0)]
        assert message is not None
        level = message.level or 0
        events: list[DomainEvent] = []
        if ticket.is_spam:
            return [SpamFiled(ticket_id=ticket.pk, message_id=message.pk, reason=ticket.spam_reason)]
        match self.outcome:
            case Outcome.OPENED:
                events = [
                    opened_event(ticket),
                    MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=level),
                ]
            case Outcome.JOINED:
                assignee, followers = (Why.WROTE, [ticket.assignee_id]), (Why.FOLLOWED_WROTE, ticket.followers)
                tells = concerned(assignee, followers, by=None)
                events = [MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=level, tells=tells)]
            case Outcome.HELD:
                events = [MessageHeld(ticket_id=ticket.pk, message_id=message.pk, level=level)]
            case Outcome.RECORDED:
                events = [AutomaticMailRecorded(ticket_id=ticket.pk, message_id=message.pk, nature=message.nature)]
        told = self.acknowledgement
        if told is not None and told.letter is not None:
            copy_ids = tuple(copy.pk for copy in told.copies)
            queued = ReplyQueued(ticket_id=ticket.pk, message_id=told.letter.pk, copy_ids=copy_ids, is_automatic=True)
            events.append(queued)
        return events


@dataclass(slots=True)
class Rows:
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

    def write(self, placed: Placed, ticket: Ticket, *, author: Author, held: Held = Held.NO) -> Message:
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
        self.messages.append(message)
        self.secrets += secrets.taken_out_of(message)
        self.keep_files(placed, message=message)
        return message

    def keep_files(self, placed: Placed, **whose: Message | SideLetter) -> None:
        self.attachments += [
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
                is_secret=is_secret_file(file.filename),
            )
            for file, blob in placed.letter.files
        ]
