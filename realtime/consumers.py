"""Sockets carry nudges, not content: the page that hears one asks again with its own rights.

One thing is said in words, because it is over before anybody could ask: who is at a ticket, and what he does there.
It is kept nowhere. A page says it again and again, and whoever hears nothing more forgets it; who comes later asks.
"""

import asyncio
import math
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from channels.db import database_sync_to_async
from django.http import Http404

from core.clock import now as read_clock
from events.relay import group_name
from realtime.pace import Pace
from realtime.socket import NO_RIGHT, TOO_MUCH, Socket
from staff.actor import Actor
from staff.event_types import topic_of
from staff.roles import Perm
from tickets.access import get_ticket_for
from tickets.enums import Kind
from tickets.policies.visibility import may_see
from users.models import Realm, User

DESK_TOPIC = "desk"
QUARANTINE_TOPIC = "quarantine"
GLANCES = "glances"  # of all lists
MAX_WATCHED = 5
RECHECK_SECONDS = 60
AT_ONCE = -1
CONTENT_RECHECK_SECONDS = 10  # who is at a ticket is told to nobody whose right to it is older than that
TYPING_SECONDS = 6
BUS_SECONDS = 1  # a frozen bus costs the sign and nothing else
LEFT = "left"
DOINGS = frozenset({"views", "reply", "note", LEFT})


Sight = tuple[int | None, int | None, str]  # team, assignee and kind of a ticket: who may see it


