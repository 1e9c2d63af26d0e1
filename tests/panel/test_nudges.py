"""A customer's open page hears that a request changed: which one, and nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.db.models import F
from django.test import Client

from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.queries import customer_of
from events.models import Event
from events.relay import group_name
from realtime.panel import WRITTEN_WITHIN
from realtime.socket import NO_RIGHT, TOO_MUCH
from staff.actor import Actor
from tests.cast import ANNA, BORIS, NOW
from tests.panel.conftest import PASSWORD, signed_in
from tests.panel.test_panel import asked
from tests.tickets.trust import an_agent
from tests.web.test_sockets import Line
from tickets.event_types import TicketOpened
from tickets.models import Message, Promise, Ticket
from tickets.queries.customer import customer_ticket
from tickets.queries.customer_lists import tickets_of
from tickets.queries.marks import marks_now
from tickets.services import conversation, notes, promises
from tickets.services.promises import Promised
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


def test_a_colleague_who_opens_the_ticket_neither_shows_nor_ends_the_page(client: Client, tickets: list[Ticket]):
    one, other = tickets
    topic = f"ticket:{one.pk}"
    told = {"type": "presence", "topic": topic, "tab": "x", "who": 1, "name": "Ирина", "doing": "views", "asks": True}
    come = async_to_sync(get_channel_layer().group_send)
    assert heard_after(client, one, other, lambda: come(group_name(topic), told)) == []


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


def test_a_list_hears_that_we_wait_for_him_once_he_can_read_for_what(
    client: Client, tickets: list[Ticket], agent: Actor
):
    one, other = tickets
    said = conversation.reply(one.number, by=agent, text="Пришлите", asks="Снимок [файл]", now=read_clock())
    customer = customer_of(User.objects.get(email=ANNA).pk)
    assert customer is not None
    shown = {row.public_id: row.mark for row in tickets_of(customer, now=read_clock()).rows}

    async def run() -> Any:
        line = PanelLine(client)
        assert await line.opens()
        await line.watches({**shown, str(other.public_id): ""}, is_list=True)
        first = await line.hears()
        await sync_to_async(left)(said)
        await nudge(f"ticket:{one.pk}")
        second = await line.hears()
        await line.hang_up()
        return [first["changed"], second["changed"]]

    assert async_to_sync(run)() == [str(other.public_id), str(one.public_id)]


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
    shown = {row.public_id: row.mark for row in tickets_of(customer, now=read_clock()).rows}

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


def colleague(account: Account, role: str, email: str = "vera@annashop.example") -> Client:
    """Somebody else of Anna's account, signed in."""
    contact = Contact.objects.create(given_name="Вера", user=User.objects.create_user(email, PASSWORD))
    ContactRole.objects.create(account=account, contact=contact, role=role)
    ContactPoint.objects.create(account=account, contact=contact, kind="email", value=email, on_file_since=NOW)
    return signed_in(email)


def list_hears_of(client: Client, account: Account, *acts: Callable[[], object], known: Ticket) -> list[str]:
    """What an open list hears of tickets opened by these acts, before the `known` ticket changes last."""
    Ticket.objects.update(created_at=F("created_at") - timedelta(minutes=1))

    async def run() -> list[str]:
        line = PanelLine(client)
        assert await line.opens()
        said = {"watch": {str(known.public_id): ""}, "list": True, "account": str(account.public_id)}
        await line.say(json.dumps(said | {"at": read_clock().timestamp()}))
        assert await line.hears() == {"changed": str(known.public_id)}  # it has joined
        for act in acts:
            await sync_to_async(act)()
            for topic in await sync_to_async(newest_topics)():
                await nudge(topic)
        await sync_to_async(changed)(known)
        await nudge(f"ticket:{known.pk}")
        heard: list[str] = []
        while not heard or heard[-1] != str(known.public_id):
            heard.append((await line.hears())["changed"])
        await line.hang_up()
        return heard[:-1]

    return async_to_sync(run)()


def newest_topics() -> tuple[str, ...]:
    """Which the opening of the newest ticket calls out, as its journal has it."""
    return topics_of(Ticket.objects.latest("id"))


def topics_of(ticket: Ticket) -> tuple[str, ...]:
    event = Event.objects.get(stream=f"ticket:{ticket.pk}", type="TicketOpened")
    return TicketOpened(**event.payload.data).topics


