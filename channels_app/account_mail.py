"""Sends the desk's letters to people on file of an account: automatic, from the first mailbox, answered to nobody."""

from assurance.services import letters
from channels_app import own_mail
from channels_app.drivers.relay import connections_kept
from events.models import DeliveryState
from events.registry import Subscriber, Work


def deliver(work: Work) -> None:
    letter = letters.letter(int(work.key))
    own_mail.send(letter, to_name="", work=work)
    letters.record_end(letter.pk, status="sent")


def tell_end(work: Work, state: str, error: str) -> None:
    if state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        letters.record_end(int(work.key), status=state, detail=error)


SUBSCRIBER = Subscriber(
    name="account_mail", handler=deliver, around=connections_kept, on_end=tell_end, repeatable=False
)
