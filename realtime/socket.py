"""What the sockets of both realms have in common."""

import json
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from core.clock import now as read_clock
from users import sessions
from users.models import Realm

NO_RIGHT = 4403
TOO_MUCH = 1008


class Socket(AsyncJsonWebsocketConsumer):
    place: int | None = None  # in the list of sessions: the key of a session may change while a page is open

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """What is not JSON is nothing we asked for."""
        try:
            return json.loads(text_data)
        except ValueError:
            return None

    def user_in(self, realm: Realm) -> int | None:
        """Whose session of this realm opened the socket; None once it has ended."""
        session, user = self.scope["session"], self.scope.get("user")
        if user is None or not user.is_authenticated:
            return None
        self.place = self.place or sessions.place_of(session.session_key)
        if self.place is None:
            stands = session.exists(session.session_key)
        else:
            stands = sessions.stands(self.place, now=read_clock())
        return int(user.pk) if stands and session.get("realm") == realm else None
