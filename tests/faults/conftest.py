from dataclasses import dataclass

import pytest

from channels_app.drivers.relay import Relay
from tests.channels_app.conftest import Sink, loop, sink  # noqa: F401 - fixtures, found by their names


@dataclass(frozen=True)
class Outlet:
    """Where a desk sends its mail during a test."""

    sink: Sink
    url: str

    def to(self, recipient: str) -> list[bytes]:
        return [content for _, recipients, content in self.sink.mails if recipient in recipients]


@pytest.fixture
def outlet(sink: tuple[Sink, Relay]) -> Outlet:  # noqa: F811 - the fixture above, asked for by its name
    server, relay = sink
    return Outlet(server, f"smtp://{relay.host}:{relay.port}")
