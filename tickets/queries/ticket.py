"""Everything on the page of one ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from assurance.access import AccountCard, card
from core.clock import NEVER
from customers.actor import DECIDING
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import get_ticket_for, living_number, visible_to
from tickets.enums import Author, Status
from tickets.models import Ticket, TicketLink
from tickets.numbers import pretty
from tickets.policies.ask_lists import AskList
from tickets.policies.fields import Field
from tickets.policies.level import level_now
from tickets.queries import checklist, composing, promises, timeline
from tickets.queries.ask_lists import ask_list_of, ask_list_rows
from tickets.queries.checklist import ItemView
from tickets.queries.composing import ColleagueDraft, DraftView, RecipientView
from tickets.queries.fields import field_of, field_rows
from tickets.queries.files import FileView
from tickets.queries.promises import PromiseView
from tickets.queries.queue import Person, working_people
from tickets.queries.queues import QueueInfo, queues_of
from tickets.queries.tags import TagView
from tickets.queries.timeline import TimelineItem
from tickets.queries.together import NOTHING, together


@dataclass(frozen=True, slots=True)
class ClockView:
    metric: str
    due_at: datetime | None
    met_at: datetime | None
    state: str  # running | late | paused | met


@dataclass(frozen=True, slots=True)
class ClaimView:
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class MatchView:
    account_id: int
    account_name: str
    certainty: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    number: str
    pretty_number: str
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    id: int
    number: str
    pretty_number: str
    public_id: str
    version: int
    subject: str
    door: str
    channel: str
    our_address: str
    status: str
    kind: str
    impact: int
    urgency: int
    priority: int
    level: int
    level_until: datetime | None
    merged_into: str  # number of the ticket it lives on in, where this actor sees that one
    is_spam: bool
    spam_reason: str
    level_reasons: tuple[str, ...]
    created_at: datetime
    due_at: datetime | None
    queue_slug: str
    queue_name_ru: str
    queue_name_en: str
    tier: int
    assignee_id: int | None
    assignee_name: str
    requester_name: str
    requester_email: str
    details: tuple[tuple[str, str], ...]  # what a form asked beside the words: (code, value)
    request: str  # public id of the letter that began it, "" of none
    language: str
    clocks: tuple[ClockView, ...]
    promises: tuple[PromiseView, ...]
    checklist: tuple[ItemView, ...]
    timeline: tuple[TimelineItem, ...]
    card: AccountCard | None
    claims: tuple[ClaimView, ...]
    matches: tuple[MatchView, ...]
    earlier: tuple[EarlierTicket, ...]
    drafts: dict[str, DraftView] = field(hash=False)
    uploads: tuple[FileView, ...]
    recipients: tuple[RecipientView, ...]
    colleagues: tuple[ColleagueDraft, ...]  # what others are writing here
    signature: str  # as it will stand under a reply of the reader
    fields: tuple[Field, ...]  # all of the desk's own, in their order
    field_values: tuple[tuple[str, str], ...]  # of this ticket, by id of the field
    ask_lists: tuple[AskList, ...]
    service_kind: str  # "" of none on file
    tags: tuple[TagView, ...]
    merged: tuple[EarlierTicket, ...]  # those that went into it
    linked: tuple[EarlierTicket, ...]  # as far as this actor may see them
    offered_tags: tuple[TagView, ...]  # that it does not bear
    queues: tuple[QueueInfo, ...]  # where it may be moved
    people: tuple[Person, ...]  # whom it may be given
    followers: tuple[Person, ...]
    can_work: bool
    keep_reason: str  # why it is kept whatever the rules of retention say
    erased_at: datetime | None  # its words were destroyed then, by this act
    erased_act: int | None
    withheld_reply: str
    actions: tuple[tuple[str, str], ...] = ()  # critical ones that are open: (code, state)
    is_under_pressure: bool = False

    @property
    def is_done(self) -> bool:
        return Status(self.status).is_done

    @property
    def last_message(self) -> int:
        """Id of the newest one shown; 0 when there is none."""
        return max((item.id for item in self.timeline if item.kind not in {"note", "call", "side", "event"}), default=0)

    @property
    def nearest_promise(self) -> PromiseView | None:
        return next((promise for promise in self.promises if promise.state.is_open), None)

    @property
    def asked_count(self) -> int:
        """How much of the customer's checklist is still open."""
        return sum(item.done_at is None for item in self.checklist)

    @property
    def besides(self) -> "TicketPage":
        """What the panels round the conversation show: without what changes with every message or key."""
        return replace(self, version=0, timeline=(), drafts={}, colleagues=(), withheld_reply="", queues=(), people=())


