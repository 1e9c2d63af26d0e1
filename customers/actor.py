"""What rules see instead of a signed-in customer: a value, so that no rule ever reads a session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Right(StrEnum):
    """What somebody may do in one account. Own tickets need ASK alone."""

    SEE = "see"  # the tickets of others in the account
    ASK = "ask"
    AUTHORISE = "authorise"  # critical actions
    MANAGE = "manage"  # contacts and their roles


_EVERYTHING = frozenset(Right)
RIGHTS: dict[str, frozenset[Right]] = {
    "owner": _EVERYTHING,
    "administrative": _EVERYTHING,
    "technical": frozenset({Right.SEE, Right.ASK}),
    "billing": frozenset({Right.ASK}),
}


DECIDING = [role for role, rights in RIGHTS.items() if Right.AUTHORISE in rights]
GIVEN_HERE = ("technical", "billing")  # roles that whoever manages an account gives; the others decide about it


_KEY = "contact:"


def is_customers(key: str) -> bool:
    """Whether it is the key of somebody on file, as it stands in the journal."""
    return key.startswith(_KEY)


@dataclass(frozen=True, slots=True)
class Customer:
    """A contact on file. `key` goes into the journal; `roles` are judged account by account."""

    contact_id: int
    name: str
    email: str  # he signs in by it, "" where he does not
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    user_id: int | None = None
    language: str = ""

    @property
    def key(self) -> str:
        return f"{_KEY}{self.contact_id}"

    def may(self, account_id: int | None, right: Right) -> bool:
        return account_id is not None and any(right in RIGHTS[role] for role in self.roles.get(account_id, ()))

    def accounts(self, right: Right) -> list[int]:
        """Those in which he has this right."""
        return [account for account in self.roles if self.may(account, right)]
