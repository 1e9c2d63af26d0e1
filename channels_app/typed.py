"""Addresses that people of the desk type: read strictly, for a slip of the hand sends a letter to a stranger."""

from collections.abc import Sequence

from channels_app.mail import addresses
from channels_app.mail.parse import look_alike
from channels_app.models import Channel
from tickets.contracts import Address
from tickets.services.refused import Refused

MOST = 20


def recipients(text: str) -> tuple[Address, ...]:
    """Everybody named, each once. Raises `Refused` for the first that cannot be written to or should not be."""
    parsed = addresses.parse(text.replace(";", ",").replace("\n", ","), limit=MOST)
    if parsed.refused or any(not mailbox.is_clean or not mailbox.email for mailbox in parsed.mailboxes):
        raise Refused("unreadable_address")
    if parsed.left_out:
        raise Refused("too_many_recipients")
    found = {mailbox.email: addresses.as_address(mailbox) for mailbox in parsed.mailboxes}
    for address in found.values():
        if "." not in address.domain:
            raise Refused("unreadable_address")
        if look_alike(address.domain):
            raise Refused("look_alike_address")
    if _ours(found):
        raise Refused("own_address")
    return tuple(found.values())


def one(text: str) -> Address:
    found = recipients(text)
    if len(found) != 1:
        raise Refused("one_address")
    return found[0]


def sender(address: str, *, offered: Sequence[str]) -> str:
    """The address chosen in the form; only one that was offered."""
    if address and address not in offered:
        raise Refused("not_our_address")
    return address


def _ours(emails: dict[str, Address]) -> bool:
    """Whether a door of ours is among them, with a reply token or without."""
    bare = {f"{email.partition('@')[0].partition('+')[0]}@{email.partition('@')[2]}" for email in emails}
    return Channel.objects.filter(address__in=bare).exists()
