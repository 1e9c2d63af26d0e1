"""The open pages of customers. A socket says that a request changed, never what: the page asks again by itself."""

import time
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async

from core.clock import now as read_clock
from customers.actor import Customer, Right
from customers.panel import accounts_of
from customers.queries import customer_of
from events.relay import group_name
from realtime.pace import Pace
from realtime.socket import NO_RIGHT, TOO_MUCH, Socket
from tickets.event_types.base import lists_of
from tickets.queries.customer_lists import tickets_of
from tickets.queries.marks import Marked, marks_now
from users.models import Realm, User
from users.sessions import topic_of

MOST_WATCHED = 30  # a page of the list has fewer
NEWEST = 5  # tickets of a list that are looked at
WRITTEN_WITHIN = 10.0  # seconds: a ticket has the time at which its transaction began, and is seen when that has ended
RIGHTS_SECONDS = 10  # whoever lost his account hears nothing more after so long at the latest


class PanelConsumer(Socket):
    """One open page of the panel. It sends `{"watch": {"<public id>": "<mark>"}, "list": true}` with what it shows
    and hears `{"changed": "<public id>"}` when that is no longer so. Of what its reader does not see it hears nothing.

    A list says besides of which account it is and since when: `"account": "<public id>", "at": <seconds>`. It hears
    `{"changed": "list"}` when a ticket has come that its reader sees.
    """

    async def connect(self) -> None:
        self.pace = Pace(time.monotonic())
        self.shown: dict[str, str] = {}  # public id: mark
        self.topics: dict[str, str] = {}  # topic: public id
        self.is_list = False
        self.account_id: int | None = None
        self.list_topics: set[str] = set()
        self.since = 0.0  # when the list was read
        self.known: set[str] = set()  # public ids of its newest tickets, as shown or told
        self.own_topic = ""
        self.customer = await database_sync_to_async(self._customer)()
        self.checked_at = time.monotonic()
        if self.customer is None:
            await self.close(code=NO_RIGHT)
            return
        self.own_topic = topic_of(self.customer.user_id or 0)
        await self.channel_layer.group_add(group_name(self.own_topic), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for topic in filter(None, (self.own_topic, *self.list_topics, *self.topics)):
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if not self.pace.allows(time.monotonic()):
            await self.close(code=TOO_MUCH)
        elif isinstance(content, dict) and isinstance(content.get("watch"), dict):
            shown = {name: str(mark) for name, mark in content["watch"].items() if _is_uuid(name)}
            await self._watch(dict(list(shown.items())[:MOST_WATCHED]), is_list=content.get("list") is True)
            account, at = content.get("account"), content.get("at")
            if self.is_list and _is_uuid(account) and isinstance(at, int | float):
                await self._await_tickets(str(account), since=at)

    async def _watch(self, shown: dict[str, str], *, is_list: bool) -> None:
        """In place of what was watched before. Compared after joining: what changed while the page came is told."""
        for topic in self.topics:
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)
        self.shown, self.topics, self.is_list = shown, {}, is_list
        for public_id, found in (await self._seen(shown)).items():
            topic = f"ticket:{found.ticket_id}"
            self.topics[topic] = public_id
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
        await self._compare(self.topics.values())

    async def _await_tickets(self, account: str, *, since: float) -> None:
        """Those that came while the page was on its way are told, too."""
        if not await self._is_let_in() or self.customer is None:
            return
        self.account_id, topics = await database_sync_to_async(_lists)(self.customer, account)
        for topic in self.list_topics - topics:
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)
        for topic in topics - self.list_topics:
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
        self.list_topics, self.since, self.known = topics, since, set(self.shown)
        await self._tell_new()

    async def _tell_new(self) -> None:
        """Whether a ticket has come to the list that it neither shows nor was told of, with the rights of this moment.

        By time and name, as what was written first may be seen last: neither time nor id alone tells what is new.
        """
        if self.account_id is None or not await self._is_let_in() or self.customer is None:
            return
        page = await database_sync_to_async(tickets_of)(
            self.customer, account_id=self.account_id, limit=NEWEST, now=read_clock()
        )
        begins = self.since - WRITTEN_WITHIN
        new = {row.public_id for row in page.rows if row.created_at.timestamp() > begins} - self.known
        if new:
            self.known |= new
            await self.send_json({"changed": "list"})

    async def nudge(self, event: dict[str, Any]) -> None:
        """Handler of the relay's calls."""
        topic = event["topic"]
        if topic == self.own_topic:
            await self._is_let_in(at_once=True)
        elif topic in self.topics:
            await self._compare([self.topics[topic]])
        elif topic in self.list_topics:
            await self._tell_new()

    async def presence(self, event: dict[str, Any]) -> None:
        """Handler of what colleagues at the same ticket tell each other: no customer hears of it."""

    async def _compare(self, public_ids: Any) -> None:
        seen = await self._seen(list(public_ids))
        for public_id, found in seen.items():
            if not found.waits and found.mark != self.shown[public_id]:
                self.shown[public_id] = found.mark
                await self.send_json({"changed": public_id})

    async def _seen(self, public_ids: Any) -> dict[str, Marked]:
        """With the rights of this moment; nothing without any."""
        if not public_ids or not await self._is_let_in():
            return {}
        marks = database_sync_to_async(marks_now)
        return await marks(self.customer, list(public_ids), is_list=self.is_list, now=read_clock())

    async def _is_let_in(self, *, at_once: bool = False) -> bool:
        if at_once or time.monotonic() - self.checked_at > RIGHTS_SECONDS:
            self.checked_at = time.monotonic()
            self.customer = await database_sync_to_async(self._customer)()
            if self.customer is None:
                await self.close(code=NO_RIGHT)
        return self.customer is not None

    def _customer(self) -> Customer | None:
        user_id = self.user_in(Realm.PANEL)
        if user_id is None or not User.objects.filter(pk=user_id, is_active=True).exists():
            return None
        return customer_of(user_id)


def _lists(customer: Customer, account: str) -> tuple[int | None, set[str]]:
    """The account whose list he looks at, and where its tickets are called out; nothing where it is none of his."""
    found = next((each.id for each in accounts_of(customer) if each.public_id == account), None)
    if found is None:
        return None, set()
    whole = [found] if customer.may(found, Right.SEE) else []
    return found, set(lists_of(accounts=whole, contact=customer.contact_id))


def _is_uuid(text: object) -> bool:
    try:
        return str(UUID(str(text))) == text
    except ValueError:
        return False