_MOST_ITEMS = 500
_LISTS = {
    "clocks": """
        SELECT metric, due_at, met_at, is_open FROM tickets_clock WHERE ticket_id = %(ticket)s ORDER BY id""",
    "claims": """
        SELECT kind, value FROM tickets_identityclaim WHERE ticket_id = %(ticket)s ORDER BY id""",
    "matches": """
        SELECT account_id, name AS account_name, certainty, claims
        FROM tickets_identitymatch AS match JOIN customers_account AS account ON account.id = account_id
        WHERE ticket_id = %(ticket)s ORDER BY match.id""",
    "uploads": """
        SELECT public_id, filename, content_type, size_bytes FROM tickets_upload
        WHERE ticket_id = %(ticket)s AND staff_id = %(staff)s ORDER BY id""",
    "tags": """
        SELECT tag.id, name, colour, is_active FROM tickets_tickettag JOIN tickets_tag AS tag ON tag.id = tag_id
        WHERE ticket_id = %(ticket)s ORDER BY name""",
    "offered_tags": """
        SELECT id, name, colour FROM tickets_tag WHERE is_active AND NOT EXISTS (
            SELECT 1 FROM tickets_tickettag WHERE ticket_id = %(ticket)s AND tag_id = tickets_tag.id) ORDER BY name""",
    "merged": """
        SELECT number, subject, status FROM tickets_ticket WHERE merged_into_id = %(ticket)s ORDER BY id""",
    "actions": """
        SELECT code, state
        FROM assurance_criticalaction AS action JOIN assurance_actionkind AS kind ON kind.id = kind_id
        WHERE ticket_id = %(ticket)s AND state IN ('requested', 'awaiting_proof', 'authorised') ORDER BY action.id""",
    "pressure": """
        SELECT 1 AS is_raised FROM assurance_pressure WHERE account_id = %(account)s AND lifted_at IS NULL""",
    "followers": """
        SELECT staff.id AS staff_id, name FROM tickets_ticket AS ticket
        JOIN staff_staffprofile AS staff ON staff.id = ANY(followers)
        JOIN users_user ON users_user.id = user_id AND is_active
        WHERE ticket.id = %(ticket)s ORDER BY name""",
    "withheld": """
        SELECT reason FROM tickets_autoreply WHERE ticket_id = %(ticket)s AND form = 'none' ORDER BY id LIMIT 1""",
}


def ticket_page(actor: Actor, number: str, *, now: datetime) -> TicketPage:
    """Everything the ticket page shows. Three queries, whatever the number of messages: the ticket, all that
    belongs to it, the account's card.
    """
    ticket = get_ticket_for(actor, number, also=("assignee",))
    belongs = _belongings(actor, ticket)
    level = level_now(ticket.level, ticket.level_until, now=now)
    asked = next((m for m in belongs["messages"] if m["author"] == Author.REQUESTER), None)
    return TicketPage(
        id=ticket.pk,
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        public_id=str(ticket.public_id),
        version=ticket.version,
        subject=ticket.subject,
        door=ticket.door,
        channel=ticket.channel,
        our_address=ticket.our_address,
        status=ticket.status,
        kind=ticket.kind,
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=ticket.priority,
        level=int(level),
        level_until=ticket.level_until,
        merged_into=_living(actor, ticket) if ticket.merged_into_id else "",
        is_spam=ticket.is_spam,
        spam_reason=ticket.spam_reason,
        level_reasons=tuple(asked["reasons"]) if asked else (),
        created_at=ticket.created_at,
        due_at=None if ticket.due_at == NEVER else ticket.due_at,
        queue_slug=ticket.queue.slug,
        queue_name_ru=ticket.queue.name_ru,
        queue_name_en=ticket.queue.name_en,
        tier=ticket.team.tier,
        assignee_id=ticket.assignee_id,
        assignee_name=ticket.assignee.name if ticket.assignee else "",
        requester_name=ticket.requester_name,
        requester_email="" if ticket.erased_at else ticket.requester_email,
        details=tuple((name, value) for name, value in ticket.details),
        request=asked["public_id"] if asked else "",
        language=ticket.language,
        clocks=tuple(_clock(row, now) for row in belongs["clocks"]),
        promises=promises.of_rows(belongs["promises"], now=now),
        checklist=checklist.of_rows(belongs["checklist"]),
        timeline=timeline.of_ticket(belongs, reader=actor.staff_id),
        card=card(actor, ticket.account_id, level=level) if ticket.account_id else None,
        claims=tuple(ClaimView(**row) for row in belongs["claims"]),
        matches=tuple(MatchView(**row | {"claims": tuple(row["claims"])}) for row in belongs["matches"]),
        earlier=_named(belongs["earlier"]),
        drafts=composing.drafts_of(belongs["drafts"]),
        uploads=tuple(FileView(**row) for row in belongs["uploads"]),
        recipients=tuple(map(composing.recipient, belongs["recipients"])),
        colleagues=composing.of_colleagues(belongs["colleagues"]),
        signature=composing.signature_of(belongs["signature"], ticket),
        merged=_named(belongs["merged"]),
        linked=_named(belongs["linked"]),
        fields=tuple(field_of(row) for row in belongs["fields"]),
        field_values=tuple(ticket.field_values.items()),
        ask_lists=tuple(ask_list_of(row) for row in belongs["ask_lists"]),
        service_kind=next((row["kind"] for row in belongs["service"]), ""),
        tags=tuple(TagView(**row) for row in belongs["tags"]),
        offered_tags=tuple(TagView(**row) for row in belongs["offered_tags"]),
        queues=tuple(QueueInfo(**row) for row in belongs["queues"]),
        people=tuple(Person(**row) for row in belongs["people"]),
        followers=tuple(Person(**row) for row in belongs["followers"]),
        can_work=actor.may(Perm.WORK_TICKETS) and ticket.erased_at is None,
        keep_reason=ticket.keep_reason,
        erased_at=ticket.erased_at,
        erased_act=ticket.erased_act,
        actions=tuple((row["code"], row["state"]) for row in belongs["actions"]),
        is_under_pressure=bool(belongs["pressure"]),
        withheld_reply=next((row["reason"] for row in belongs["withheld"]), ""),
    )