def test_a_list_hears_of_a_new_ticket_of_its_account(client: Client, account: Account, tickets: list[Ticket]):
    vera = colleague(account, "technical")
    for who in (vera, client):
        assert list_hears_of(client, account, lambda who=who: asked(who), known=tickets[0]) == ["list"]


def test_nobody_hears_of_tickets_he_does_not_see(
    client: Client, account: Account, other: Account, tickets: list[Ticket]
):
    boris, billing = signed_in(BORIS), colleague(account, "billing")
    asked(billing, subject="О счёте")
    own = Ticket.objects.latest("id")

    def restricted() -> None:
        asked(client)
        Ticket.objects.filter(pk=Ticket.objects.latest("id").pk).update(kind="restricted")

    assert list_hears_of(client, account, restricted, lambda: asked(boris), known=tickets[0]) == []
    assert list_hears_of(client, other, lambda: asked(boris), known=tickets[0]) == [], "a list of another's account"
    assert list_hears_of(billing, account, lambda: asked(client), known=own) == [], "he sees none but his own"
    assert list_hears_of(billing, account, lambda: asked(billing), known=own) == ["list"]


def test_a_list_hears_what_came_while_it_was_on_its_way(client: Client, account: Account, tickets: list[Ticket]):
    async def hears(at: float) -> Any:
        line = PanelLine(client)
        assert await line.opens()
        await line.say(json.dumps({"watch": {}, "list": True, "account": str(account.public_id), "at": at}))
        await line.watches({str(tickets[0].public_id): ""})
        heard = await line.hears()
        await line.hang_up()
        return heard["changed"]

    newest = tickets[1].created_at.timestamp()
    assert async_to_sync(hears)(newest - 1) == "list"
    assert async_to_sync(hears)(newest + WRITTEN_WITHIN) == str(tickets[0].public_id)


def test_a_list_hears_of_a_ticket_begun_before_it_was_read_and_written_after(
    client: Client, account: Account, tickets: list[Ticket]
):
    """Its id and its time are older than those of what the list shows."""
    Ticket.objects.update(created_at=F("created_at") - timedelta(minutes=1))
    late, known = tickets[0], tickets[1]
    Ticket.objects.filter(pk=late.pk).update(created_at=read_clock() - timedelta(seconds=2), is_spam=True)  # not seen

    def ends() -> None:
        Ticket.objects.filter(pk=late.pk).update(is_spam=False)

    async def run(*, is_late: bool) -> list[str]:
        line = PanelLine(client)
        assert await line.opens()
        if is_late:
            await sync_to_async(ends)()
        said = {"watch": {str(known.public_id): ""}, "list": True, "account": str(account.public_id)}
        await line.say(json.dumps(said | {"at": read_clock().timestamp()}))
        heard = [(await line.hears())["changed"]]
        if not is_late:
            await sync_to_async(ends)()
            for topic in await sync_to_async(topics_of)(late):
                await nudge(topic)
        heard.append((await line.hears())["changed"])
        await line.hang_up()
        return heard

    assert async_to_sync(run)(is_late=False) == [str(known.public_id), "list"]
    assert async_to_sync(run)(is_late=True) == [str(known.public_id), "list"]


def test_a_promise_made_and_ended_by_hand_is_told(client: Client, tickets: list[Ticket], agent: Actor):
    one, other = tickets
    later = Promised(read_clock() + timedelta(days=9), "Вернём деньги")  # beyond the clock: the ticket's time stays
    made: list[Promise] = []
    for act in (
        lambda: made.append(promises.make(one.number, later, by=agent, now=read_clock())),
        lambda: promises.keep(one.number, str(made[0].public_id), by=agent, now=read_clock()),
    ):
        assert heard_after(client, one, other, act) == [str(one.public_id)]


def test_a_list_shows_by_its_mark_what_is_promised(client: Client, tickets: list[Ticket], agent: Actor):
    customer = customer_of(User.objects.get(email=ANNA).pk)
    assert customer is not None
    before = {row.public_id: row.mark for row in tickets_of(customer, now=read_clock()).rows}
    later = Promised(read_clock() + timedelta(days=9), "Вернём деньги")
    promises.make(tickets[0].number, later, by=agent, now=read_clock())
    marks = marks_now(customer, list(before), is_list=True, now=read_clock())
    assert [name for name in before if marks[name].mark != before[name]] == [str(tickets[0].public_id)]
