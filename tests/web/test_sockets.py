"""Sockets: who hears what."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from core.clock import now as read_clock
from events.relay import group_name
from helpdesk.asgi import application
from realtime import consumers
from realtime.consumers import CONTENT_RECHECK_SECONDS, TOO_MUCH
from realtime.pace import BURST
from staff.models import StaffProfile
from tests.cast import ADMIN, ANNA, NOW, letter, origin, person, vouched
from tests.web.conftest import signed_in
from tickets.models import Ticket
from tickets.services import assignment, staffing
from tickets.services.intake import receive
from users import sessions
from users.models import SignedIn

pytestmark = pytest.mark.django_db(transaction=True)


class Line(ApplicationCommunicator):
    """One websocket of a browser."""

    def __init__(self, client: Client | None = None, path: str = "/ws/desk/") -> None:
        headers = [(b"origin", b"http://testserver"), (b"host", b"testserver")]
        if client is not None:
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        super().__init__(application, {**scope, "subprotocols": []})

    async def opens(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(5))["type"] == "websocket.accept"

    async def say(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hears(self) -> Any:
        return json.loads((await self.receive_output(30))["text"])

    async def watches(self, ticket: Ticket) -> None:
        assert await self.opens()
        await self.say(json.dumps({"watch": ticket.number}))
        assert (await self.hears())["version"] == ticket.version

    async def is_here(self, doing: str) -> Any:
        """What the page is answered, which is the ticket's version."""
        await self.say(json.dumps({"here": doing}))
        return await self.hears()

    async def sees(self, name: str, doing: str) -> bool:
        """Hears on until it is told this; what was said just before may come first, or twice."""
        while True:
            said = (await self.hears())["presence"]
            if (said["name"], said["doing"]) == (name, doing):
                return True

    async def hang_up(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()


def test_an_open_page_goes_on_when_the_key_of_its_session_changes_and_ends_with_the_session():
    client = signed_in(person("agent1", "agent", "first-line"))
    client.get("/desk/me/")

    async def run() -> None:
        line = Line(client)
        assert await line.opens()
        now = read_clock()
        await sync_to_async(sessions.change_key)(client.session, without=(), now=now)
        await sync_to_async(Session.objects.filter(expire_date__lte=now + sessions.ON_ITS_WAY).delete)()
        user_id = (await sync_to_async(SignedIn.objects.get)()).user_id
        own = await sync_to_async(lambda: f"person:{StaffProfile.objects.get(user_id=user_id).pk}")()
        await get_channel_layer().group_send(group_name(own), {"type": "nudge", "topic": own})
        assert await line.hears() == {"topic": own}
        await sync_to_async(Session.objects.all().delete)()
        await get_channel_layer().group_send(group_name(own), {"type": "nudge", "topic": own})
        assert (await line.receive_output(30))["code"] == 4403

    async_to_sync(run)()


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


@pytest.fixture
def ticket() -> Ticket:
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent() -> Client:
    return signed_in(person("agent1", "agent", "first-line").user.email)


@pytest.fixture
def lead() -> Client:
    return signed_in(person("lead", "lead").user.email)


def test_colleagues_at_a_ticket_see_who_comes_who_writes_and_who_leaves(ticket: Ticket, agent: Client, lead: Client):
    async def run() -> None:
        first, second = Line(agent), Line(lead)
        await first.watches(ticket)
        assert await first.is_here("views") == {"topic": f"ticket:{ticket.pk}", "version": ticket.version}
        await second.watches(ticket)
        await second.is_here("views")
        assert await first.sees("Lead", "views")
        assert await second.sees("Agent1", "views")
        await first.is_here("reply")
        assert await second.sees("Agent1", "reply")
        await second.is_here("note")
        assert await first.sees("Lead", "note")
        await first.hang_up()
        assert await second.sees("Agent1", "left")
        await second.hang_up()

    async_to_sync(run)()


def test_whoever_comes_later_is_told_who_was_there_and_types(ticket: Ticket, agent: Client, lead: Client):
    async def run() -> None:
        first, second = Line(agent), Line(lead)
        await first.watches(ticket)
        await first.is_here("reply")
        await get_channel_layer().group_send(group_name("desk"), {"type": "nudge", "topic": "desk"})
        assert await first.hears() == {"topic": "desk"}  # what was said before has left the bus
        await second.watches(ticket)
        await second.is_here("views")
        assert await first.sees("Lead", "views")
        assert await second.sees("Agent1", "reply")

    async_to_sync(run)()


def test_nobody_is_shown_to_himself_in_another_window(ticket: Ticket, agent: Client):
    async def run() -> list[Any]:
        first, second = Line(agent), Line(agent)
        await first.watches(ticket)
        await second.watches(ticket)
        await second.is_here("reply")
        await get_channel_layer().group_send(group_name("desk"), {"type": "nudge", "topic": "desk"})
        return [await first.hears()]

    assert async_to_sync(run)() == [{"topic": "desk"}]


def test_staff_of_another_team_neither_see_who_is_there_nor_are_seen(ticket: Ticket, agent: Client):
    mallory = signed_in(person("mallory", "agent", "specialists").user.email)

    async def run() -> list[Any]:
        inside, outside = Line(agent), Line(mallory)
        await inside.watches(ticket)
        assert await outside.opens()
        await outside.say(json.dumps({"watch": ticket.number}))
        await outside.say(json.dumps({"here": "reply"}))
        await inside.is_here("reply")
        await get_channel_layer().group_send(group_name("desk"), {"type": "nudge", "topic": "desk"})
        return [await outside.hears(), await inside.hears()]

    assert async_to_sync(run)() == [{"topic": "desk"}, {"topic": "desk"}]


def test_whoever_loses_a_ticket_while_it_is_open_sees_nobody_there_any_more(
    ticket: Ticket, agent: Client, lead: Client
):
    boss, topic = person("boss", "lead").actor(), f"ticket:{ticket.pk}"

    async def run() -> list[Any]:
        first, second = Line(agent), Line(lead)
        await first.watches(ticket)
        await second.watches(ticket)
        await first.is_here("views")
        assert await second.sees("Agent1", "views")
        await sync_to_async(assignment.move_to_queue)(ticket.number, by=boss, queue_slug="domains", now=NOW)
        for said in (topic, "desk"):
            await get_channel_layer().group_send(group_name(said), {"type": "nudge", "topic": said})
        heard = [await first.hears(), await first.hears()]
        await second.hears(), await second.hears()
        await second.is_here("reply")
        assert await second.sees("Agent1", "left")
        await get_channel_layer().group_send(group_name("desk"), {"type": "nudge", "topic": "desk"})
        return [heard, await first.hears()]

    assert async_to_sync(run)() == [[{"topic": topic}, {"topic": "desk"}], {"topic": "desk"}]


def test_a_socket_whose_session_ended_is_told_nothing_of_colleagues(
    ticket: Ticket, agent: Client, lead: Client, monkeypatch: pytest.MonkeyPatch
):
    later = NOW + timedelta(seconds=CONTENT_RECHECK_SECONDS + 1)

    async def run() -> Any:
        first, second = Line(agent), Line(lead)
        monkeypatch.setattr(consumers, "read_clock", lambda: NOW)
        await first.watches(ticket)
        await second.watches(ticket)
        await sync_to_async(agent.logout)()
        monkeypatch.setattr(consumers, "read_clock", lambda: later)
        await first.say(json.dumps({"here": "reply"}))
        closed = await first.receive_output(30)
        await get_channel_layer().group_send(group_name("desk"), {"type": "nudge", "topic": "desk"})
        return closed["code"], await second.hears()

    assert async_to_sync(run)() == (consumers.NO_RIGHT, {"topic": "desk"})


def test_a_socket_that_says_too_much_is_closed(ticket: Ticket, agent: Client):
    async def run() -> Any:
        line = Line(agent)
        assert await line.opens()
        for _ in range(BURST * 20):
            await line.say("flood")
        return await line.receive_output(30)

    assert async_to_sync(run)()["code"] == TOO_MUCH


def test_only_the_person_concerned_hears_that_he_was_told_something(ticket: Ticket, lead: Client):
    told = person("agent1", "agent", "first-line")

    agent = signed_in(told.user.email)

    async def run() -> list[Any]:
        first, second = Line(agent), Line(lead)
        assert await first.opens()
        assert await second.opens()
        for topic in (f"person:{told.pk}", "desk"):
            await get_channel_layer().group_send(group_name(topic), {"type": "nudge", "topic": topic})
        return [await first.hears(), await second.hears()]

    assert async_to_sync(run)() == [{"topic": f"person:{told.pk}"}, {"topic": "desk"}]


async def opens_list(line: Line) -> None:
    assert await line.opens()
    await line.say(json.dumps({"glance": True}))


def at_ticket(ticket: Ticket, doing: str, said: Any) -> bool:
    glimpse = said["glimpse"]
    return (glimpse["topic"], glimpse["name"], glimpse["doing"]) == (f"ticket:{ticket.pk}", "Agent1", doing)


async def nudge(topic: str) -> None:
    await get_channel_layer().group_send(group_name(topic), {"type": "nudge", "topic": topic})


def test_a_list_shows_who_is_at_its_tickets_whoever_came_first(ticket: Ticket, agent: Client, lead: Client):
    async def run() -> None:
        reader, early, late = Line(agent), Line(lead), Line(lead)
        await opens_list(early)
        await nudge("desk")
        assert await early.hears() == {"topic": "desk"}
        await reader.watches(ticket)
        await reader.is_here("views")
        assert at_ticket(ticket, "views", await early.hears())
        await opens_list(late)
        assert at_ticket(ticket, "views", await late.hears())
        await reader.hang_up()
        assert at_ticket(ticket, "left", await early.hears())
        assert at_ticket(ticket, "left", await late.hears())

    async_to_sync(run)()


@pytest.mark.parametrize(
    ("role", "team"), [("agent", "specialists"), ("admin", "first-line")], ids=["of another team", "who reads none"]
)
def test_a_list_hears_nothing_of_tickets_its_reader_may_not_see(ticket: Ticket, agent: Client, role: str, team: str):
    other = signed_in(person("other", role, team).user.email)

    async def run() -> list[Any]:
        reader, stranger = Line(agent), Line(other)
        await opens_list(stranger)
        await nudge("desk")
        first = await stranger.hears()
        await reader.watches(ticket)
        await reader.is_here("reply")
        await nudge("desk")
        return [first, await stranger.hears()]

    assert async_to_sync(run)() == [{"topic": "desk"}] * 2


def test_a_list_of_oneself_shows_no_sign(ticket: Ticket, agent: Client):
    async def run() -> list[Any]:
        own, reader = Line(agent), Line(agent)
        await opens_list(own)
        await nudge("desk")
        first = await own.hears()
        await reader.watches(ticket)
        await reader.is_here("views")
        await nudge("desk")
        return [first, await own.hears()]

    assert async_to_sync(run)() == [{"topic": "desk"}] * 2


def block(staff_id: int) -> list[str]:
    """What the relay hears of it."""
    with connection.cursor() as cursor:
        cursor.execute("LISTEN helpdesk")
        staffing.block(staff_id, by=ADMIN, now=NOW)
        cursor.execute("UNLISTEN *")
    calls = [notify.payload for notify in connection.connection.notifies]
    connection.connection.notifies.clear()
    return [call.removeprefix("nudge ") for call in calls if call.startswith("nudge ")]


def test_pages_of_somebody_who_is_blocked_close_at_once(ticket: Ticket, lead: Client):
    """His journal begins with this very event, and his socket was let in a moment ago."""
    blocked = person("agent1", "agent", "first-line")
    client = signed_in(blocked.user.email)

    async def run() -> Any:
        line, other = Line(client), Line(lead)
        await line.watches(ticket)
        assert await other.opens()
        topics = await sync_to_async(block)(blocked.pk)
        assert f"person:{blocked.pk}" in topics
        for topic in topics:
            await nudge(topic)
        await nudge("desk")
        return (await line.receive_output(30))["code"], await other.hears()

    assert async_to_sync(run)() == (consumers.NO_RIGHT, {"topic": "desk"})


def test_whoever_gets_another_role_goes_on_with_its_rights_at_once(ticket: Ticket, agent: Client):
    changed = person("lead", "lead")
    client, topic = signed_in(changed.user.email), f"person:{changed.pk}"

    async def run() -> Any:
        line, reader = Line(client), Line(agent)
        await opens_list(line)
        await nudge("desk")
        assert await line.hears() == {"topic": "desk"}
        await reader.watches(ticket)
        await reader.is_here("views")
        assert at_ticket(ticket, "views", await line.hears())
        await sync_to_async(StaffProfile.objects.filter(pk=changed.pk).update)(role="admin")
        await nudge(topic)
        assert await line.hears() == {"topic": topic}
        await reader.is_here("reply")
        await nudge("desk")
        return await line.hears()

    assert async_to_sync(run)() == {"topic": "desk"}
