"""What every step of an action does: lock in one order, move the ticket, tell those on file."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from assurance.access import administrative_address
from assurance.models import Confirmation, CriticalAction, Evidence
from assurance.policies import critical as rules
from assurance.policies.critical import ActionState, Standing
from assurance.services import letters, pressure
from core.models import key
from core.trust import Level
from customers.actor import Customer, Right
from customers.queries import customer_at, numbers_of
from events import outbox
from staff.actor import Actor
from staff.queries import colleague
from staff.roles import Perm
from tickets.access import NotVisible, visible_to
from tickets.enums import Status
from tickets.event_types import (
    ActionEnded,
    StatusChanged,
)
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.services import levels
from tickets.services.clocks import Clocks
from tickets.services.intake import touch


def standing(action: CriticalAction, *, weighs: bool = False) -> Standing:
    done = _done_before(action.account_id) if weighs else {}
    begins_anew = weighs and action.kind.code in rules.BEGIN_ANEW
    return Standing(
        kind=action.kind.code,
        state=action.state,
        level_needed=Level(action.level_needed),
        needs_second_person=action.needs_second_person,
        requested_by=action.requested_by,
        second_by=action.second_by,
        authorised_at=action.authorised_at,
        hold_until=action.hold_until,
        expires_at=action.expires_at,
        is_under_pressure=pressure.is_raised(action.account_id) if weighs else False,
        weighty_done_at=done.get("weighty"),
        begun_anew_at=done.get("anew"),
        prover_decides=_prover_decides(action) if weighs else True,
        numbers_left=len(numbers_left(action)) if begins_anew else 0,
    )


def _prover_decides(action: CriticalAction) -> bool:
    """A hold is there to be stopped: what somebody proved is worth nothing once he was taken from the account."""
    _kind, _colon, pk = action.authorised_by.partition(":")
    if action.proof == "panel":
        contact = customer_at(int(pk))
        return contact is not None and contact.may(action.account_id, Right.AUTHORISE)
    if action.proof == "administrative_mail":
        return is_on_file(Confirmation.objects.get(pk=int(pk)).email, action.account_id)
    return True  # a document is nobody's who could be removed


def is_on_file(email: str, account_id: int) -> bool:
    """Whether it is the administrative address today: a question that was mailed outlives a change of it."""
    address = administrative_address(account_id)
    return address is not None and address.email == email


def _done_before(account_id: int) -> dict[str, datetime | None]:
    of_account = CriticalAction.objects.filter(account_id=account_id, state=ActionState.EXECUTED.value)
    anew = Q(kind__code__in=rules.BEGIN_ANEW)
    return of_account.filter(kind__code__in=rules.WEIGHTY).aggregate(
        weighty=Max("ended_at"), anew=Max("ended_at", filter=anew)
    )


def begun_anew_at(account_id: int) -> datetime | None:
    """When somebody of the account last began anew."""
    return _done_before(account_id)["anew"]


def numbers_left(action: CriticalAction) -> list[int]:
    """Points with a number that nobody has called yet about it."""
    return [point for point, _number in numbers_of(action.account_id) if point not in action.numbers_called]


def locked_for_work(action_id: UUID, by: Actor) -> tuple[CriticalAction, Ticket]:
    """For whoever may act on it, also once all is locked: he may have been blocked or moved while he waited."""
    found = _actionable(by).filter(public_id=action_id).first()
    if found is None:
        raise NotVisible(action_id)
    locked = _locked(found)
    now_is = colleague(by.staff_id or 0)
    if now_is is None or not _actionable(now_is).filter(pk=found.pk).exists():
        raise NotVisible(action_id)
    return locked


def _actionable(by: Actor) -> QuerySet[CriticalAction]:
    if not by.may(Perm.EXECUTE_ACTIONS):
        return CriticalAction.objects.none()
    return CriticalAction.objects.filter(ticket__in=visible_to(by))


def locked_for_customer(action_id: UUID, customer: Customer) -> tuple[CriticalAction, Ticket]:
    """For whoever may authorise in its account, also once all is locked: he may have lost it while he waited."""
    found = CriticalAction.objects.filter(public_id=action_id).first()
    if found is None or not customer.may(found.account_id, Right.AUTHORISE):
        raise NotVisible(action_id)
    locked = _locked(found)
    now_is = customer_at(customer.contact_id)
    if now_is is None or not now_is.may(found.account_id, Right.AUTHORISE):
        raise NotVisible(action_id)
    return locked


def _locked(found: CriticalAction) -> tuple[CriticalAction, Ticket]:
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=found.ticket_id)
    action = CriticalAction.objects.select_for_update(of=("self",)).select_related("kind").get(pk=found.pk)
    return action, ticket


def must(by: Actor, perm: Perm, number: str) -> None:
    if not by.may(perm):
        raise NotVisible(number)


def move(ticket: Ticket, status: Status, told: object, *, by: str, now: datetime) -> None:
    """Waiting for the confirmation stops the clock; its end starts it again."""
    before = Status(ticket.status)
    waits = before is Status.WAITING_CONFIRMATION
    moves = status is Status.WAITING_CONFIRMATION and not before.is_done and not waits
    events = [told]
    if moves or (status is Status.OPEN and waits and not _others_wait(ticket)):
        ticket.status = status.value
        ticket.is_unread = ticket.is_unread or status is Status.OPEN
        clocks = Clocks([ticket])
        clocks.status_changed(ticket, now=now)
        clocks.save()
        events.append(StatusChanged(ticket_id=ticket.pk, before=before.value, after=status.value))
    touch(ticket, now=now)
    outbox.record(*events, by=by, now=now)  # type: ignore[arg-type]


def _others_wait(ticket: Ticket) -> bool:
    return CriticalAction.objects.filter(ticket=ticket, state=ActionState.AWAITING_PROOF.value).exists()


def tell_outcome(
    action: CriticalAction, ticket: Ticket, outcome: str, *, also: list[str] | None = None, now: datetime
) -> None:
    """All administrative people hear how it ended, those of before a change too."""
    letters.queue(
        action.account_id,
        [*(also or ()), *letters.administrative_people(action.account_id)],
        "outcome",
        subject=_("About your account: %(number)s"),
        context={
            "words": action.words,
            "number": pretty(ticket.number),
            "outcome": outcome,
            "hold_until": action.hold_until,
        },
        language=action.language,
        now=now,
    )


def end(action: CriticalAction, ticket: Ticket, state: ActionState, *, by: str, now: datetime) -> None:
    action.state, action.ended_by, action.ended_at = state.value, by, now
    action.save()
    Confirmation.objects.filter(action=action, used_at=None).update(expires_at=now)
    told = ActionEnded(ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code, how=state.value)
    move(ticket, Status.OPEN, told, by=by, now=now)
    tell_outcome(action, ticket, state.value, now=now)


def refusal_link(action: CriticalAction, email: str, *, now: datetime) -> str:
    """Whoever follows it may refuse until the action was carried out, and nothing else: no code fits."""
    token = secrets.token_urlsafe(32)
    Confirmation.objects.create(
        action=action,
        email=email,
        token_digest=digest_of(token),
        code_digest="",
        words_digest=action.digest,
        made_at=now,
        expires_at=now + rules.CONFIRMATION_LIVES,
    )
    return f"{settings.SITE_URL}/confirm/{token}/"


def digest_of(secret: str) -> str:
    """Under a key of this installation, so that a copy of the table gives nothing to guess from."""
    return hmac.digest(key("confirmations"), secret.encode(), hashlib.sha256).hex()


_LINKS = re.compile(r"\S*(?:://|www\.)\S*|\S+\.[a-zа-яё]{2,}/\S*", re.I)


def strangers_words(text: str, *, most: int = 120) -> str:
    """What a stranger wrote, as far as a letter of ours may repeat it: one line, short, and nothing to click on."""
    return _LINKS.sub("[…]", " ".join(text.split()))[:most]


def asker(ticket: Ticket) -> str:
    """The address is a fact; a name is whatever its bearer likes to write."""
    return ticket.requester_email or strangers_words(ticket.requester_name)


def believe(action: CriticalAction, ticket: Ticket, *, by: str, now: datetime) -> None:
    """A confirmed request is evidence for its ticket, at the most a ticket can have, unless that has come under another
    account meanwhile. Sets the level, saves nothing.
    """
    if ticket.account_id != action.account_id:
        return
    Evidence.objects.create(
        ticket=ticket,
        kind="confirmation",
        level=int(Level.AUTHORISED),
        scope="request",
        established_by=by,
        at=now,
        facts=[{"kind": "confirmation", "verdict": "confirmed", "subject": action.digest}],
    )
    levels.judge(ticket, now=now)
