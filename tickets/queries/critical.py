"""Critical actions as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from assurance.models import ActionKind, CriticalAction, Pressure, View
from assurance.policies.critical import BEGIN_ANEW, CATALOGUE, IDENTITY, OPEN, ActionState
from core.trust import Level
from customers.actor import Customer, Right
from customers.queries import numbers_of
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import get_ticket_for
from tickets.numbers import pretty
from tickets.policies.level import level_now

MOST = 20


@dataclass(frozen=True, slots=True)
class KindView:
    code: str
    name_ru: str
    name_en: str
    level: int
    hold_hours: int
    needs_second_person: bool
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustPage:
    """What a colleague may do about who asks. `phones`: ids and last digits of numbers on file."""

    number: str
    pretty_number: str
    subject: str
    level: int
    has_account: bool
    actions: "tuple[ActionView, ...]"
    kinds: tuple[KindView, ...]
    phones: tuple[tuple[int, str], ...]
    pressure: tuple[str, ...]  # reasons; empty is calm
    views: "tuple[ViewEntry, ...]"  # the view log, for those who may take evidence


@dataclass(frozen=True, slots=True)
class ViewEntry:
    who: str  # a colleague, or the name of a program
    is_program: bool
    at: datetime
    fields: str  # "" is the ticket itself
    reason: str


@dataclass(frozen=True, slots=True)
class ActionView:
    public_id: UUID
    code: str
    words: str
    state: str
    level_needed: int
    needs_second_person: bool
    second_by: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    authorised_at: datetime | None
    hold_until: datetime | None
    ended_at: datetime | None
    proof: str
    number: str
    pretty_number: str
    numbers_called: tuple[int, ...]  # points
    account: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def may_be_asked_by_mail(self) -> bool:
        waits = self.state in (ActionState.REQUESTED.value, ActionState.AWAITING_PROOF.value)
        return waits and self.level_needed <= Level.AUTHORISED

    @property
    def begins_anew(self) -> bool:
        return self.code in BEGIN_ANEW

    @property
    def link_may_be_sent(self) -> bool:
        """If he has not begun; the service looks."""
        return self.begins_anew and self.state == ActionState.EXECUTED.value

    @property
    def takes_a_document(self) -> bool:
        return self.code == "recovery" and self.state == ActionState.REQUESTED.value


def catalogue() -> tuple[KindView, ...]:
    """What may be asked for, but for the confirmation of a request, which has a button of its own. One query."""
    kinds = ActionKind.objects.filter(is_active=True).exclude(code=IDENTITY).order_by("level", "id")
    return tuple(
        KindView(
            kind.code,
            kind.name_ru,
            kind.name_en,
            max(kind.level, int(CATALOGUE[kind.code].level)),
            max(kind.hold_hours, int(CATALOGUE[kind.code].hold.total_seconds() // 3600)),
            kind.needs_second_person or CATALOGUE[kind.code].needs_second_person,
            CATALOGUE[kind.code].parameters,
        )
        for kind in kinds
        if kind.code in CATALOGUE
    )


def trust_page(actor: Actor, number: str, *, now: datetime) -> TrustPage:
    """Six queries at most. Raises `NotVisible`."""
    ticket = get_ticket_for(actor, number)
    actions = CriticalAction.objects.filter(ticket=ticket).select_related("kind", "ticket", "account").order_by("-id")
    account = ticket.account_id or 0
    flag = Pressure.objects.filter(account_id=account, lifted_at=None).first()
    return TrustPage(
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        subject=ticket.subject,
        level=int(level_now(ticket.level, ticket.level_until, now=now)),
        has_account=ticket.account_id is not None,
        actions=tuple(map(_view, actions[:MOST])),
        kinds=catalogue(),
        # The last digits alone: whoever calls back dials from the card, never what he was told.
        phones=tuple((pk, f"••• {value[-4:]}") for pk, value in numbers_of(account)),
        pressure=tuple(flag.reasons) if flag else (),
        views=_views(ticket.pk) if actor.may(Perm.TAKE_EVIDENCE) else (),
    )


def _views(ticket_id: int) -> tuple[ViewEntry, ...]:
    rows = View.objects.filter(ticket_id=ticket_id).order_by("-id")
    seen = rows.values_list("staff__name", "program__name", "hour", "fields", "reason")[:100]
    return tuple(
        ViewEntry(staff or program, staff is None, at, fields, reason) for staff, program, at, fields, reason in seen
    )


def actions_for(customer: Customer, *, only_open: bool = False) -> tuple[ActionView, ...]:
    """Of all accounts in which this customer may authorise, the newest first. One query.

    `only_open`: those that wait for an answer, and those that may still be stopped before somebody begins anew.
    """
    found = CriticalAction.objects.filter(account_id__in=customer.accounts(Right.AUTHORISE))
    if only_open:
        asks = Q(state__in=(ActionState.REQUESTED.value, ActionState.AWAITING_PROOF.value))
        found = found.filter(asks | Q(state=ActionState.AUTHORISED.value, kind__code__in=BEGIN_ANEW))
    return tuple(_view(action) for action in found.select_related("kind", "ticket", "account").order_by("-id")[:MOST])


def _view(action: CriticalAction) -> ActionView:
    return ActionView(
        public_id=action.public_id,
        code=action.kind.code,
        words=action.words,
        state=action.state,
        level_needed=action.level_needed,
        needs_second_person=action.needs_second_person,
        second_by=action.second_by,
        requested_by=action.requested_by,
        requested_at=action.requested_at,
        expires_at=action.expires_at,
        authorised_at=action.authorised_at,
        hold_until=action.hold_until,
        ended_at=action.ended_at,
        proof=action.proof,
        number=action.ticket.number,
        pretty_number=pretty(action.ticket.number),
        numbers_called=tuple(action.numbers_called),
        account=action.account.name,
        parameters=tuple(action.parameters.items()),
    )
