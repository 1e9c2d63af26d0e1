"""What the ticket room made of a mail, for whoever asks whether it arrived."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from staff.actor import Actor
from tickets.access import visible_to
from tickets.models import AutoReply, Message
from tickets.numbers import pretty


@dataclass(frozen=True, slots=True)
class MailEnd:
    number: str  # "" for a ticket this actor may not see
    pretty_number: str
    is_first: bool  # of this writer in the ticket: the one that is answered automatically, or not
    held: str
    nature: str
    reply: str = ""  # "sent", "summary", "summary_waits" or the code of why it was withheld; "": nothing to decide
    reply_status: str = ""  # of delivery


def ends_of_mail(actor: Actor, raw_ids: Collection[str]) -> dict[str, MailEnd]:
    """By the id of the raw mail; those without a message are left out. Three queries.

    The ticket is asked of the message itself, so a message that was moved is found where it stands now.
    """
    earlier = Message.objects.filter(
        ticket=OuterRef("ticket"), sender_email=OuterRef("sender_email"), id__lt=OuterRef("id"), direction="in"
    )
    messages = list(
        Message.objects.filter(raw_id__in=raw_ids)
        .annotate(is_later=Exists(earlier))
        .values("raw_id", "ticket_id", "sender_email", "held", "nature", "is_later")
    )
    tickets = {message["ticket_id"] for message in messages}
    numbers = dict(visible_to(actor).filter(pk__in=tickets).values_list("pk", "number"))
    rows = AutoReply.objects.filter(ticket__in=tickets, address__in={message["sender_email"] for message in messages})
    replies = {
        (ticket, address): (_reply(form, reason, awaits), status or "")
        for ticket, address, form, reason, awaits, status in rows.values_list(
            "ticket_id", "address", "form", "reason", "awaits_summary", "message__copies__status"
        )
    }
    ends = {}
    for message in messages:
        number = numbers.get(message["ticket_id"], "")
        is_first = not message["is_later"]
        reply, status = replies.get((message["ticket_id"], message["sender_email"]), ("", "")) if is_first else ("", "")
        ends[message["raw_id"]] = MailEnd(
            number, pretty(number) if number else "", is_first, message["held"], message["nature"], reply, status
        )
    return ends


def _reply(form: str, reason: str, awaits_summary: bool) -> str:
    if awaits_summary:
        return "summary_waits"
    if reason == "summary":
        return reason
    return reason if form == "none" else "sent"
