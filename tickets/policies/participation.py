"""What whoever takes part in a ticket may do there. Pure; mail alone never makes anybody take part."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from customers.actor import Customer, Right


class PartRight(StrEnum):
    SEE = "see"  # gets the letters; with a sign-in reads the ticket in the panel, from the day he joined
    REPLY = "reply"  # what he writes is a message of the ticket; without it, it waits for an agent
    AUTHORISE = "authorise"  # critical actions of the ticket's account


@dataclass(frozen=True, slots=True)
class Part:
    is_requester: bool = False
    may_reply: bool = False
    has_ended: bool = False
    decides: bool = False  # by his roles in the ticket's account: nobody at a ticket gives or takes it


def rights(part: Part) -> frozenset[PartRight]:
    if part.has_ended:
        return frozenset()
    given = {PartRight.SEE}
    if part.is_requester or part.may_reply:
        given.add(PartRight.REPLY)
    if part.decides:
        given.add(PartRight.AUTHORISE)
    return frozenset(given)


def in_order(given: frozenset[PartRight]) -> tuple[PartRight, ...]:
    """As they are told to people."""
    return tuple(right for right in PartRight if right in given)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a signed-in customer is to one ticket."""

    rights: frozenset[PartRight]
    since: datetime | None  # what was said before is not for him; None: all of it is
    is_his: bool  # by himself or by his account: he closes it and opens it again
    may_invite: bool  # others into it, and send them away


NOBODY = Standing(frozenset(), None, is_his=False, may_invite=False)


def standing(
    customer: Customer, *, contact_id: int | None, account_id: int | None, part: Part | None, since: datetime | None
) -> Standing:
    """Of a ticket that is not closed to customers as such. `part`, `since`: his place among those who take part."""
    decides = customer.may(account_id, Right.AUTHORISE)
    is_own = contact_id == customer.contact_id and (account_id is None or customer.may(account_id, Right.ASK))
    if is_own or (contact_id is not None and customer.may(account_id, Right.SEE)):
        is_his = is_own or customer.may(account_id, Right.ASK)
        return Standing(
            rights(Part(is_requester=is_his, may_reply=part is not None and part.may_reply, decides=decides)),
            None,
            is_his=is_his,
            may_invite=is_own or customer.may(account_id, Right.MANAGE),
        )
    if part is None or account_id is None or account_id not in customer.roles:
        return NOBODY  # whoever has no role in the account takes part by mail alone
    given = rights(replace(part, decides=decides))
    return Standing(given, since, is_his=False, may_invite=False) if given else NOBODY
