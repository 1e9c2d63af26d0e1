"""What the sockets of both realms have in common."""

import json
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from users.models import Realm

NO_RIGHT = 4403
TOO_MUCH = 1008


class Socket(AsyncJsonWebsocketConsumer):
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
        if session.get("realm") != realm or not session.exists(session.session_key):
            return None
        return int(user.pk)
