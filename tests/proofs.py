"""The page of the proof as a browser fills it in."""

import re

from django.test import Client

from core.clock import now as read_clock
from tests.cast import ANNA, letter, origin, person, vouched
from tickets.models import Ticket
from tickets.services.critical import acting
from tickets.services.intake import receive


def seen(client: Client, target: str, *, realm: str = "panel") -> dict[str, str]:
    """The hidden fields of the page that says what is about to be done at this address."""
    page = client.get(f"/{realm}/proof/", {"next": target}).content.decode()
    found = re.search(r'name="act" value="([0-9a-f]{64})"', page)
    return {"next": target, "act": found[1] if found else ""}


def a_decision(kind: str = "change_administrative_email", **given: str) -> str:
    """The address of one that waits for Anna in the panel; if nothing is said, one that needs the highest level."""
    now = read_clock()
    ticket = receive(letter(facts=vouched(ANNA), message_id="decision@x"), origin=origin("decision"), now=now)
    agent = person("who-asks", "agent", "first-line").actor()
    given = given or {"new_email": "new@hosting-client.example"}
    number = Ticket.objects.get(pk=ticket.ticket_id).number
    action = acting.request(number, kind, given, by=agent, now=now)
    return f"/panel/decisions/{action.public_id}/"
