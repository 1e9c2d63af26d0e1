"""A customer's open page hears that a request changed: which one, and nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.test import Client

from core.clock import now as read_clock
from customers.queries import customer_of
from events.relay import group_name
from realtime.socket import NO_RIGHT, TOO_MUCH
from staff.actor import Actor
from tests.cast import ANNA
from tests.panel.conftest import signed_in
from tests.panel.test_panel import asked
from tests.tickets.trust import an_agent
from tests.web.test_sockets import Line
from tickets.models import Message, Ticket
from tickets.queries.customer import customer_ticket
from tickets.queries.customer_lists import tickets_of
from tickets.services import conversation, notes
from users import sessions
from users.models import Realm, SignedIn, User

pytestmark = pytest.mark.django_db(transaction=True)


class PanelLine(Line):
    def __init__(self, client: Client | None = None) -> None:
        super().__init__(client, "/ws/panel/")

    async def watches(self, shown: dict[str, str], *, is_list: bool = False) -> None:
        await self.say(json.dumps({"watch": shown, "list": is_list}))

    async def is_closed(self) -> int:
        said = await self.receive_output(30)
        assert said["type"] == "websocket.close", said
        return int(said["code"])


async def nudge(topic: str) -> None:
    await get_channel_layer().group_send(group_name(topic), {"type": "nudge", "topic": topic})


@pytest.fixture
def tickets(client: Client) -> list[Ticket]:
    for subject in ("Первая", "Вторая"):
        asked(client, subject=subject)
    return list(Ticket.objects.order_by("id"))


def mark_of(ticket: Ticket, email: str = ANNA) -> str:
    """As it stands on the page this moment."""
    customer = customer_of(User.objects.get(email=email).pk)
    assert customer is not None
    return customer_ticket(customer, ticket.public_id, now=read_clock()).mark


def changed(ticket: Ticket) -> None:
    """Its state, somehow."""
    before = Ticket.objects.get(pk=ticket.pk).status
    Ticket.objects.filter(pk=ticket.pk).update(status="open" if before == "resolved" else "resolved")


def heard_after(client: Client, one: Ticket, other: Ticket, *acts: Callable[[], object]) -> list[str]:
    """What a page that shows both hears of the first, when all of it has happened and the second changed last."""
    shown = {str(one.public_id): mark_of(one), str(other.public_id): "as it was long ago"}

    async def run() -> list[str]:
        line = PanelLine(client)
        assert await line.opens()
        await line.watches(shown)
        assert await line.hears() == {"changed": str(other.public_id)}  # it has joined
        for act in acts:
            await sync_to_async(act)()
            await nudge(f"ticket:{one.pk}")
        await sync_to_async(changed)(other)
        await nudge(f"ticket:{other.pk}")
        heard: list[str] = []
        while not heard or heard[-1] != str(other.public_id):
            said = await line.hears()
            assert list(said) == ["changed"]
            heard.append(said["changed"])
        await line.hang_up()
        return heard[:-1]

    return async_to_sync(run)()


def left(message: Message) -> None:
    """Its author can take it back no more."""
    Message.objects.filter(pk=message.pk).update(leaves_at=read_clock() - timedelta(seconds=1))


@pytest.fixture
def agent(tickets: list[Ticket]) -> Actor:
    return an_agent()


def answer(ticket: Ticket, agent: Actor) -> Message:
    return conversation.reply(ticket.number, by=agent, text="Чиним", now=read_clock())


def test_strangers_and_staff_are_not_let_in_and_customers_not_at_the_desk(client: Client):
    async def run() -> list[bool]:
        return [await PanelLine().opens(), await Line(client).opens()]

    assert async_to_sync(run)() == [False, False]


def test_an_answer_is_told_once_it_has_left_and_a_note_never(client: Client, tickets: list[Ticket], agent: Actor):
    one, other = tickets
    said: list[Message] = []
    acts: list[Callable[[], object]] = [
        lambda: notes.add_note(one.number, by=agent, text="Между нами", now=read_clock()),
        lambda: said.append(answer(one, agent)),
    ]
    assert heard_after(client, one, other, *acts) == []
    assert heard_after(client, one, other, lambda: left(said[0])) == [str(one.public_id)]


def test_an_answer_taken_back_is_not_told(client: Client, tickets: list[Ticket], agent: Actor):
    one, other = tickets

    def take_back() -> None:
        said = answer(one, agent)
        conversation.withdraw(one.number, message_public_id=str(said.public_id), by=agent, now=read_clock())

    assert heard_after(client, one, other, take_back) == []


def test_what_changed_while_the_page_was_on_its_way_is_told(client: Client, tickets: list[Ticket]):
    shown = {str(ticket.public_id): mark_of(ticket) for ticket in tickets}
    changed(tickets[1])

    async def run() -> Any:
        line = PanelLine(client)
        assert await line.opens()
        await line.watches(shown)
        heard = await line.hears()
        await line.hang_up()
        return heard

    assert async_to_sync(run)() == {"changed": str(tickets[1].public_id)}


def test_a_list_hears_of_states(client: Client, tickets: list[Ticket]):
    customer = customer_of(User.objects.get(email=ANNA).pk)
    assert customer is not None
    shown = {row.public_id: row.mark for row in tickets_of(customer).rows}

    async def run() -> Any:
        line = PanelLine(client)
        assert await line.opens()
        await line.watches({**shown, str(tickets[1].public_id): ""}, is_list=True)
        first = await line.hears()
        await sync_to_async(changed)(tickets[0])
        await nudge(f"ticket:{tickets[0].pk}")
        second = await line.hears()
        await line.hang_up()
        return [first["changed"], second["changed"]]

    assert async_to_sync(run)() == [str(tickets[1].public_id), str(tickets[0].public_id)]


def closes_after(client: Client, act: Callable[[], object]) -> int:
    user_id = User.objects.get(email=ANNA).pk

    async def run() -> int:
        line = PanelLine(client)
        assert await line.opens()
        await sync_to_async(act)()
        await nudge(sessions.topic_of(user_id))
        return await line.is_closed()

    return async_to_sync(run)()


def test_the_page_of_an_ended_session_is_closed_at_once(client: Client):
    client.get("/panel/me/")
    user_id = User.objects.get(email=ANNA).pk
    assert closes_after(client, lambda: sessions.end_all(user_id, realm=Realm.PANEL)) == NO_RIGHT


def test_the_page_of_somebody_who_was_blocked_is_closed_at_once(client: Client):
    assert closes_after(client, lambda: User.objects.filter(email=ANNA).update(is_active=False)) == NO_RIGHT


def test_ending_another_session_leaves_this_page_open(client: Client, tickets: list[Ticket]):
    elsewhere = signed_in(ANNA)
    elsewhere.get("/panel/me/")
    user_id = User.objects.get(email=ANNA).pk

    async def run() -> Any:
        line = PanelLine(client)
        assert await line.opens()
        row = await sync_to_async(lambda: SignedIn.objects.get(session_id=elsewhere.session.session_key).pk)()
        assert await sync_to_async(sessions.end)(user_id, row, realm=Realm.PANEL) == 1
        await nudge(sessions.topic_of(user_id))
        await line.watches({str(tickets[0].public_id): ""})
        heard = await line.hears()
        await line.hang_up()
        return heard

    assert async_to_sync(run)() == {"changed": str(tickets[0].public_id)}


def test_who_says_too_much_is_hung_up_on_and_nonsense_is_nothing(client: Client, tickets: list[Ticket]):
    async def run() -> Any:
        line = PanelLine(client)
        assert await line.opens()
        for nonsense in ("not json", "[]", '{"watch": 5}', '{"watch": {"1; DROP": "x", "": ""}}'):
            await line.say(nonsense)
        await line.watches({str(tickets[0].public_id): ""})
        assert await line.hears() == {"changed": str(tickets[0].public_id)}
        for _ in range(100):
            await line.say("{}")
        return await line.is_closed()

    assert async_to_sync(run)() == TOO_MUCH
