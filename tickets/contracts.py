"""The shapes in which doors speak to the ticket room and the ticket room to doors.

Everything here is a frozen dataclass of plain values: a driver builds an `InboundMessage` without
knowing any table, and sends an `OutboundMessage` without knowing any ticket.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.trust import Fact
from tickets.enums import Kind


class Nature(StrEnum):
    """What wrote a message. Only a PERSON is ever answered automatically."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # vacation, out of office, autoresponder
    BOUNCE = "bounce"  # delivery status notification
    RECEIPT = "receipt"  # read receipt (MDN)
    ABUSE_REPORT = "abuse_report"  # feedback report (ARF)
    LIST = "list"  # mailing list or bulk mail
    MACHINE = "machine"  # any other automatic mail: null return path, monitoring, cron


@dataclass(frozen=True, slots=True)
class Address:
    """`email`: lower-case local part at an A-label domain, "" when nothing parses.

    `name` is the decoded display name ("" if none); `literal` is the header as it came, decoded for display.
    """

    email: str
    name: str = ""
    literal: str = ""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along. `content_type` is judged from the content, not believed from the label."""

    filename: str  # no path parts or control characters, unique in its message, at most 255 bytes of UTF-8
    content_type: str
    content: bytes
    content_id: str = ""  # without angle brackets
    content_location: str = ""
    is_inline: bool = False  # referred to by the HTML body
    is_damaged: bool = False  # its encoding was broken, kept as far as it could be read
    note: str = ""  # reason code for people: "encrypted", "signature", "unreadable", "nested_mail", "invitation"...


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    address: str
    status: str = ""  # RFC 3463 code such as 5.1.1, "" if the report names none
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a door understood of one raw message."""

    sender: Address
    received_at: datetime
    subject: str = ""
    text: str = ""  # what this person newly wrote
    quoted_text: str = ""  # quoted history and signature, folded on the page
    html: str = ""  # as received, decoded; sanitised only when shown
    language: str = ""  # "ru", "en" or "" when the text does not tell
    nature: Nature = Nature.PERSON
    nature_reasons: tuple[str, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    recipients_left_out: int = 0  # addresses beyond the first hundred, counted but not kept
    message_id: str = ""  # without angle brackets, "" if missing
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None  # the Date header; shown, never computed with
    reply_tokens: tuple[str, ...] = ()  # tokens found in recipient addresses, most specific first
    attachments: tuple[Attachment, ...] = ()
    facts: tuple[Fact, ...] = ()
    bounced: tuple[BouncedRecipient, ...] = ()
    bounced_message_ids: tuple[str, ...] = ()  # Message-IDs of ours that the report returns
    remarks: tuple[str, ...] = ()  # codes of what had to be repaired: "unknown_charset", "nul_bytes"...


@dataclass(frozen=True, slots=True)
class OutboundAttachment:
    filename: str
    content_type: str
    digest: str  # of the blob in core.blobs
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A PNG that the HTML of a letter shows as `cid:<content_id>`."""

    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One copy for one recipient, complete: sending it twice sends identical words with one Message-ID."""

    message_id: str  # without angle brackets, fixed when queued
    sender: Address
    recipient: Address
    reply_to: str  # signed reply address of this recipient and ticket
    date: datetime  # when it was queued
    subject: str
    text: str
    html: str = ""
    to: tuple[Address, ...] = ()  # everybody the letter names, whichever of them this copy is for
    cc: tuple[Address, ...] = ()
    language: str = "en"
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    is_automatic: bool = False  # null return path, Auto-Submitted: auto-replied
    attachments: tuple[OutboundAttachment, ...] = ()
    logo: InlineImage | None = None
    channel: str = ""  # slug of the channel that shall send it


class SendStatus(StrEnum):
    SENT = "sent"
    FAILED_TEMPORARILY = "failed_temporarily"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # the server had the whole message and did not answer


@dataclass(frozen=True, slots=True)
class SendReceipt:
    status: SendStatus
    code: str = ""  # SMTP code, or a reason code such as "connection_refused"
    detail: str = ""  # the server's words, for the agent
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """By which door an `InboundMessage` came, as far as the ticket room needs to know."""

    channel: str  # slug of the channel, e.g. "support-mail"
    door: str  # "email", "form", ...: the icon and the word on the page
    queue: str  # slug of the queue new tickets go to
    our_address: str  # the address of ours it was sent to
    raw_id: str = ""  # public id of the stored raw message
    stable_id: str = ""  # digest that stands in for a missing Message-ID
    envelope_from: str | None = None  # "" is the null return path
    is_local: bool = False  # loopback or trusted relay: exempt from limits by IP
    is_released: bool = False  # an agent has looked at it in quarantine and wants it as a ticket


class Outcome(StrEnum):
    OPENED = "opened"
    JOINED = "joined"
    HELD = "held"  # other sender: an agent accepts or refuses
    RECORDED = "recorded"  # bounce or automatic mail noted at its ticket
    QUARANTINED = "quarantined"  # nothing written; the raw message waits for a person
    REFUSED = "refused"  # counted, with its reason; nothing written


@dataclass(frozen=True, slots=True)
class Received:
    outcome: Outcome
    reason: str = ""
    ticket_id: int | None = None
    ticket_number: str = ""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Its bytes are stored already; the row that names them comes with what it belongs to."""

    filename: str
    content_type: str
    digest: str  # of the blob in core.blobs
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What somebody typed into a form, the control panel or another's panel, to open a ticket.

    `contact_id` and `account_id` come from a session or a claim that `facts` tell of, never from typing.
    """

    request_id: UUID  # sent twice it opens one ticket
    door: str  # "form" | "panel" | "api"
    queue: str  # slug
    our_address: str  # from which we answer; "" where the desk has none yet
    kind: Kind
    subject: str
    text: str
    details: Sequence[tuple[str, str]] = ()  # what was filled in beside the words: (code or label, value)
    name: str = ""
    email: str = ""  # normal form
    phone: str = ""
    login: str = ""
    contract: str = ""
    domain: str = ""
    contact_id: int | None = None
    account_id: int | None = None
    service_id: int | None = None
    language: str = ""
    files: Sequence[StoredFile] = ()
    facts: Sequence[Fact] = ()
    secret: str = field(default="", repr=False)  # for one look of an agent


@dataclass(frozen=True, slots=True)
class Opened:
    ticket_id: int
    number: str
    public_id: UUID
    is_new: bool  # False: this request had opened it before


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed to go on with his ticket."""

    request_id: UUID  # sent twice it is written once
    text: str
    files: Sequence[StoredFile] = ()
    facts: Sequence[Fact] = ()
    secret: str = field(default="", repr=False)  # for one look of an agent
