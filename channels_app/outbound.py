"""Sends what the ticket room queued: one recipient copy a delivery, committed as begun right before the final dot."""

import logging

from channels_app.drivers.driver import Stopped
from channels_app.drivers.registry import DRIVERS
from channels_app.models import Channel
from core.clock import now
from events.models import DeliveryState
from events.registry import GiveUp, Retry, Subscriber, Unknown, Work
from tickets.contracts import SendReceipt, SendStatus
from tickets.services import conversation

log = logging.getLogger(__name__)

_ENDS = {DeliveryState.FAILED: SendStatus.FAILED, DeliveryState.UNCERTAIN: SendStatus.UNCERTAIN}


def deliver(work: Work) -> None:
    message = conversation.outbound_message(int(work.key))
    driver = Channel.objects.filter(slug=message.channel).values_list("driver", flat=True).first() or "email"
    try:
        receipt = DRIVERS[driver].send(message, before_end=lambda: work.begin("data"))
    except Stopped:
        return  # the lease went to somebody else, who records the end
    log.info("letter=%s copy=%s code=%s", receipt.status.value, work.key, receipt.code)
    if receipt.status in (SendStatus.SENT, SendStatus.FAILED_TEMPORARILY):
        conversation.record_delivery(int(work.key), receipt=receipt, now=now())
    told = f"{receipt.code} {receipt.detail}".strip()
    match receipt.status:
        case SendStatus.FAILED_TEMPORARILY:
            raise Retry(told)
        case SendStatus.FAILED:
            raise GiveUp(told)
        case SendStatus.UNCERTAIN:
            raise Unknown(told)


def tell_end(work: Work, state: str, error: str) -> None:
    """An end that a person must see: refused, given up after two days, or nobody knows. In the end's transaction."""
    if status := _ENDS.get(DeliveryState(state)):
        code, _, detail = error.partition(" ")
        is_code = len(code) <= 32
        receipt = SendReceipt(status, code if is_code else "broken", detail if is_code else error)
        conversation.record_delivery(int(work.key), receipt=receipt, now=now())


SUBSCRIBER = Subscriber(name="mail", handler=deliver, on_end=tell_end, repeatable=False)
