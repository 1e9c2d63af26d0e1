"""When somebody seems to push us: signs on one account within a day, weighed. Pure.

A sign is never a proof. It holds critical actions of the account until a lead has looked.
"""

from dataclasses import dataclass

MOST_FAILED_PROOFS = 5
MOST_CODES = 5
MOST_CALLS = 10
MOST_REQUESTS = 8
MOST_ACCOUNTS = 3  # of which one caller speaks; a studio on file in many is none of these


@dataclass(frozen=True, slots=True)
class Signs:
    """Counted over the last 24 hours of one account."""

    failed_proofs: int = 0  # wrong codes, spoken or mailed
    codes_asked: int = 0
    calls: int = 0
    accounts_of_caller: int = 0  # about which somebody who called about this one has called
    requests: int = 0  # of critical actions
    asked_after_refusal: bool = False  # a new request within the hour after one was refused


def reasons(signs: Signs) -> tuple[str, ...]:
    """Codes of what speaks for pressure; empty is calm."""
    found = {
        "failed_proofs": signs.failed_proofs >= MOST_FAILED_PROOFS,
        "many_codes": signs.codes_asked > MOST_CODES,
        "many_calls": signs.calls >= MOST_CALLS,
        "one_caller": signs.accounts_of_caller >= MOST_ACCOUNTS,
        "many_requests": signs.requests > MOST_REQUESTS,
        "asked_after_refusal": signs.asked_after_refusal,
    }
    return tuple(code for code, is_so in found.items() if is_so)
