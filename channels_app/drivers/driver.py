"""What a driver of a door that sends promises. It sees messages, never tickets."""

from collections.abc import Callable
from typing import Protocol

from tickets.contracts import OutboundMessage, SendReceipt


class Stopped(Exception):
    """`before_end` said no: nothing was handed over, and somebody else goes on with this message."""


class Driver(Protocol):
    def send(self, message: OutboundMessage, *, before_end: Callable[[], bool]) -> SendReceipt:
        """Hands one message over. Trouble is a receipt, not an exception.

        `before_end` is called once, right before the step after which the message may have gone out whatever
        happens to us; if it is false the driver takes nothing further and raises `Stopped`.
        """
        ...
