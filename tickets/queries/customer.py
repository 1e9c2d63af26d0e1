"""What a customer sees of one ticket. Notes, side letters, held and withdrawn letters have no way into it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from core.clock import NEVER
from customers.actor import DECIDING, Customer
from tickets.access import (
    NotVisible,
    get_ticket_for_customer,
    standing_in,
    visible_to_customer,
    visible_to_programs,
)
from tickets.enums import Author, Direction, Kind, Status
from tickets.models import Attachment, Merge, Message, Ticket
from tickets.numbers import pretty
from tickets.policies.participation import Part, PartRight, Standing, in_order, rights
from tickets.policies.plain_state import PlainState, as_told, plain_state
from tickets.policies.secrets import MARKED
from tickets.policies.told import OF_CONTACT, OF_TICKET, Hidden, Step, Told, steps, types_told
from tickets.queries import checklist, promises
from tickets.queries.brought import not_merged_in
from tickets.queries.checklist import ItemView
from tickets.queries.composing import DECIDES
from tickets.queries.files import FileView
from tickets.queries.promises import PromiseView
from tickets.queries.shown import mark_of, shown_to_customers, status_before_what_is_coming
from tickets.queries.together import NOTHING, together

_MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class CustomerItem:
    kind: str  # message | call
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


@dataclass(frozen=True, slots=True)
class ParticipantView:
    id: int
    who: str
    is_requester: bool
    rights: tuple[PartRight, ...]
    since: datetime


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
    steps: tuple[Step, ...]  # what the journal tells him
    may_write: bool
    door: str
    erased_at: datetime | None  # its words were destroyed then
    is_held: bool = False  # what he writes waits until an agent lets it in
    is_his: bool = False
    may_invite: bool = False
    since: datetime | None = None  # what was said before is not for him
    people: tuple[ParticipantView, ...] = ()
    mark: str = ""  # of what is shown (queries/marks.py)
    on_file: tuple[tuple[int, str], ...] = ()  # of the account, whom he may take in: (id, name)

    @property
    def nearest_promise(self) -> PromiseView | None:
        return next((promise for promise in self.promises if promise.state.is_open), None)

    @property
    def owed_deeds(self) -> tuple[PromiseView, ...]:
        """What he would have to do without if he closed it."""
        return tuple(promise for promise in self.promises if promise.state.is_open and not promise.is_answer)

    @property
    def missing(self) -> tuple[ItemView, ...]:
        """What he may tick off: nothing where he only reads, nor while it is done; open again it asks again."""
        is_open = self.may_write and not self.is_held and not Status(self.status).is_done
        return tuple(item for item in self.checklist if item.done_at is None) if is_open else ()

    @property
    def ended_promises(self) -> tuple[PromiseView, ...]:
        return tuple(promise for promise in self.promises if not promise.state.is_open)


def customer_ticket(customer: Customer, public_id: UUID | str, *, now: datetime) -> CustomerTicket:
    """Everything the panel shows of one ticket. Three queries, two more for who only takes part.

    Raises `NotVisible`.
    """
    ticket = get_ticket_for_customer(customer, public_id)
    return _whole(ticket, standing_in(customer, ticket), now=now)


def is_requesters(number: str, email: str) -> bool:
    """Whether `requesters_ticket` would show it."""
    return _requesters(number, email) is not None


def any_ticket(public_id: UUID | str, *, now: datetime) -> CustomerTicket:
    """The same for the provider's own programs, whoever's it is. Raises `NotVisible`."""
    ticket = _living(visible_to_programs(), visible_to_programs().filter(public_id=public_id).first())
    if ticket is None:
        raise NotVisible(public_id)
    return _whole(ticket, _READER, now=now)


def any_file(file_public_id: UUID | str, *, now: datetime) -> FileView:
    """A file of a message that programs see, none that is kept closed. Raises `NotVisible`."""
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
    return _whole(ticket, _REQUESTER, now=now)


def _requesters(number: str, email: str) -> Ticket | None:
    """A merged one stands for that into which it went, if that is his, too.

    Of a restricted ticket, and of spam, even the requester is told nothing.
    """
    his = Ticket.objects.exclude(kind=Kind.RESTRICTED.value).filter(requester_email=email, is_spam=False)
    return _living(his, his.filter(number=number).first() if email else None)


def _living(seen: QuerySet[Ticket], ticket: Ticket | None) -> Ticket | None:
    """Into which it went in the end, if that is among those seen, too."""
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = seen.filter(pk=ticket.merged_into_id).first()
    return ticket


def own_tickets(customer: Customer, *, now: datetime) -> Iterator[CustomerTicket]:
    """Each request he opened himself, for him to take away."""
    own = visible_to_customer(customer).filter(contact_id=customer.contact_id, merged_into=None).order_by("id")
    for ticket in own.iterator(50):
        yield _whole(ticket, standing_in(customer, ticket), now=now)


def customer_file(
    customer: Customer, ticket_public_id: UUID | str, file_public_id: UUID | str, *, now: datetime
) -> FileView:
    """A file of a message he sees, none that is kept closed. Raises `NotVisible`."""
    ticket = get_ticket_for_customer(customer, ticket_public_id)
    return _file_of(ticket.pk, file_public_id, since=standing_in(customer, ticket).since, now=now)


def requesters_file(number: str, email: str, file_public_id: UUID | str, *, now: datetime) -> FileView:
    return _file_of(requesters_ticket(number, email, now=now).id, file_public_id, now=now)


def _file_of(ticket_id: int, file_public_id: UUID | str, *, since: datetime | None = None, now: datetime) -> FileView:
    shown = _shown(ticket_id, since=since, now=now)
    found = Attachment.objects.filter(public_id=file_public_id, message__in=shown, is_secret=False).first()
    if found is None:
        raise NotVisible(file_public_id)
    return FileView(str(found.public_id), found.filename, found.content_type, found.size_bytes, digest=found.digest)


def _shown(ticket_id: int, *, since: datetime | None = None, now: datetime) -> QuerySet[Message]:
    """In one ticket; `since` for whoever joined then."""
    shown = shown_to_customers(now=now).filter(ticket_id=ticket_id)
    if since is None:
        return shown
    merged = Merge.objects.filter(target_id=ticket_id, undone_at=None).values_list("message_ids", flat=True)
    of_others = [message_id for ids in merged for message_id in ids]  # said in a ticket in which he took no part
    return shown.filter(created_at__gte=since).exclude(pk__in=of_others)


_EVENTS = """
    SELECT id, type, at, data FROM events_event JOIN events_eventpayload ON event_id = id
    WHERE stream = %(stream)s AND type = ANY(%(shown)s) AND at >= coalesce(%(since)s, '-infinity'::timestamptz)
    ORDER BY sequence DESC LIMIT %(most)s"""
_PEOPLE = f"""
    SELECT id, email, name, is_requester, may_reply, added_at, {DECIDES} AS decides FROM tickets_participant AS part
    WHERE ticket_id = %(ticket)s AND dropped_at IS NULL ORDER BY is_requester DESC, id"""  # noqa: S608 - words of ours
_ON_FILE = """
    SELECT id, concat_ws(' ', nullif(given_name, ''), nullif(surname, '')) AS name FROM customers_contact AS person
    WHERE id IS DISTINCT FROM %(contact)s
    AND id IN (SELECT contact_id FROM customers_contactrole WHERE account_id = %(account)s)
    AND id IN (SELECT contact_id FROM customers_contactpoint WHERE account_id = %(account)s AND kind = 'email')
    AND NOT EXISTS (SELECT 1 FROM tickets_participant
        WHERE ticket_id = %(ticket)s AND contact_id = person.id AND dropped_at IS NULL) ORDER BY name, id"""
_CALLS = f"""
    SELECT id, started_at, CASE WHEN is_for_customer THEN summary ELSE '' END AS summary FROM tickets_call
    WHERE ticket_id = %(ticket)s AND ended_at IS NOT NULL AND disposition <> ALL(%(unspoken)s)
    AND started_at >= coalesce(%(since)s, '-infinity'::timestamptz) AND {not_merged_in("note_ids", "note_id")}
    ORDER BY id"""  # noqa: S608 - words of ours
_UNSPOKEN = ["wrong_number", "nuisance", "pressure"]
_READER = Standing(frozenset({PartRight.SEE}), None, is_his=False, may_invite=False)
_REQUESTER = replace(_READER, rights=frozenset({PartRight.SEE, PartRight.REPLY}))


def _whole(ticket: Ticket, standing: Standing, *, now: datetime) -> CustomerTicket:
    messages = _shown(ticket.pk, since=standing.since, now=now).order_by("-id")
    files = Attachment.objects.filter(message__in=messages.order_by()).order_by("id")
    belongs = together(
        {
            "messages": messages.values(
                "id", "public_id", "direction", "author", "level", "reasons", "sender_name", "sender_email", "text",
                "quoted_text", "created_at", public_name=F("staff__public_name"),
            )[:_MOST_ITEMS],
            "files": files.values("message_id", "public_id", "filename", "content_type", "size_bytes", "is_secret"),
            "events": _EVENTS,
            "calls": _CALLS,
            **promises.TOLD,
            **checklist.TOLD,
            "service": "SELECT name FROM customers_service WHERE id = %(service)s",
            "coming": Ticket.objects.filter(pk=ticket.pk).values(before=status_before_what_is_coming(now=now)),
            "newest": _shown(ticket.pk, now=now).order_by("-id").values("id")[:1],
            "people": _PEOPLE,
            "on_file": _ON_FILE if standing.may_invite else NOTHING,
        },
        ticket=ticket.pk,
        account=ticket.account_id,
        contact=ticket.contact_id,
        deciding=DECIDING,
        since=standing.since,
        stream=f"ticket:{ticket.pk}",
        shown=types_told(OF_TICKET),
        unspoken=_UNSPOKEN,
        most=_MOST_ITEMS,
        now=now,
        service=ticket.service_id,
    )  # fmt: skip
    before = next((row["before"] for row in belongs["coming"]), None)
    status = as_told(Status(ticket.status), before and Status(before))
    return CustomerTicket(
        id=ticket.pk,
        public_id=str(ticket.public_id),
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        subject=ticket.subject,
        state=plain_state(status),
        status=status.value,
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
        promises=tuple(
            promise
            for promise in promises.of_rows(belongs["promises"], now=now)
            if standing.since is None or promise.made_at >= standing.since
        ),
        checklist=tuple(
            item
            for item in checklist.of_rows(belongs["checklist"])
            if standing.since is None or item.asked_at >= standing.since
        ),
        details=() if standing.since else tuple((name, MARKED.sub("•••", value)) for name, value in ticket.details),
        items=_items(belongs if ticket.erased_at is None else belongs | {"messages": []}),
        steps=_steps(belongs["events"], OF_TICKET, decides=PartRight.AUTHORISE in standing.rights, now=now),
        may_write=ticket.erased_at is None and (PartRight.REPLY in standing.rights or standing.since is not None),
        door=ticket.door,
        erased_at=ticket.erased_at,
        is_held=PartRight.REPLY not in standing.rights,
        is_his=standing.is_his and ticket.erased_at is None,
        may_invite=standing.may_invite and ticket.erased_at is None,
        since=standing.since,
        people=tuple(map(_person, belongs["people"])),
        mark=mark_of(
            status.value,
            ticket.due_at,
            _promised(belongs["promises"]),
            next((row["id"] for row in belongs["newest"]), 0),
        ),
        on_file=tuple((row["id"], row["name"]) for row in belongs["on_file"]),
    )


def _promised(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    return len(rows), sum(row["kept_at"] is not None or row["withdrawn_at"] is not None for row in rows)


def _person(row: Mapping[str, Any]) -> ParticipantView:
    part = Part(row["is_requester"], row["may_reply"], decides=row["decides"])
    since = datetime.fromisoformat(row["added_at"])
    return ParticipantView(row["id"], row["name"] or row["email"], row["is_requester"], in_order(rights(part)), since)


def _items(belongs: Mapping[str, Iterable[Mapping[str, Any]]]) -> tuple[CustomerItem, ...]:
    files: dict[int, list[FileView]] = defaultdict(list)
    for f in belongs["files"]:
        files[f["message_id"]].append(
            FileView(f["public_id"], f["filename"], f["content_type"], f["size_bytes"], is_secret=f["is_secret"])
        )
    items = [_message(m, tuple(files[m["id"]])) for m in belongs["messages"]]
    items += [
        CustomerItem("call", datetime.fromisoformat(c["started_at"]), c["id"], text=c["summary"])
        for c in belongs["calls"]
    ]
    return tuple(sorted(items, key=lambda item: (item.at, item.id)))


def _steps(
    rows: Iterable[Mapping[str, Any]], table: Mapping[str, Told | Hidden], *, decides: bool = False, now: datetime
) -> tuple[Step, ...]:
    read = ({**row, "at": datetime.fromisoformat(row["at"])} for row in rows)
    return tuple(steps(read, table, decides=decides, now=now))


def own_steps(customer: Customer, *, now: datetime) -> tuple[Step, ...]:
    """What the journal tells of himself. One query."""
    told = types_told(OF_CONTACT)
    read = together({"events": _EVENTS}, stream=customer.key, shown=told, most=_MOST_ITEMS, since=None)
    return _steps(read["events"], OF_CONTACT, now=now)


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
