"""An account with an administrative address, its people, and an action asked for: for tests of trust."""

import re
from datetime import timedelta
from typing import Any

from assurance.models import AccountLetter, CriticalAction
from assurance.services.letters import words_of
from customers.actor import Customer
from customers.models import Account, Contact, ContactRole
from customers.queries import customer_at
from customers.services.confidential import Confidential, write
from staff.actor import Actor
from tests.cast import ANNA, NOW, anna, desk, letter, origin, person, vouched
from tickets.models import Ticket
from tickets.services.critical import acting
from tickets.services.intake import receive

ADMINISTRATIVE = "owner@hosting-client.example"


def account(*, since: timedelta = timedelta(days=60)) -> Account:
    desk()
    one = anna()
    write({one.pk: Confidential("", ADMINISTRATIVE, NOW - since)})
    ContactRole.objects.create(account=one, contact=Contact.objects.get(given_name="Анна"), role="owner")
    return one


def the_owner() -> Customer:
    found = customer_at(Contact.objects.get(given_name="Анна").pk)
    assert found
    return found


def the_ticket(**more: Any) -> Ticket:
    heard = letter(facts=vouched(ANNA), **more)
    return Ticket.objects.get(pk=receive(heard, origin=origin(), now=NOW).ticket_id)


def an_agent(login: str = "agent", role: str = "agent") -> Actor:
    return person(login, role, "first-line").actor()


def asked(ticket: Ticket, by: Actor, kind: str = "password_reset", **parameters: str) -> CriticalAction:
    return acting.request(ticket.number, kind, parameters or {"login": "annahost"}, by=by, now=NOW)


def letters_with(words: str, *, email: str = "") -> list[str]:
    """What was written to people on file and holds these words, the oldest first."""
    found = AccountLetter.objects.order_by("pk")
    texts = [words_of(letter) for letter in (found.filter(email=email) if email else found)]
    return [text for text in texts if words in text]


def mailed(email: str = ADMINISTRATIVE, *, place: int = -1) -> tuple[str, str]:
    """Token and code of a question to this address, the newest unless said otherwise."""
    text = letters_with("/confirm/", email=email)[place]
    token, code = re.search(r"/confirm/([\w-]+)/", text), re.search(r"код ([A-Z2-9]{8})", text)
    assert token
    assert code
    return token[1], code[1]
