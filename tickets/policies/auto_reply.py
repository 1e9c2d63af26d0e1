"""The one rule of the automatic reply: who gets a number at once, in which form, and why not. Pure.

To level 0, machines, lists, spam: none. To level 1: fixed words and the number, within limits.
To level 2 and above and to contacts on file: always, with the subject,
but to nobody as often as only a machine writes. To another sender in a ticket: fixed words
and the number of the ticket he wrote into, for he is told nothing more.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.trust import Level
from tickets.contracts import Nature

MOST_PER_ADDRESS_HOUR = 3
MOST_PER_ADDRESS_DAY = 10
MOST_PER_DOMAIN_HOUR = 60
MOST_IN_A_LOOP_HOUR = 30  # at any level: a machine without marks that answers our answers
MOST_IN_A_LOOP_DAY = 100
MOST_LEVEL_ONE_HOUR = 600  # the global brake; counts level-1 replies only


class Form(StrEnum):
    NONE = "none"
    NUMBER_ONLY = "number_only"  # nothing of the sender's words
    WITH_SUBJECT = "with_subject"


@dataclass(frozen=True, slots=True)
class Sent:
    """Replies already sent, as counted before this one: of level 1, but for the last two of any level."""

    to_address_hour: int = 0
    to_address_day: int = 0
    to_domain_hour: int = 0
    level_one_hour: int = 0
    at_any_level_hour: int = 0
    at_any_level_day: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    form: Form
    reason: str = ""  # why not: a code shown on the ticket
    into_summary: bool = False


def decide(
    *,
    level: Level,
    nature: Nature,
    address: str,
    is_single_sender: bool,
    is_contact: bool,
    is_ours: bool,
    is_other_sender: bool,
    is_spam: bool,
    can_answer: bool,
    sent: Sent,
) -> Decision:
    if nature is not Nature.PERSON:
        return Decision(Form.NONE, f"nature_{nature.value}")
    if is_spam:
        return Decision(Form.NONE, "spam")
    if is_ours:
        return Decision(Form.NONE, "loop")
    if not can_answer:
        return Decision(Form.NONE, "no_address_of_ours")
    if level is Level.CONTRADICTED:
        return Decision(Form.NONE, "contradicted")
    if not address or not is_single_sender:
        return Decision(Form.NONE, "no_single_sender")
    if level >= Level.VOUCHED or is_contact:
        if sent.at_any_level_hour >= MOST_IN_A_LOOP_HOUR or sent.at_any_level_day >= MOST_IN_A_LOOP_DAY:
            return Decision(Form.NONE, "loop", into_summary=True)
        return Decision(Form.NUMBER_ONLY if is_other_sender else Form.WITH_SUBJECT)
    if sent.level_one_hour >= MOST_LEVEL_ONE_HOUR:
        return Decision(Form.NONE, "global_brake", into_summary=True)
    if sent.to_domain_hour >= MOST_PER_DOMAIN_HOUR:
        return Decision(Form.NONE, "domain_limit", into_summary=True)
    if sent.to_address_hour >= MOST_PER_ADDRESS_HOUR or sent.to_address_day >= MOST_PER_ADDRESS_DAY:
        return Decision(Form.NONE, "address_limit", into_summary=True)
    return Decision(Form.NUMBER_ONLY)
