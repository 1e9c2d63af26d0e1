"""Sends what the ticket room queued: one recipient copy a delivery, committed as begun right before the final dot."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from django.db import connection

from channels_app.drivers.driver import Stopped
from channels_app.drivers.registry import DRIVERS
from channels_app.drivers.relay import connections_kept
from core import prepared
from core.clock import now
from events.models import DeliveryState
from events.registry import GiveUp, Retry, Subscriber, Unknown, Work
from tickets.contracts import OutboundMessage, SendReceipt, SendStatus
from tickets.services import conversation, side_letters

log = logging.getLogger(__name__)

_ENDS = {DeliveryState.FAILED: SendStatus.FAILED, DeliveryState.UNCERTAIN: SendStatus.UNCERTAIN}


class Record(Protocol):
    def __call__(self, row_id: int, /, *, receipt: SendReceipt, now: datetime) -> None: ...


def deliver(work: Work) -> Callable[[], None] | None:
    return _deliver(work, conversation.outbound_message(int(work.key)), record=conversation.record_delivery)


def deliver_aside(work: Work) -> Callable[[], None] | None:
    return _deliver(work, side_letters.outbound_message(int(work.key)), record=side_letters.record_delivery)


def _deliver(work: Work, message: OutboundMessage, *, record: Record) -> Callable[[], None] | None:
    try:
        receipt = DRIVERS[_driver(message.channel)].send(message, before_end=lambda: work.begin("data"))
    except Stopped:
        return None  # the lease went to somebody else, who records the end
    log.info("letter=%s copy=%s code=%s", receipt.status.value, work.key, receipt.code)
    told = f"{receipt.code} {receipt.detail}".strip()
    match receipt.status:
        case SendStatus.SENT:
            return partial(record, int(work.key), receipt=receipt, now=now())
        case SendStatus.FAILED_TEMPORARILY:
            record(int(work.key), receipt=receipt, now=now())
            raise Retry(told)
        case SendStatus.FAILED:
            raise GiveUp(told)
        case SendStatus.UNCERTAIN:
            raise Unknown(told)


def _driver(channel: str) -> str:
    with connection.cursor() as cursor:  # by hand: every letter asks it
        prepared.execute(cursor, "SELECT driver FROM channels_app_channel WHERE slug = %s", [channel])
        found = cursor.fetchone()
    return found[0] if found else "email"


def tell_end(work: Work, state: str, error: str) -> None:
    _tell_end(work, state, error, record=conversation.record_delivery)


def tell_end_aside(work: Work, state: str, error: str) -> None:
    _tell_end(work, state, error, record=side_letters.record_delivery)


def _tell_end(work: Work, state: str, error: str, *, record: Record) -> None:
    """An end that a person must see: refused, given up after two days, or nobody knows. In the end's transaction."""
    if status := _ENDS.get(DeliveryState(state)):
        code, _, detail = error.partition(" ")
        is_code = len(code) <= 32
        receipt = SendReceipt(status, code if is_code else "broken", detail if is_code else error)
        record(int(work.key), receipt=receipt, now=now())


SUBSCRIBER = Subscriber(name="mail", handler=deliver, around=connections_kept, on_end=tell_end, repeatable=False)
ASIDE = Subscriber(
    name="side_mail", handler=deliver_aside, around=connections_kept, on_end=tell_end_aside, repeatable=False
)