def _named(rows: list[dict[str, Any]]) -> tuple[EarlierTicket, ...]:
    return tuple(EarlierTicket(pretty_number=pretty(row["number"]), **row) for row in rows)


def _living(actor: Actor, ticket: Ticket) -> str:
    number = living_number(ticket)
    return number if visible_to(actor).filter(number=number).exists() else ""


def _belongings(actor: Actor, ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    may_work, may_assign = actor.may(Perm.WORK_TICKETS), actor.may(Perm.ASSIGN_OTHERS)
    lists: dict[str, str | QuerySet[Any, Any]] = {
        **_LISTS,
        **timeline.LISTS,
        **composing.LISTS,
        **promises.LISTS,
        **checklist.LISTS,
        "earlier": _earlier(actor, ticket),
        "linked": _linked(actor, ticket),
        "fields": field_rows(),
        "ask_lists": ask_list_rows().filter(is_active=True) if may_work else NOTHING,
        "service": "SELECT kind FROM customers_service WHERE id = %(service)s",
        "queues": queues_of(actor) if may_work else NOTHING,
        "people": working_people() if may_assign else NOTHING,
    }
    return together(
        lists,
        ticket=ticket.pk,
        account=ticket.account_id,
        contact=ticket.contact_id,
        service=ticket.service_id,
        deciding=DECIDING,
        staff=actor.staff_id,
        queue=ticket.queue_id,
        language=ticket.language,
        stream=f"ticket:{ticket.pk}",
        shown=timeline.SHOWN_EVENTS,
        most=_MOST_ITEMS,
    )


def _linked(actor: Actor, ticket: Ticket) -> QuerySet[Ticket, Any]:
    links = TicketLink.objects.filter(Q(one=ticket) | Q(other=ticket))
    others = visible_to(actor).filter(Q(pk__in=links.values("one")) | Q(pk__in=links.values("other")))
    return others.exclude(pk=ticket.pk).order_by("-id").values("number", "subject", "status")[:20]


def _earlier(actor: Actor, ticket: Ticket) -> str | QuerySet[Ticket, Any]:
    same = Q(account_id=ticket.account_id) if ticket.account_id else Q(requester_email=ticket.requester_email)
    if not ticket.account_id and not ticket.requester_email:
        return NOTHING
    others = visible_to(actor).filter(same).exclude(pk=ticket.pk)
    return others.order_by("-id").values("number", "subject", "status")[:5]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(row: Mapping[str, Any], now: datetime) -> ClockView:
    due_at, met_at = (_time(row[name]) if row[name] else None for name in ("due_at", "met_at"))
    if not row["is_open"]:
        state = "met" if met_at else "paused"
    elif due_at is None:
        state = "paused"
    else:
        state = "late" if due_at < now else "running"
    return ClockView(row["metric"], due_at, met_at, state)
