"""Two who act at the same moment, on real rows: what one of them took away the other has no more."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from assurance.models import CriticalAction
from core.trust import Level
from customers.models import ContactRole
from events.models import Event
from staff.models import StaffProfile
from tests.attacks.test_critical import race
from tests.cast import NOW
from tests.locks import wait_until_somebody_waits_for_us
from tests.tickets.trust import account, an_agent, asked, the_owner, the_ticket
from tickets.access import NotVisible
from tickets.models import Message, MessageSecret, Ticket
from tickets.services import secrets
from tickets.services.critical import acting, proving
from tickets.services.merging import merge
from tickets.services.refused import Refused
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


class Waiting(threading.Thread):
    """Acts while a row that it needs is held here: begins before what happens meanwhile, and ends after it."""

    def __init__(self, act: Callable[[], object], ticket: Ticket) -> None:
        super().__init__()
        self.act, self.ticket, self.why = act, ticket, ""

    def run(self) -> None:
        try:
            self.act()
        except (Refused, NotVisible) as refused:
            self.why = getattr(refused, "code", "") or type(refused).__name__
        finally:
            connection.close()

    def meanwhile(self, happens: Callable[[], object]) -> str:
        """Why it was refused in the end; "" where it was not."""
        with transaction.atomic():
            Ticket.objects.select_for_update().get(pk=self.ticket.pk)
            self.start()
            wait_until_somebody_waits_for_us()
            happens()
        self.join(timeout=60)
        return self.why


def test_who_lost_his_role_while_he_pressed_approves_nothing() -> None:
    account()
    ticket, owner = the_ticket(), the_owner()
    action = asked(ticket, an_agent(), "confirm_request", x="")

    def approve() -> None:
        proving.approve(action.public_id, customer=owner, factor_age=timedelta(0), now=NOW)

    assert Waiting(approve, ticket).meanwhile(lambda: ContactRole.objects.all().delete()) == "NotVisible"
    ticket.refresh_from_db()
    assert ticket.level < Level.AUTHORISED
    assert CriticalAction.objects.get().state == "requested"


def test_a_colleague_who_was_blocked_or_lost_his_role_while_he_pressed_carries_nothing_out() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    action = asked(ticket, agent)
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    staff = StaffProfile.objects.filter(pk=agent.staff_id)

    def execute() -> None:
        acting.execute(action.public_id, by=agent, now=NOW)

    assert Waiting(execute, ticket).meanwhile(lambda: User.objects.update(is_active=False)) == "NotVisible"
    User.objects.update(is_active=True)
    assert Waiting(execute, ticket).meanwhile(lambda: staff.update(role="quality")) == "NotVisible"
    staff.update(role="agent")
    assert Waiting(execute, ticket).meanwhile(lambda: StaffProfile.objects.get().teams.clear()) == "NotVisible"
    assert not Event.objects.filter(type="ActionExecuted").exists()


def test_of_carrying_out_and_refusing_at_once_one_counts() -> None:
    account()
    agent, owner = an_agent(), the_owner()
    action = asked(the_ticket(), agent)
    proving.approve(action.public_id, customer=owner, factor_age=timedelta(0), now=NOW)
    acts = iter(
        [
            lambda: acting.execute(action.public_id, by=agent, now=NOW),
            lambda: proving.refuse(action.public_id, customer=owner, now=NOW),
        ]
        * 3
    )
    lock = threading.Lock()

    def one() -> object:
        with lock:
            act = next(acts)
        return act()

    assert race(one) == 1
    assert Event.objects.filter(type__in=("ActionExecuted", "ActionRefused")).count() == 1


def test_an_action_asked_for_while_its_ticket_is_merged_is_asked_in_the_one_it_went_into() -> None:
    account()
    agent = an_agent()
    goes, stays = the_ticket(), the_ticket(text="Ещё раз", message_id="again@x")
    waiting = Waiting(lambda: asked(goes, agent), goes)
    assert waiting.meanwhile(lambda: merge(goes.number, stays.number, by=agent, now=NOW)) == ""
    assert CriticalAction.objects.get().ticket_id == stays.pk


def test_what_is_shown_once_is_shown_to_one_of_six() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    message = Message.objects.get(ticket=ticket, author="requester")
    with transaction.atomic():
        secret = secrets.given_once(message, "Qw3rty-7!", place=1)
        secret.save()

    def show() -> bool:
        return secrets.show(agent, message.public_id, 1, now=NOW) is not None

    assert race(show) == 1
    assert Event.objects.filter(type="SecretShown").count() == 1
    assert not MessageSecret.objects.exists()
