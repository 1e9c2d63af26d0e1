"""A customer whom the provider's own system says to be signed in, and what that is worth to us."""

import hashlib
from dataclasses import dataclass
from typing import Any

from api.problems import Problem
from core.clock import written
from core.trust import Fact, FactKind
from customers import external
from customers.actor import RIGHTS, Customer, Right
from users.api_tokens import Program


@dataclass(frozen=True, slots=True)
class SignedIn:
    customer: Customer
    name: str
    email: str
    account_id: int
    service_id: int | None
    language: str  # of the person, else of the account; "" where neither says one
    facts: tuple[Fact, ...]


def customer_named(contact: str) -> Customer:
    """For reading in his name. One query."""
    found = external.claimed(contact)
    if found is None:
        raise Problem(404, "not_found")
    return found.customer


def signed_in(
    contact: str, claims: dict[str, Any], program: Program, *, account: str = "", service: str = ""
) -> SignedIn:
    """One query. The level follows from the roles on file; a claimed role can only make it less."""
    found = external.claimed(contact, account=account, service=service)
    if found is None:
        raise Problem(422, "no_such_contact", pointer="/contact")
    if account and found.account_id is None:
        raise Problem(422, "no_such_account", pointer="/account")
    of_service = found.service_account_id
    if service and (of_service is None or (account and of_service != found.account_id)):
        raise Problem(422, "no_such_service", pointer="/service")
    customer = found.customer
    may_ask_in = customer.accounts(Right.ASK)
    account_id = found.account_id or of_service or (may_ask_in[0] if len(may_ask_in) == 1 else None)
    if account_id is None:
        raise Problem(422, "account_needed" if may_ask_in else "may_not_ask", pointer="/account")
    if account_id not in may_ask_in:
        # Neither account nor service of others is told apart from none at all.
        where = ("no_such_service", "/service") if service and not account else ("may_not_ask", "/account")
        raise Problem(422, where[0], pointer=where[1])
    facts = (fact(customer, account_id, claims, program),)
    language = found.languages[account_id]
    return SignedIn(customer, found.name, found.email, account_id, found.service_id, language, facts)


def fact(customer: Customer, account_id: int | None, claims: dict[str, Any], program: Program) -> Fact:
    may = customer.may(account_id, Right.AUTHORISE)
    if "role" in claims:
        may = may and Right.AUTHORISE in RIGHTS[claims["role"]]
    detail = {"signed_in_at": written(claims["signed_in_at"]), "second_factor": claims["second_factor"]}
    detail |= {name: claims[name] for name in ("role", "ip") if name in claims}
    if "session" in claims:
        detail["session"] = hashlib.sha256(claims["session"].encode()).hexdigest()
    verdict = "may_authorise" if may else "may_ask"
    return Fact(FactKind.API_CLAIM, verdict, subject=customer.key, source=program.key, detail=detail)
