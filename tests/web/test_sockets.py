"""Sockets: who hears what."""

import json
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.conf import settings
from django.test import Client

from events.relay import group_name
from helpdesk.asgi import application
from tests.cast import ANNA, NOW, letter, origin, person, vouched
from tests.web.conftest import signed_in
from tickets.models import Ticket
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db(transaction=True)


class Line(ApplicationCommunicator):
    """One websocket of a browser."""

    def __init__(self, client: Client | None = None) -> None:
        headers = [(b"origin", b"http://testserver"), (b"host", b"testserver")]
        if client is not None:
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        path = "/ws/desk/"
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        super().__init__(application, {**scope, "subprotocols": []})

    async def opens(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(5))["type"] == "websocket.accept"

    async def say(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hears(self) -> Any:
        return json.loads((await self.receive_output(5))["text"])

    async def hang_up(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()


def test_a_stranger_is_not_let_in():
    async def run() -> bool:
        return await Line().opens()

    assert async_to_sync(run)() is False


def test_an_agent_hears_of_the_ticket_he_watches():
    client = signed_in(person("agent1", "agent", "first-line").user.email)
    result = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    ticket = Ticket.objects.get(pk=result.ticket_id)
    topic = f"ticket:{ticket.pk}"

    async def run() -> list[object]:
        line = Line(client)
        assert await line.opens()
        await line.say("not json")
        await line.say(json.dumps({"watch": ticket.number}))
        heard = [await line.hears()]
        await get_channel_layer().group_send(group_name(topic), {"type": "nudge", "topic": topic})
        heard.append(await line.hears())
        await line.hang_up()
        return heard

    assert async_to_sync(run)() == [{"topic": topic, "version": ticket.version}, {"topic": topic}]


def test_watching_a_ticket_one_may_not_see_gives_nothing():
    client = signed_in(person("agent2", "agent", "specialists").user.email)
    foreign = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    own = receive(letter(subject="DNS"), origin=replace(origin(), queue="domains"), now=NOW)

    async def run() -> Any:
        line = Line(client)
        assert await line.opens()
        for ticket in (foreign, own):
            await line.say(json.dumps({"watch": ticket.ticket_number}))
        first = await line.hears()
        topic = f"ticket:{foreign.ticket_id}"
        for said in (topic, "desk"):
            await get_channel_layer().group_send(group_name(said), {"type": "nudge", "topic": said})
        second = await line.hears()
        await line.hang_up()
        return first["topic"], second["topic"]

    assert async_to_sync(run)() == (f"ticket:{own.ticket_id}", "desk")
