"""What a customer sees of tickets. Notes, side letters, held and withdrawn letters have no way into it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from core.clock import NEVER
from core.models import key
from customers.actor import Customer, Right
from tickets.access import NotVisible, get_ticket_for_customer, visible_to_customer, visible_to_programs
from tickets.enums import Author, Direction, Held, Kind, Status
from tickets.models import Attachment, Message, Ticket
from tickets.numbers import pretty
from tickets.policies import letter_code
from tickets.policies.plain_state import PlainState, plain_state, statuses_of
from tickets.policies.secrets import MARKED
from tickets.queries import checklist, promises
from tickets.queries.checklist import ItemView
from tickets.queries.files import FileView
from tickets.queries.promises import PromiseView
from tickets.queries.together import together

PAGE = 25
_MOST_ITEMS = 500
_MOST_WALKS = 8
LETTERS_OF = timedelta(days=30)
_MOST_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: int  # the key of the next page
    public_id: str
    number: str
    pretty_number: str
    subject: str
    state: PlainState
    status: str
    account_id: int | None
    account: str  # what the provider's own system calls it, "" if it calls it nothing
    service: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None  # when we promised the next answer; None: nothing of ours is due
    is_erased: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    rows: tuple[CustomerRow, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class CustomerItem:
    kind: str  # message | call | event
    at: datetime
    id: int
    public_id: str = ""
    is_ours: bool = False
    is_automatic: bool = False
    author: str = ""  # "" of an automatic letter
    level: int | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    files: tuple[FileView, ...] = ()
    event_type: str = ""
    event_data: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class CustomerTicket:
    id: int
    public_id: str
    number: str
    pretty_number: str
    subject: str
    state: PlainState
    status: str
    kind: str
    level: int
    account_id: int | None
    service: str
    language: str
    version: int
    requester_name: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    promises: tuple[PromiseView, ...]
    checklist: tuple[ItemView, ...]
    details: tuple[tuple[str, str], ...]
    items: tuple[CustomerItem, ...]
    may_write: bool
    door: str
    erased_at: datetime | None  # its words were destroyed then

    @property
    def nearest_promise(self) -> PromiseView | None:
        return next((promise for promise in self.promises if promise.state.is_open), None)

    @property
    def missing(self) -> tuple[ItemView, ...]:
        """What he may tick off: nothing at a closed ticket, nor where he only reads."""
        is_open = self.may_write and self.status != Status.CLOSED
        return tuple(item for item in self.checklist if item.done_at is None) if is_open else ()

    @property
    def ended_promises(self) -> tuple[PromiseView, ...]:
        return tuple(promise for promise in self.promises if not promise.state.is_open)


def tickets_of(
    customer: Customer,
    *,
    account_id: int | None = None,
    states: Collection[PlainState] | None = None,
    service_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> CustomerPage:
    """The newest first, paged by id. One query."""
    tickets = visible_to_customer(customer).filter(merged_into=None)
    if account_id is not None:
        tickets = tickets.filter(account_id=account_id)
    if service_id is not None:
        tickets = tickets.filter(service_id=service_id)
    if states is not None:
        tickets = tickets.filter(status__in=[status for state in states for status in statuses_of(state)])
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
    found = [_row(row) for row in _newest(tickets, customer, limit + 1)]
    return CustomerPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _newest(tickets: QuerySet[Ticket], customer: Customer, most: int) -> QuerySet[Ticket, Any]:
    """Each account is walked along its own index: what is visible by one reason or another stands in none.

    Many accounts are asked together, for so many walks would take longer to plan than to go.
    """
    seen = customer.accounts(Right.SEE)
    walks = [tickets.filter(account_id=account) for account in seen]
    if len(seen) > _MOST_WALKS:
        walks = [tickets.filter(account_id__in=seen)]
    elsewhere = Q(account=None) | ~Q(account_id__in=seen)
    walks.append(tickets.filter(elsewhere, contact_id=customer.contact_id))
    first, *others = (_values(walk.order_by("-id"))[:most] for walk in walks)
    return first.union(*others, all=True).order_by("-id")[:most] if others else first


def tickets_of_all(*, account_id: int | None = None, before: int | None = None, limit: int = PAGE) -> CustomerPage:
    """The same of all customers, for the provider's own programs. One query."""
    tickets = visible_to_programs().filter(merged_into=None)
    if account_id is not None:
        tickets = tickets.filter(account_id=account_id)
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
    found = [_row(row) for row in _values(tickets.order_by("-id"))[: limit + 1]]
    return CustomerPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def similar_to(customer: Customer, words: str, *, account_id: int, limit: int = 3) -> tuple[CustomerRow, ...]:
    """Open tickets of this account whose subject shares a word of four letters or more with `words`. One query."""
    wanted = Q()
    for word in sorted({word for word in words.lower().split() if len(word) > 3}, key=len, reverse=True)[:6]:
        wanted |= Q(subject__icontains=word)
    if not wanted:
        return ()
    open_ones = visible_to_customer(customer).filter(
        wanted, account_id=account_id, merged_into=None, status__in=statuses_of(PlainState.WORKING)
    )
    return tuple(_row(row) for row in _values(open_ones.order_by("-id"))[:limit])


