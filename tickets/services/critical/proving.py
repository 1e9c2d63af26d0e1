"""What proves an action: the administrative address by mail, a contact in the panel, a document for recovery."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assurance.access import administrative_address
from assurance.models import Confirmation, CriticalAction, FailedProof
from assurance.policies import critical as rules
from assurance.policies.critical import ActionState
from assurance.services import letters
from core.trust import Level
from customers.actor import Customer
from customers.models import ContactPoint
from staff.actor import Actor
from tickets.enums import Status
from tickets.event_types import (
    ActionAuthorised,
    ActionConfirmationAsked,
)
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.policies.concern import Why, concerned
from tickets.services.critical.anew import announce
from tickets.services.critical.common import (
    asker,
    begun_anew_at,
    believe,
    digest_of,
    is_on_file,
    locked_for_customer,
    locked_for_work,
    move,
    refusal_link,
    standing,
    tell_outcome,
)
from tickets.services.critical.pressing import look_for_pressure, refuse_action
from tickets.services.refused import Refused

_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


@transaction.atomic
def ask_by_mail(action_id: UUID, *, by: Actor, now: datetime) -> Confirmation:
    """The question goes to the address on file, never to one from the request."""
    action, ticket = locked_for_work(action_id, by)
    if action.level_needed > Level.AUTHORISED:
        raise Refused("mail_never_suffices")
    if action.state not in (ActionState.REQUESTED.value, ActionState.AWAITING_PROOF.value):
        raise Refused("action_not_open")
    address = administrative_address(action.account_id)
    if address is None:
        raise Refused("no_administrative_address")
    if _letters_today(address.email, now=now) >= rules.MOST_LETTERS_DAY:
        raise Refused("too_many_letters")
    token, code = secrets.token_urlsafe(32), "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))
    is_fresh = address.since is None or now - address.since < rules.FRESH_ADDRESS
    Confirmation.objects.filter(action=action, used_at=None).update(expires_at=now)  # the newest counts
    asked = Confirmation.objects.create(
        action=action,
        email=address.email,
        token_digest=digest_of(token),
        code_digest=digest_of(f"{token}:{code}"),
        words_digest=action.digest,
        address_is_fresh=is_fresh,
        made_at=now,
        expires_at=now + rules.CONFIRMATION_LIVES,
    )
    context = {
        "words": action.words,
        "number": pretty(ticket.number),
        "asked_by": asker(ticket),
        "door": ticket.door,
        "at": action.requested_at,
        "link": f"{settings.SITE_URL}/confirm/{token}/",
        "code": code,
        "until": asked.expires_at,
    }
    letters.queue(
        action.account_id,
        [address.email],
        "confirmation",
        subject=_("Please confirm or refuse: %(number)s"),
        context=context,
        language=action.language,
        now=now,
    )
    if is_fresh and address.before:
        context = {**context, "link": refusal_link(action, address.before, now=now), "code": ""}
        letters.queue(
            action.account_id,
            [address.before],
            "fresh_address",
            subject=_("A request about your account waits 72 hours"),
            context=context,
            language=action.language,
            now=now,
        )
    action.state = ActionState.AWAITING_PROOF.value
    action.save(update_fields=["state"])
    told = ActionConfirmationAsked(
        ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code, confirmation_id=asked.pk
    )
    move(ticket, Status.WAITING_CONFIRMATION, told, by=by.key, now=now)
    return asked


def _letters_today(email: str, *, now: datetime) -> int:
    asked = Confirmation.objects.filter(email=email, made_at__gt=now - timedelta(days=1))
    return asked.exclude(code_digest="").count()  # who is only warned is not asked


@dataclass(frozen=True, slots=True)
class Question:
    """What the page behind a mailed link shows. Looking at it changes nothing."""

    words: str
    number: str
    asked_by: str
    door: str
    asked_at: datetime
    language: str
    is_open: bool  # to a confirmation
    may_refuse: bool  # as long as it was not carried out
    tries_left: int


def question(token: str, *, now: datetime) -> Question | None:
    """None for a token that was never ours. Two queries, three while it is open."""
    asked = Confirmation.objects.select_related("action__ticket").filter(token_digest=digest_of(token)).first()
    if asked is None:
        return None
    action, ticket = asked.action, asked.action.ticket
    return Question(
        words=action.words,
        number=pretty(ticket.number),
        asked_by=asker(ticket),
        door=ticket.door,
        asked_at=action.requested_at,
        language=action.language,
        is_open=_is_open(asked, now=now),
        may_refuse=_may_refuse(asked),
        tries_left=max(rules.CONFIRMATION_TRIES - asked.tries, 0),
    )


def _is_open(asked: Confirmation, *, now: datetime) -> bool:
    return (
        asked.used_at is None
        and asked.code_digest != ""
        and asked.expires_at > now
        and asked.tries < rules.CONFIRMATION_TRIES
        and asked.action.state == ActionState.AWAITING_PROOF.value
        and hmac.compare_digest(asked.words_digest, asked.action.digest)
        and is_on_file(asked.email, asked.action.account_id)
    )


def _may_refuse(asked: Confirmation) -> bool:
    """Also after a confirmation, while it is held; whoever was asked once may always say no."""
    return asked.action.state in rules.OPEN and hmac.compare_digest(asked.words_digest, asked.action.digest)


def confirm(token: str, code: str, *, now: datetime) -> bool:
    """With the code of the mail. A wrong one counts, whatever else fails. Raises `Refused` when nothing is open."""
    with transaction.atomic():
        asked, action, ticket = _asked(token, now=now)
        given = digest_of(f"{token}:{code.strip().upper().replace(' ', '').replace('-', '')}")
        if hmac.compare_digest(given, asked.code_digest):
            used = Confirmation.objects.filter(pk=asked.pk, used_at=None).update(used_at=now)
            if used != 1:
                raise Refused("action_not_open")
            _authorise(
                action,
                ticket,
                proof="administrative_mail",
                level=Level.AUTHORISED,
                address_is_fresh=asked.address_is_fresh,
                by=f"confirmation:{asked.pk}",
                now=now,
            )
            return True
        Confirmation.objects.filter(pk=asked.pk).update(tries=asked.tries + 1)
        FailedProof.objects.create(account_id=action.account_id, kind="confirmation", at=now)
        look_for_pressure(action.account_id, ticket, now=now)
        return False


def refuse_by_mail(token: str, *, now: datetime) -> None:
    """*It was not me*: one press, no code. Ends the action, holds the account and calls the leads."""
    with transaction.atomic():
        asked, action, ticket = _locked_question(token)
        if not _may_refuse(asked):
            raise Refused("action_not_open")
        Confirmation.objects.filter(pk=asked.pk).update(used_at=now)
        refuse_action(action, ticket, by=f"confirmation:{asked.pk}", now=now)


def _asked(token: str, *, now: datetime) -> tuple[Confirmation, CriticalAction, Ticket]:
    asked, action, ticket = _locked_question(token)
    if not _is_open(asked, now=now):
        raise Refused("action_not_open")
    return asked, action, ticket


def _locked_question(token: str) -> tuple[Confirmation, CriticalAction, Ticket]:
    """Locked in the one order that everybody keeps: the ticket, the action, the question."""
    found = Confirmation.objects.select_related("action").filter(token_digest=digest_of(token)).first()
    if found is None:
        raise Refused("action_not_open")
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=found.action.ticket_id)
    action = CriticalAction.objects.select_for_update(of=("self",)).select_related("kind").get(pk=found.action_id)
    asked = Confirmation.objects.select_for_update(of=("self",)).select_related("action").get(pk=found.pk)
    return asked, action, ticket


@transaction.atomic
def approve(action_id: UUID, *, customer: Customer, factor_age: timedelta | None, now: datetime) -> None:
    """In the control panel, by a contact who may authorise. `factor_age`: since the factor given for this action.

    Raises `Refused("fresh_factor_needed")` without one, or with an older one.
    """
    action, ticket = locked_for_customer(action_id, customer)
    if not rules.may_approve(factor_age=factor_age):
        raise Refused("fresh_factor_needed")
    level = Level.STRONGLY_AUTHORISED
    is_fresh = not _is_long_on_file(action.account_id, customer, now=now)
    _authorise(action, ticket, proof="panel", level=level, address_is_fresh=is_fresh, by=customer.key, now=now)


def _is_long_on_file(account_id: int, customer: Customer, *, now: datetime) -> bool:
    """Whose address has been in this account for a week. A newer one decides nothing at once."""
    known = ContactPoint.objects.filter(account_id=account_id, contact_id=customer.contact_id, kind="email")
    return known.filter(on_file_since__lte=now - rules.FRESH_ADDRESS).exists()


@transaction.atomic
def refuse(action_id: UUID, *, customer: Customer, now: datetime) -> None:
    action, ticket = locked_for_customer(action_id, customer)
    if action.state not in rules.OPEN:
        raise Refused("action_not_open")
    refuse_action(action, ticket, by=customer.key, now=now)


@transaction.atomic
def accept_document(action_id: UUID, *, by: Actor, now: datetime) -> None:
    """Recovery alone: one colleague has checked the document, another executes after the hold."""
    action, ticket = locked_for_work(action_id, by)
    if action.kind.code != "recovery":
        raise Refused("no_such_action")
    level = Level.STRONGLY_AUTHORISED
    _authorise(action, ticket, proof="document", level=level, address_is_fresh=True, by=by.key, now=now)
    CriticalAction.objects.filter(pk=action.pk).update(second_by=by.key)


def _authorise(
    action: CriticalAction,
    ticket: Ticket,
    *,
    proof: str,
    level: Level,
    address_is_fresh: bool,
    by: str,
    now: datetime,
) -> None:
    if not rules.may_authorise(standing(action), proof=level, now=now):
        raise Refused("action_not_open")
    code = action.kind.code
    anew_at = begun_anew_at(action.account_id)
    kind_hold = timedelta(hours=action.hold_hours)
    hold = rules.hold_of(kind_hold, address_is_fresh=address_is_fresh, begun_anew_at=anew_at, now=now)
    action.state, action.proof, action.proof_level = ActionState.AUTHORISED.value, proof, int(level)
    action.authorised_by, action.authorised_at = by, now
    action.hold_until = now + hold if hold else None
    action.expires_at = now + hold + rules.PROOF_LIVES
    if code == rules.IDENTITY and not hold:
        action.state, action.ended_by, action.ended_at = ActionState.EXECUTED.value, by, now
        believe(action, ticket, by=by, now=now)
    action.save()
    told = ActionAuthorised(
        ticket_id=ticket.pk,
        action_id=action.pk,
        kind=code,
        proof=proof,
        level=int(level),
        digest=action.digest,
        tells=concerned((Why.PROVEN, [ticket.assignee_id, *ticket.followers]), by=None),
    )
    move(ticket, Status.OPEN, told, by=by, now=now)
    if code in rules.BEGIN_ANEW:
        announce(action, ticket, by=by, now=now)
    else:
        tell_outcome(action, ticket, "confirmed", now=now)


@transaction.atomic
def announce_people(account_id: int, what: str, *, name: str, also: Iterable[str], by: Customer, now: datetime) -> None:
    """A change among the people of an account is told to all who decide about it, and to the addresses concerned.

    `what`: added | changed | removed.
    """
    letters.queue(
        account_id,
        [*also, *letters.administrative_people(account_id)],
        "people",
        subject=_("The people of your account changed"),
        context={"what": what, "name": name, "by": by.name, "at": now},
        language=by.language or settings.LANGUAGE_CODE,
        now=now,
    )
