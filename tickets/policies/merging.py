"""May two tickets become one, or a message of one go into the other? Pure.

What is in a ticket may reach whoever takes part in it: answers quote it. So only what belongs to one and the same
requester comes together, or to contacts of one account that both tickets recognise. Nobody's part spreads with it.
"""

from dataclasses import dataclass

from core.trust import Level
from tickets.enums import Kind, Status


@dataclass(frozen=True, slots=True)
class Side:
    email: str
    account_id: int | None
    contact_id: int | None
    level: Level
    kind: Kind
    status: Status
    is_spam: bool
    is_merged: bool


def refusal(source: Side, target: Side) -> str:
    """A code of web/desk/words.py, or "" where nothing speaks against it."""
    if source.is_merged or target.is_merged:
        return "merged_already"
    if source.is_spam or target.is_spam:
        return "merge_spam"
    if target.status.is_done:
        return "merge_into_done"
    if (source.kind is Kind.RESTRICTED) != (target.kind is Kind.RESTRICTED):
        return "merge_restricted"
    return "" if is_of_one_person(source, target) else "merge_strangers"


def refusal_of_whole(source: Side, target: Side, *, has_held: bool, has_open_action: bool) -> str:
    """The same for a whole ticket: what waits in it for a decision would not be found in the other, whose words and
    people that decision names nowhere.
    """
    if why := refusal(source, target):
        return why
    return "merge_held" if has_held else "merge_action" if has_open_action else ""


def is_of_one_person(source: Side, target: Side) -> bool:
    if Level.CONTRADICTED in (source.level, target.level):
        return False
    if source.account_id and target.account_id and source.account_id != target.account_id:
        return False  # one address may stand for many accounts
    if source.email and source.email == target.email:
        return True
    is_one_account = source.account_id is not None and source.account_id == target.account_id
    are_known = source.contact_id is not None and target.contact_id is not None
    return is_one_account and are_known and min(source.level, target.level) >= Level.RECOGNISED
