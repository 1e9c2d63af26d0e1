"""Django's backend without its `SELECT 1` before the first query of each request on a kept connection.

The answer is known without a round trip: a server that ended the session has said so to the socket.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg2 import InterfaceError


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        if not self.errors_occurred and _has_nothing_to_say(self.connection):
            return True
        return super().is_usable()


def _has_nothing_to_say(connection: Any) -> bool:
    """Between two queries a living server is silent; an end of the stream can be read, as a notice can."""
    try:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
    except InterfaceError:  # closed on this side
        return False
    return not waiting.poll(0)