class DeskConsumer(Socket):
    """One open page of the desk. It may send `{"watch": "<ticket number>"}` and hears `{"topic": "..."}`,
    the first time with the version it should be showing. `{"here": "views"}` (or reply, note, left) tells the
    others at the watched ticket and is answered with the version again, so that a lost nudge is noticed.
    `{"glance": true}` is for a list: it hears who is at which ticket, of those its reader may see.
    """

    async def connect(self) -> None:
        self.joined: set[str] = set()
        self.watched: dict[str, str] = {}  # topic: number of the ticket
        self.proven: dict[str, float] = {}  # topic: when the right to see it was last asked
        self.sight: dict[str, Sight] = {}
        self.doing, self.typed_at = LEFT, 0.0
        self.tab = uuid4().hex[:12]
        self.pace = Pace(time.monotonic())
        self.checked_at = read_clock()
        self.actor = await database_sync_to_async(self._actor)()
        if self.actor is None:
            await self.close(code=NO_RIGHT)
            return
        self.joined = {DESK_TOPIC, QUARANTINE_TOPIC} if self.actor.may(Perm.HANDLE_QUARANTINE) else {DESK_TOPIC}
        self.own_topic = topic_of(self.actor.staff_id or 0)
        self.joined.add(self.own_topic)
        for topic in self.joined:
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for topic in self.watched:
            await self._tell(topic, LEFT)
        for topic in self.joined | set(self.watched):
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if not self.pace.allows(time.monotonic()):
            await self.close(code=TOO_MUCH)
        elif isinstance(content, dict) and self.actor is not None:
            number, doing = content.get("watch"), content.get("here")
            if isinstance(number, str) and len(self.watched) < MAX_WATCHED:
                await self._watch(number)
            elif isinstance(doing, str) and doing in DOINGS:
                await self._is_here(doing)
            elif content.get("glance") is True and GLANCES not in self.joined:
                await self._glance()

    async def _watch(self, number: str) -> None:
        if not await self._is_let_in(CONTENT_RECHECK_SECONDS):
            return
        topic = await database_sync_to_async(self._topic_of)(self.actor, number)
        if topic:
            self.watched[topic] = number
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
            # Read after joining: what changed while the page was on its way is noticed by its version.
            await self.send_json({"topic": topic, "version": await self._look(topic)})

    async def _glance(self) -> None:
        """Those who are at a ticket now say so to this list alone, the others as they come."""
        self.joined.add(GLANCES)
        await self.channel_layer.group_add(group_name(GLANCES), self.channel_name)
        call = self.channel_layer.group_send(group_name(DESK_TOPIC), {"type": "asked", "by": self.channel_name})
        with suppress(Exception):
            await asyncio.wait_for(call, BUS_SECONDS)

    async def asked(self, event: dict[str, Any]) -> None:
        for topic in self.watched if self.doing != LEFT else ():
            with suppress(Exception):
                await asyncio.wait_for(self.channel_layer.send(event["by"], self._glimpse(topic, "views")), BUS_SECONDS)

    async def glimpse(self, event: dict[str, Any]) -> None:
        """Somebody is at a ticket that may stand in this list. Who may see it comes with the call: it asks nothing."""
        if self.actor is None or event["who"] == self.actor.staff_id:
            return
        if not await self._is_let_in(CONTENT_RECHECK_SECONDS):
            return
        team_id, assignee_id, kind = event["sight"]
        if may_see(self.actor, team_id=team_id, assignee_id=assignee_id, kind=Kind(kind)):
            await self.send_json({"glimpse": {name: event[name] for name in ("topic", "tab", "who", "name", "doing")}})

    async def _is_here(self, doing: str) -> None:
        is_new = self.doing == LEFT
        for topic in list(self.watched):
            version = await self._prove(topic)
            if version:
                await self._tell(topic, doing, asks=is_new and doing != LEFT)
                await self.send_json({"topic": topic, "version": version})
        self.doing = doing
        if doing not in ("views", LEFT):
            self.typed_at = time.monotonic()

    async def presence(self, event: dict[str, Any]) -> None:
        """Somebody at a ticket watched here does something, in one of perhaps several windows."""
        topic = event["topic"]
        if self.actor is None or topic not in self.watched or event["who"] == self.actor.staff_id:
            return
        is_fresh = time.monotonic() - self.proven[topic] < CONTENT_RECHECK_SECONDS
        if not is_fresh and not await self._prove(topic):
            return
        await self.send_json({"presence": {name: event[name] for name in ("tab", "who", "name", "doing")}})
        if event["asks"] and self.doing != LEFT:
            is_typing = time.monotonic() - self.typed_at < TYPING_SECONDS
            await self._tell(topic, self.doing if is_typing else "views")

    async def _tell(self, topic: str, doing: str, *, asks: bool = False) -> None:
        if self.actor is None or topic not in self.sight or (doing == LEFT and self.doing == LEFT):
            return
        glimpse = self._glimpse(topic, doing)
        calls = asyncio.gather(
            self.channel_layer.group_send(group_name(topic), glimpse | {"type": "presence", "asks": asks}),
            self.channel_layer.group_send(group_name(GLANCES), glimpse),
        )
        with suppress(Exception):
            await asyncio.wait_for(calls, BUS_SECONDS)

    def _glimpse(self, topic: str, doing: str) -> dict[str, Any]:
        assert self.actor is not None
        said = {"topic": topic, "tab": self.tab, "who": self.actor.staff_id, "name": self.actor.name, "doing": doing}
        return {"type": "glimpse", "sight": self.sight[topic], **said}

    async def _prove(self, topic: str) -> int:
        """The version of a watched ticket, asked with the rights of this moment; 0, and watched no more, without."""
        if not await self._is_let_in(CONTENT_RECHECK_SECONDS):
            return 0
        version = await self._look(topic)
        if not version:
            await self._tell(topic, LEFT)
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)
            self.watched.pop(topic, None)
        return version

    async def _look(self, topic: str) -> int:
        version, sight = await database_sync_to_async(self._seen)(self.actor, self.watched[topic])
        self.proven[topic] = time.monotonic()
        if version:
            self.sight[topic] = sight
        return version

    async def _is_let_in(self, seconds: int) -> bool:
        """Session and rights, read again when older than this. A socket does not outlive the session that opened it."""
        if (read_clock() - self.checked_at).total_seconds() > seconds:
            self.checked_at = read_clock()
            fresh = await database_sync_to_async(self._actor)()
            if fresh is None:
                for topic in self.watched:
                    await self._tell(topic, LEFT)
                await self.close(code=NO_RIGHT)
            self.actor = fresh
        return self.actor is not None

    async def nudge(self, event: dict[str, Any]) -> None:
        """Handler of the relay's calls."""
        topic = event["topic"]
        if topic in self.proven:
            self.proven[topic] = -math.inf  # it changed: perhaps its team, too
        # What happened to himself may have taken his rights, or his session: read them before anything else.
        if await self._is_let_in(AT_ONCE if topic == self.own_topic else RECHECK_SECONDS):
            await self.send_json({"topic": topic})

    def _actor(self) -> Actor | None:
        user_id = self.user_in(Realm.DESK)
        if user_id is None:
            return None
        user = User.objects.filter(pk=user_id, is_active=True).select_related("staff").first()
        staff = getattr(user, "staff", None)
        return staff.actor() if staff else None

    @staticmethod
    def _topic_of(actor: Actor, number: str) -> str:
        try:
            return f"ticket:{get_ticket_for(actor, number).pk}"
        except Http404:
            return ""

    @staticmethod
    def _seen(actor: Actor, number: str) -> tuple[int, Sight]:
        """The version, 0 for nothing to see, and who may see it."""
        try:
            ticket = get_ticket_for(actor, number)
        except Http404:
            return 0, (None, None, "")
        return ticket.version, (ticket.team_id, ticket.assignee_id, ticket.kind)
