"""Sends the desk's letters to its own people: automatic, from the first mailbox, answered to nobody."""

from channels_app import own_mail
from channels_app.drivers.relay import connections_kept
from events.models import DeliveryState
from events.registry import Subscriber, Work
from staff.models import StaffLetter
from staff.services import letters


def deliver(work: Work) -> None:
    letter = StaffLetter.objects.select_related("staff").get(pk=int(work.key))
    own_mail.send(letter, to_name=letter.staff.name, work=work)
    letters.record_end(letter.pk, status="sent")


def tell_end(work: Work, state: str, error: str) -> None:
    if state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        letters.record_end(int(work.key), status=state, detail=error)


SUBSCRIBER = Subscriber(name="staff_mail", handler=deliver, around=connections_kept, on_end=tell_end, repeatable=False)
