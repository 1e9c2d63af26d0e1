"""Calls at the desk: readable, reachable and unbroken at every width and theme."""

import uuid

import pytest
from pytest_django.live_server_helper import LiveServer

from staff.models import StaffProfile
from tests.cast import NOW
from tests.web.conftest import person, sign_in_with
from tests.web.looking import UNBROKEN, looks
from tickets.enums import Direction, Disposition, NumberSource
from tickets.models import Ticket
from tickets.services import calls

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_calls(page, live_server: LiveServer, views, ticket: Ticket):
    person("agent1", "agent", "first-line")
    agent = StaffProfile.objects.get(name="Agent1").actor()
    said = {
        "direction": Direction.INBOUND, "number": "+7 921 555-01-38", "number_source": NumberSource.SHOWN,
        "caller": None, "caller_name": UNBROKEN[:200], "subject": UNBROKEN, "words": UNBROKEN, "language": "ru",
    }  # fmt: skip
    free = calls.register(calls.NewCall(request_id=uuid.uuid4(), **said), by=agent, now=NOW)
    of_it = calls.register(calls.NewCall(request_id=uuid.uuid4(), ticket=ticket.number, **said), by=agent, now=NOW)
    calls.close(of_it.number, Disposition.ADDED, summary=UNBROKEN, is_for_customer=True, by=agent, now=NOW)
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/calls/new/?number=%2B79215550138&who=annahost&ticket={ticket.number}")
    looks(page, views(390, "light"), "new call")
    page.goto(f"{live_server.url}/desk/calls/{free.number}/")
    looks(page, views(1440, "dark"), "call")
    page.goto(f"{live_server.url}/desk/calls/{of_it.number}/")
    looks(page, views(390, "dark"), "closed call")
    page.goto(f"{live_server.url}/desk/calls/?list=mine")
    looks(page, views(390, "light"), "calls")
    page.goto(f"{live_server.url}/desk/tickets/{ticket.number}/")
    looks(page, views(390, "dark"), "ticket with a call")