def customer_ticket(customer: Customer, public_id: UUID | str, *, now: datetime) -> CustomerTicket:
    """Everything the panel shows of one ticket. Three queries. Raises `NotVisible`."""
    ticket = get_ticket_for_customer(customer, public_id)
    may_write = ticket.contact_id == customer.contact_id or customer.may(ticket.account_id, Right.ASK)
    return _whole(ticket, may_write=may_write, now=now)


def is_requesters(number: str, email: str) -> bool:
    """Whether `requesters_ticket` would show it."""
    return _requesters(number, email) is not None


def any_ticket(public_id: UUID | str, *, now: datetime) -> CustomerTicket:
    """The same for the provider's own programs, whoever's it is. Raises `NotVisible`."""
    ticket = visible_to_programs().filter(public_id=public_id).select_related("merged_into").first()
    if ticket is None:
        raise NotVisible(public_id)
    return _whole(ticket.merged_into or ticket, may_write=False, now=now)


def any_file(file_public_id: UUID | str, *, now: datetime) -> FileView:
    """A file of a message that programs see. Raises `NotVisible`."""
    files = Attachment.objects.filter(public_id=file_public_id, message__ticket__in=visible_to_programs())
    ticket_id = files.values_list("message__ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotVisible(file_public_id)
    return _file_of(ticket_id, file_public_id, now=now)


def requesters_ticket(number: str, email: str, *, now: datetime) -> CustomerTicket:
    """The same for whoever proved to read the mail of the ticket's own address. Raises `NotVisible`."""
    ticket = _requesters(number, email)
    if ticket is None:
        raise NotVisible(number)
    return _whole(ticket, may_write=True, now=now)


def _requesters(number: str, email: str) -> Ticket | None:
    """A merged one stands for that into which it went, if that is his, too.

    Of a restricted ticket, and of spam, even the requester is told nothing.
    """
    his = Ticket.objects.exclude(kind=Kind.RESTRICTED.value).filter(requester_email=email, is_spam=False)
    ticket = his.filter(number=number).first() if email else None
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = his.filter(pk=ticket.merged_into_id).first()
    return ticket


def own_tickets(customer: Customer, *, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Number and contents of each request he opened himself, for him to take away."""
    own = visible_to_customer(customer).filter(contact_id=customer.contact_id, merged_into=None).order_by("id")
    for ticket in own.iterator(50):
        told = _whole(ticket, may_write=False, now=now)
        yield ticket.number, asdict(told)


def customer_file(
    customer: Customer, ticket_public_id: UUID | str, file_public_id: UUID | str, *, now: datetime
) -> FileView:
    """A file of a message he sees. Raises `NotVisible`."""
    return _file_of(get_ticket_for_customer(customer, ticket_public_id).pk, file_public_id, now=now)


def requesters_file(number: str, email: str, file_public_id: UUID | str, *, now: datetime) -> FileView:
    return _file_of(requesters_ticket(number, email, now=now).id, file_public_id, now=now)


def _file_of(ticket_id: int, file_public_id: UUID | str, *, now: datetime) -> FileView:
    found = Attachment.objects.filter(public_id=file_public_id, message__in=_shown(ticket_id, now=now)).first()
    if found is None:
        raise NotVisible(file_public_id)
    return FileView(str(found.public_id), found.filename, found.content_type, found.size_bytes, digest=found.digest)


@dataclass(frozen=True, slots=True)
class OurLetter:
    pretty_number: str
    subject: str
    at: datetime


def letter_with_code(customer: Customer, account_id: int, typed: str, *, now: datetime) -> OurLetter | None:
    """The letter of ours that has this code, if it is of the last month and he sees its ticket. One query."""
    digits = "".join(filter(str.isdigit, typed))
    if len(digits) != letter_code.DIGITS:
        return None
    ours = Message.objects.filter(
        ticket__in=visible_to_customer(customer).filter(account_id=account_id, updated_at__gt=now - LETTERS_OF),
        author=Author.AGENT.value,
        created_at__gt=now - LETTERS_OF,
        withdrawn_at=None,
    ).order_by("-id")
    secret = key("letter-codes")
    for public_id, number, subject, at in ours.values_list(
        "public_id", "ticket__number", "ticket__subject", "created_at"
    )[:_MOST_LETTERS]:
        if letter_code.letter_code(public_id, key=secret).replace(" ", "") == digits:
            return OurLetter(pretty(number), subject, at)
    return None


def _shown(ticket_id: int, *, now: datetime) -> QuerySet[Message]:
    """What was said to or by the customer and has left us."""
    held = Q(held__in=(Held.WAITING.value, Held.REFUSED.value))
    machine = Q(direction=Direction.INBOUND.value, author=Author.SYSTEM.value)
    may_be_taken_back = Q(leaves_at__gt=now)
    shown = Message.objects.filter(ticket_id=ticket_id, withdrawn_at=None)
    return shown.exclude(held | machine).exclude(may_be_taken_back)


_EVENTS = """
    SELECT id, type, at, data FROM events_event JOIN events_eventpayload ON event_id = id
    WHERE stream = %(stream)s AND type = ANY(%(shown)s) ORDER BY sequence DESC LIMIT %(most)s"""
_CALLS = """
    SELECT id, started_at, CASE WHEN is_for_customer THEN summary ELSE '' END AS summary FROM tickets_call
    WHERE ticket_id = %(ticket)s AND ended_at IS NOT NULL AND disposition <> ALL(%(unspoken)s) ORDER BY id"""
_UNSPOKEN = ["wrong_number", "nuisance", "pressure"]
SHOWN_TO_CUSTOMERS = ["TicketOpened", "StatusChanged"]


def _whole(ticket: Ticket, *, may_write: bool, now: datetime) -> CustomerTicket:
    messages = _shown(ticket.pk, now=now).order_by("-id")
    files = Attachment.objects.filter(message__in=_shown(ticket.pk, now=now)).order_by("id")
    belongs = together(
        {
            "messages": messages.values(
                "id", "public_id", "direction", "author", "level", "reasons", "sender_name", "sender_email", "text",
                "quoted_text", "created_at", public_name=F("staff__public_name"),
            )[:_MOST_ITEMS],
            "files": files.values("message_id", "public_id", "filename", "content_type", "size_bytes", "digest"),
            "events": _EVENTS,
            "calls": _CALLS,
            **promises.TOLD,
            **checklist.TOLD,
            "service": "SELECT name FROM customers_service WHERE id = %(service)s",
        },
        stream=f"ticket:{ticket.pk}",
        shown=SHOWN_TO_CUSTOMERS,
        ticket=ticket.pk,
        unspoken=_UNSPOKEN,
        most=_MOST_ITEMS,
        now=now,
        service=ticket.service_id,
    )  # fmt: skip
    return CustomerTicket(
        id=ticket.pk,
        public_id=str(ticket.public_id),
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        subject=ticket.subject,
        state=plain_state(Status(ticket.status)),
        status=ticket.status,
        kind=ticket.kind,
        level=ticket.level,
        account_id=ticket.account_id,
        service=next((row["name"] for row in belongs["service"]), ""),
        language=ticket.language,
        version=ticket.version,
        requester_name=ticket.requester_name,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        due_at=None if ticket.due_at == NEVER else ticket.due_at,
        promises=promises.of_rows(belongs["promises"], now=now),
        checklist=checklist.of_rows(belongs["checklist"]),
        details=tuple((name, value) for name, value in ticket.details),
        items=_items(belongs if ticket.erased_at is None else belongs | {"messages": []}),
        may_write=may_write and ticket.erased_at is None,
        door=ticket.door,
        erased_at=ticket.erased_at,
    )


def _items(belongs: Mapping[str, Iterable[Mapping[str, Any]]]) -> tuple[CustomerItem, ...]:
    files: dict[int, list[FileView]] = defaultdict(list)
    for f in belongs["files"]:
        files[f["message_id"]].append(
            FileView(f["public_id"], f["filename"], f["content_type"], f["size_bytes"], digest=f["digest"])
        )
    items = [_message(m, tuple(files[m["id"]])) for m in belongs["messages"]]
    items += [
        CustomerItem("call", datetime.fromisoformat(c["started_at"]), c["id"], text=c["summary"])
        for c in belongs["calls"]
    ]
    items += [
        CustomerItem("event", datetime.fromisoformat(e["at"]), e["id"], event_type=e["type"], event_data=e["data"])
        for e in belongs["events"]
    ]
    return tuple(sorted(items, key=lambda item: (item.at, item.kind == "event", item.id)))


def _message(m: Mapping[str, Any], files: tuple[FileView, ...]) -> CustomerItem:
    is_ours = m["direction"] == Direction.OUTBOUND
    is_automatic = m["author"] == Author.SYSTEM
    return CustomerItem(
        "message",
        datetime.fromisoformat(m["created_at"]),
        m["id"],
        str(m["public_id"]),
        is_ours=is_ours,
        is_automatic=is_automatic,
        author="" if is_automatic else m["public_name"] or m["sender_name"] or m["sender_email"],
        level=m["level"],
        reasons=tuple(m["reasons"]),
        text=MARKED.sub("•••", m["text"]),
        quoted=MARKED.sub("•••", m["quoted_text"]),
        files=files,
    )


def _values(tickets: QuerySet[Ticket]) -> QuerySet[Ticket, Any]:
    return tickets.values(
        "id", "public_id", "number", "subject", "status", "account_id", "created_at", "updated_at", "due_at",
        "erased_at", service_name=F("service__name"), account_name=F("account__external_id"),
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> CustomerRow:
    return CustomerRow(
        id=row["id"],
        public_id=str(row["public_id"]),
        number=row["number"],
        pretty_number=pretty(row["number"]),
        subject=row["subject"],
        state=plain_state(Status(row["status"])),
        status=row["status"],
        account_id=row["account_id"],
        account=row["account_name"] or "",
        service=row["service_name"] or "",
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        due_at=None if row["due_at"] == NEVER else row["due_at"],
        is_erased=row["erased_at"] is not None,
    )
