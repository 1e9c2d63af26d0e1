"""Asking for a critical action, standing for it, carrying it out, taking it back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from assurance.models import ActionKind, CriticalAction
from assurance.policies import critical as rules
from assurance.policies.critical import ActionState
from assurance.services import letters
from core.normal_forms import normal_form
from customers.models import Account
from customers.services import confidential
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.roles import Perm
from tickets.access import get_ticket_to_work
from tickets.event_types import (
    ActionExecuted,
    ActionRequested,
    ActionSeconded,
)
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.services import open_calls
from tickets.services.critical import anew
from tickets.services.critical.common import (
    asker,
    believe,
    end,
    locked_for_work,
    must,
    standing,
    strangers_words,
    tell_outcome,
)
from tickets.services.critical.pressing import look_for_pressure
from tickets.services.intake import touch
from tickets.services.refused import Refused

MOST_LETTERS_OF_A_PARAMETER = 200


@transaction.atomic
def request(number: str, kind_code: str, parameters: Mapping[str, str], *, by: Actor, now: datetime) -> CriticalAction:
    """Asked for by an agent in the words the customer will read. Raises `Refused` and `NotVisible`."""
    ticket = get_ticket_to_work(by, number)
    must(by, Perm.EXECUTE_ACTIONS, number)
    if ticket.account_id is None:
        raise Refused("no_account")
    account = Account.objects.select_for_update().get(pk=ticket.account_id)
    kind = ActionKind.objects.filter(code=kind_code).first()
    built_in = rules.CATALOGUE.get(kind_code)
    if kind is None or built_in is None:
        raise Refused("no_such_action")
    given = _given(parameters, built_in)
    open_now = CriticalAction.objects.filter(account=account, state__in=rules.OPEN)
    missing = tuple(name for name in built_in.parameters if not given[name])
    if not (verdict := rules.may_ask(open_in_account=open_now.count(), is_active=kind.is_active, missing=missing)):
        raise Refused(verdict.reason)
    if built_in.begins_anew:
        anew.check(kind.code, given, account)
    words = _words(kind, account, ticket, given)
    digest = rules.words_digest(
        kind=kind.code, account=str(account.public_id), ticket=ticket.number, parameters=given, words=words
    )
    if open_now.filter(digest=digest).exists():
        raise Refused("asked_already")
    action = CriticalAction.objects.create(
        kind=kind,
        account=account,
        ticket=ticket,
        parameters=given,
        words=words,
        language=ticket.language,
        digest=digest,
        level_needed=max(kind.level, int(built_in.level)),
        hold_hours=max(kind.hold_hours, int(built_in.hold.total_seconds() // 3600)),
        needs_second_person=kind.needs_second_person or built_in.needs_second_person,
        state=ActionState.REQUESTED.value,
        requested_by=by.key,
        requested_at=now,
        expires_at=now + rules.REQUEST_LIVES,
    )
    touch(ticket, now=now)
    asked = ActionRequested(ticket_id=ticket.pk, action_id=action.pk, kind=kind.code, digest=digest)
    outbox.record(asked, by=by.key, now=now)
    if built_in.begins_anew:
        anew.announce(action, ticket, by=by.key, now=now)
    look_for_pressure(account.pk, ticket, now=now)
    return action


def _given(parameters: Mapping[str, str], built_in: rules.Kind) -> dict[str, str]:
    given = {name: " ".join(parameters.get(name, "").split()) for name in built_in.parameters}
    for name, value in given.items():
        if len(value) > MOST_LETTERS_OF_A_PARAMETER:
            raise Refused("parameter_too_long")
        if name.endswith("email") and value:
            given[name] = normal_form(value)
            if not given[name]:
                raise Refused("bad_email")
    if "document" in given and given["document"] not in ("", *rules.DOCUMENTS):
        raise Refused("missing_document")
    return given


def _words(kind: ActionKind, account: Account, ticket: Ticket, given: Mapping[str, str]) -> str:
    template = kind.words_ru if ticket.language == "ru" else kind.words_en
    values = {
        "account": account.name,
        "number": pretty(ticket.number),
        "subject": strangers_words(ticket.subject),
        "requester": asker(ticket),
        **given,
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value.replace("{", "(").replace("}", ")"))
    return template


@transaction.atomic
def second(action_id: UUID, *, by: Actor, now: datetime) -> None:
    """Another colleague has looked and stands for it; whoever executes must be somebody else."""
    action, ticket = locked_for_work(action_id, by)
    if not (verdict := rules.may_second(standing(action), by=by.key)):
        raise Refused(f"action_{verdict.reason}")
    action.second_by = by.key
    action.save(update_fields=["second_by"])
    touch(ticket, now=now)
    told = ActionSeconded(ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code)
    outbox.record(told, by=by.key, now=now)


@transaction.atomic
def execute(action_id: UUID, *, by: Actor, now: datetime) -> CriticalAction:
    """Once. What can be done on file is done here; for all else the entry says that it was done."""
    action, ticket = locked_for_work(action_id, by)
    Account.objects.select_for_update().get(pk=action.account_id)  # two weighty ones of one account take turns
    if not (verdict := rules.may_execute(standing(action, weighs=True), by=by.key, now=now)):
        raise Refused(f"action_{verdict.reason}")
    begins_anew = action.kind.code in rules.BEGIN_ANEW
    told_before = letters.everybody_on_file if begins_anew else letters.administrative_people
    before = told_before(action.account_id)
    if email := action.parameters.get("new_email"):
        if open_calls.is_about(action.account_id, by=by):
            raise Refused("call_is_open")
        card = confidential.on_file([action.account_id]).get(action.account_id)
        if card is None or card.administrative_email != email:  # one that stays does not count as new
            confidential.change_administrative_email(action.account_id, email, now=now)
    if begins_anew:
        anew.begin(action, by=by, now=now)
    done = CriticalAction.objects.filter(pk=action.pk, state=ActionState.AUTHORISED.value).update(
        state=ActionState.EXECUTED.value, ended_by=by.key, ended_at=now
    )
    if done != 1:
        raise Refused("action_not_authorised")
    if action.kind.code == rules.IDENTITY:  # it was held, for the address was fresh
        believe(action, ticket, by=action.authorised_by, now=now)
    touch(ticket, now=now)
    told = ActionExecuted(ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code, digest=action.digest)
    outbox.record(told, by=by.key, now=now)
    action.refresh_from_db()
    tell_outcome(action, ticket, "executed", also=before, now=now)
    return action


@transaction.atomic
def cancel(action_id: UUID, *, by: Actor, now: datetime) -> None:
    action, ticket = locked_for_work(action_id, by)
    if action.state not in rules.OPEN:
        raise Refused("action_not_open")
    end(action, ticket, ActionState.CANCELLED, by=by.key, now=now)


def expire(now: datetime) -> None:
    """Chore of the relay: what nobody confirmed in time, and what was confirmed and not carried out."""
    due = CriticalAction.objects.filter(state__in=rules.OPEN, expires_at__lte=now).order_by("expires_at")
    for pk, ticket_id in due.values_list("pk", "ticket_id")[:100]:
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
            action = CriticalAction.objects.select_for_update(of=("self",)).select_related("kind").get(pk=pk)
            if action.state in rules.OPEN:
                end(action, ticket, ActionState.EXPIRED, by=SYSTEM.key, now=now)
