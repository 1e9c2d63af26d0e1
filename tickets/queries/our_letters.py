"""Letters of ours that a customer checks by their code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import key
from customers.actor import Customer
from tickets.access import visible_to_customer
from tickets.enums import Author
from tickets.models import Message
from tickets.numbers import pretty
from tickets.policies import letter_code

LETTERS_OF = timedelta(days=30)
_MOST_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class OurLetter:
    pretty_number: str
    subject: str
    at: datetime


def letter_with_code(customer: Customer, account_id: int, typed: str, *, now: datetime) -> OurLetter | None:
    """The letter of ours that has this code, if it is of the last month and he sees its ticket. One query."""
    digits = "".join(filter(str.isdigit, typed))
    if len(digits) != letter_code.DIGITS:
        return None
    ours = Message.objects.filter(
        ticket__in=visible_to_customer(customer).filter(account_id=account_id, updated_at__gt=now - LETTERS_OF),
        author=Author.AGENT.value,
        created_at__gt=now - LETTERS_OF,
        withdrawn_at=None,
    ).order_by("-id")
    secret = key("letter-codes")
    for public_id, number, subject, at in ours.values_list(
        "public_id", "ticket__number", "ticket__subject", "created_at"
    )[:_MOST_LETTERS]:
        if letter_code.letter_code(public_id, key=secret).replace(" ", "") == digits:
            return OurLetter(pretty(number), subject, at)
    return None
