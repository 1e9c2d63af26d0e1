"""Beginning anew: somebody lost all he proves himself with. Everybody on file hears of it before, any of them stops it.

Nothing of it is done by one colleague alone, and nobody of the desk ever holds his new password or factor.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assurance.access import administrative_address
from assurance.models import CriticalAction
from assurance.policies import critical as rules
from assurance.policies.critical import ActionState
from assurance.services import letters
from core.normal_forms import normal_form
from customers.models import Account
from customers.services.signing_in import SignIn, end_all, link_to_begin, sign_in_of, somebody_signs_in
from events import outbox
from staff.actor import Actor
from tickets.event_types import ActionAnnounced, ActionNumberCalled
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.services.critical.common import asker, locked_for_work, numbers_left, refusal_link
from tickets.services.critical.pressing import refuse_action
from tickets.services.intake import touch
from tickets.services.refused import Refused
from users import second_factor


def check(kind_code: str, given: dict[str, str], account: Account) -> None:
    """Whether there is anybody to begin anew, before all of them are written to."""
    found = sign_in_of(given["login"], account_id=account.pk)
    if found is not None and found.is_shared:  # what one account confirms must not weaken another
        raise Refused("factor_of_other_accounts")
    is_elsewhere = given["login"].lower() == account.login and not somebody_signs_in(account.pk)
    if kind_code == "recovery" and found is None and not is_elsewhere:
        raise Refused("no_such_sign_in")


def announce(action: CriticalAction, ticket: Ticket, *, by: str, now: datetime) -> None:
    """To every address on file, each with a link of its own that refuses and does nothing else."""
    found = sign_in_of(action.parameters["login"], account_id=action.account_id)
    emails = [*letters.everybody_on_file(action.account_id), *([found.user.email] if found else [])]
    emails = list(dict.fromkeys(emails))
    for email in emails:
        letters.queue(
            action.account_id,
            [email],
            "announcement",
            subject=_("Somebody asks to begin anew in your account: %(number)s"),
            context={
                "words": action.words,
                "number": pretty(ticket.number),
                "asked_by": asker(ticket),
                "hold_until": action.hold_until,
                "link": refusal_link(action, email, now=now),
            },
            language=action.language,
            now=now,
        )
    told = ActionAnnounced(ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code, letters=len(emails))
    outbox.record(told, by=by, now=now)


@transaction.atomic
def called(action_id: UUID, point_id: int, answer: str, *, by: Actor, now: datetime) -> None:
    """A number on file was called about it. Whoever says that it is not his doing ends it."""
    action, ticket = locked_for_work(action_id, by)
    if action.state not in rules.OPEN:
        raise Refused("action_not_open")
    if action.kind.code not in rules.BEGIN_ANEW or answer not in rules.ANSWERS or point_id not in numbers_left(action):
        raise Refused("no_such_phone")
    action.numbers_called = [*action.numbers_called, point_id]
    action.save(update_fields=["numbers_called"])
    told = ActionNumberCalled(
        ticket_id=ticket.pk, action_id=action.pk, kind=action.kind.code, point_id=point_id, answer=answer
    )
    touch(ticket, now=now)
    outbox.record(told, by=by.key, now=now)
    if answer == "not_him":
        refuse_action(action, ticket, by=by.key, now=now)


def begin(action: CriticalAction, *, by: Actor, now: datetime) -> None:
    """In the caller's transaction, once all who may refuse had their time. A login of another system ends there."""
    found = sign_in_of(action.parameters["login"], account_id=action.account_id)
    if found is None:
        return
    if found.is_shared:
        raise Refused("factor_of_other_accounts")
    second_factor.switch_off(found.user, person=f"contact:{found.contact_id}", by=by.key, now=now)
    end_all(found.user)
    _send_link(action, found, now=now)


@transaction.atomic
def send_link(action_id: UUID, *, by: Actor, now: datetime) -> None:
    """Once more, to the same address; the links of before go on until one is used."""
    action, _ticket = locked_for_work(action_id, by)
    found = sign_in_of(action.parameters.get("login", ""), account_id=action.account_id)
    if not waits_for_beginner(action, found, now=now):
        raise Refused("action_not_open")
    assert found is not None
    _send_link(action, found, now=now)


def waits_for_beginner(action: CriticalAction, found: SignIn | None, *, now: datetime) -> bool:
    """He has not begun, and the address he was to begin from is still the one on file."""
    if action.state != ActionState.EXECUTED.value or action.kind.code not in rules.BEGIN_ANEW or found is None:
        return False
    is_young = action.ended_at is not None and now - action.ended_at < rules.LINKS_ARE_SENT
    return is_young and not found.user.has_usable_password() and _address(action, found) is not None


def _address(action: CriticalAction, found: SignIn) -> str | None:
    if (email := action.parameters.get("new_email")) is None:
        return found.user.email
    on_file = administrative_address(action.account_id)
    return email if on_file is not None and normal_form(on_file.email) == email else None


def _send_link(action: CriticalAction, found: SignIn, *, now: datetime) -> None:
    email = _address(action, found)
    assert email
    letters.queue(
        action.account_id,
        [email],
        "beginning",
        subject=_("Begin anew in the control panel"),
        context={"link": link_to_begin(found.user), "login": found.user.login or found.user.email},
        language=action.language,
        now=now,
    )
