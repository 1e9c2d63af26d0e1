"""Sends the desk's letters to its own people: automatic, from the first mailbox, answered to nobody."""

from channels_app.drivers.registry import DRIVERS
from channels_app.models import Channel
from events.models import DeliveryState
from events.registry import GiveUp, Retry, Subscriber, Unknown, Work
from staff.models import StaffLetter
from staff.services import letters
from tickets.contracts import Address, OutboundMessage, SendStatus


def deliver(work: Work) -> None:
    letter = StaffLetter.objects.select_related("staff").get(pk=int(work.key))
    channel = Channel.objects.filter(driver="email", is_active=True).order_by("id").first()
    if channel is None:
        raise Retry("no mailbox is set up")
    message = OutboundMessage(
        message_id=letter.mail_id,
        sender=Address(channel.address),
        recipient=Address(letter.email, letter.staff.name),
        reply_to=channel.address,
        date=letter.created_at,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        is_automatic=True,
        channel=channel.slug,
    )
    receipt = DRIVERS["email"].send(message, before_end=lambda: work.begin("data"))
    told = f"{receipt.code} {receipt.detail}".strip()
    match receipt.status:
        case SendStatus.SENT:
            letters.record_end(letter.pk, status="sent")
        case SendStatus.FAILED_TEMPORARILY:
            raise Retry(told)
        case SendStatus.FAILED:
            raise GiveUp(told)
        case SendStatus.UNCERTAIN:
            raise Unknown(told)


def tell_end(work: Work, state: str, error: str) -> None:
    if state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        letters.record_end(int(work.key), status=state, detail=error)


SUBSCRIBER = Subscriber(name="staff_mail", handler=deliver, on_end=tell_end, repeatable=False)
