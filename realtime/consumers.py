"""Sockets carry nudges, never content: the page that hears one asks again with its own rights."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import Http404

from core.clock import now as read_clock
from events.relay import group_name
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import get_ticket_for
from users.models import Realm, User

DESK_TOPIC = "desk"
QUARANTINE_TOPIC = "quarantine"
NO_RIGHT = 4403
MAX_WATCHED = 5
RECHECK_SECONDS = 60


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """One open page of the desk. It may send `{"watch": "<ticket number>"}` and hears `{"topic": "..."}`,
    the first time with the version it should be showing.
    """

    async def connect(self) -> None:
        self.watched: set[str] = set()
        self.checked_at = read_clock()
        self.actor = await database_sync_to_async(self._actor)()
        if self.actor is None:
            await self.close(code=NO_RIGHT)
            return
        self.joined = {DESK_TOPIC, QUARANTINE_TOPIC} if self.actor.may(Perm.HANDLE_QUARANTINE) else {DESK_TOPIC}
        for topic in self.joined:
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if getattr(self, "actor", None) is None:
            return
        for topic in self.joined | self.watched:
            await self.channel_layer.group_discard(group_name(topic), self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        number = content.get("watch") if isinstance(content, dict) else None
        if not isinstance(number, str) or self.actor is None or len(self.watched) >= MAX_WATCHED:
            return
        topic = await database_sync_to_async(self._topic_of)(self.actor, number)
        if topic:
            self.watched.add(topic)
            await self.channel_layer.group_add(group_name(topic), self.channel_name)
            # Read after joining: what changed while the page was on its way is noticed by its version.
            version = await database_sync_to_async(self._version_of)(self.actor, number)
            await self.send_json({"topic": topic, "version": version})

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """What is not JSON is nothing we asked for."""
        try:
            return json.loads(text_data)
        except ValueError:
            return None

    async def nudge(self, event: dict[str, Any]) -> None:
        """Handler of the relay's calls. A socket does not outlive the session that opened it."""
        if (read_clock() - self.checked_at).total_seconds() > RECHECK_SECONDS:
            self.checked_at = read_clock()
            if await database_sync_to_async(self._actor)() is None:
                await self.close(code=NO_RIGHT)
                return
        await self.send_json({"topic": event["topic"]})

    def _actor(self) -> Actor | None:
        session = self.scope["session"]
        user_id = self._user_id()
        if user_id is None or session.get("realm") != Realm.DESK or not session.exists(session.session_key):
            return None
        user = User.objects.filter(pk=user_id, is_active=True).select_related("staff").first()
        staff = getattr(user, "staff", None)
        return staff.actor() if staff else None

    def _user_id(self) -> int | None:
        user = self.scope.get("user")
        return user.pk if user is not None and user.is_authenticated else None

    @staticmethod
    def _topic_of(actor: Actor, number: str) -> str:
        try:
            return f"ticket:{get_ticket_for(actor, number).pk}"
        except Http404:
            return ""

    @staticmethod
    def _version_of(actor: Actor, number: str) -> int:
        try:
            return get_ticket_for(actor, number).version
        except Http404:
            return 0
