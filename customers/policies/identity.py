"""Whose account is this about? What a letter says of itself, found in its words, and how sure a match is.

Identification may be wrong without harm: it opens nothing. Pure; the look-up is in customers/queries.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.normal_forms import normal_domain


class ClaimKind(StrEnum):
    EMAIL = "email"
    LOGIN = "login"
    CONTRACT = "contract"
    DOMAIN = "domain"
    PHONE = "phone"  # as typed into a form; it points to nobody
    TICKET = "ticket"  # an earlier number; digits only


class Certainty(StrEnum):
    """How surely a claim points to an account; worded on the page."""

    EXACT = "exact"  # the sender's own address is on file in this account, or several claims agree
    LIKELY = "likely"  # a contract, login or earlier ticket was named
    POSSIBLE = "possible"  # only a domain was mentioned


@dataclass(frozen=True, slots=True)
class Claim:
    kind: ClaimKind
    value: str  # normal form
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    account_id: int
    certainty: Certainty
    claims: tuple[ClaimKind, ...]


# A contract as the desk prints it: a letter prefix (Latin or the Cyrillic look-alike), a dash, digits.
_CONTRACT = re.compile(r"(?<![\w-])([A-ZА-Яa-zа-я]{1,3})[-–— ]?(\d{5,8})(?![\w-])")
_CYRILLIC_TWINS = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
_LOGIN = re.compile(r"(?:логин|login|аккаунт|account|user(?:name)?)\s*[:=«\"'-]?\s*([a-z][a-z0-9_.-]{2,31})\b", re.I)
_DOMAIN = re.compile(
    r"(?<![@\w.-])((?:[a-z0-9а-яё](?:[a-z0-9а-яё-]{0,61}[a-z0-9а-яё])?\.)+[a-zрф]{2,24})(?![\w@])", re.I
)
_SCAN_CHARACTERS = 20_000  # identification stands at the beginning of a letter or nowhere
_MOST_CLAIMS = 20


def contract_number(written: str) -> str:
    """As printed on the contract: `H-100001` also of `н100001` in Cyrillic letters."""
    match = _CONTRACT.fullmatch(written.strip())
    return f"{match[1].upper().translate(_CYRILLIC_TWINS)}-{match[2]}" if match else written.strip().upper()


def claims_in(*, sender_email: str, subject: str, text: str, ticket_numbers: Iterable[str] = ()) -> tuple[Claim, ...]:
    """Everything in a message that may say whose account it is about, the sender's address first.

    `ticket_numbers` are earlier numbers already recognised (digits only). At most twenty claims.
    """
    words = f"{subject}\n{text[:_SCAN_CHARACTERS]}"
    found: dict[tuple[ClaimKind, str], Claim] = {}

    def add(kind: ClaimKind, value: str, literal: str) -> None:
        if value and len(found) < _MOST_CLAIMS:
            found.setdefault((kind, value), Claim(kind, value, literal))

    if sender_email:
        add(ClaimKind.EMAIL, sender_email, sender_email)
    for number in ticket_numbers:
        add(ClaimKind.TICKET, number, number)
    for letters, digits in _CONTRACT.findall(words):
        add(ClaimKind.CONTRACT, contract_number(f"{letters}-{digits}"), f"{letters}-{digits}")
    for login in _LOGIN.findall(words):
        add(ClaimKind.LOGIN, login.lower(), login)
    for domain in _DOMAIN.findall(words):
        add(ClaimKind.DOMAIN, normal_domain(domain), domain)
    return tuple(found.values())


def weigh(hits: Iterable[tuple[Claim, int]], *, sender_email: str) -> tuple[Match, ...]:
    """One match for each account that any claim points to, the surest first.

    `hits` are (claim, account id) as the tables answered.
    """
    by_account: dict[int, list[Claim]] = {}
    for claim, account_id in hits:
        by_account.setdefault(account_id, []).append(claim)
    matches = []
    for account_id, claims in by_account.items():
        kinds = {claim.kind for claim in claims}
        if any(claim.kind is ClaimKind.EMAIL and claim.value == sender_email for claim in claims) or len(kinds) > 2:
            certainty = Certainty.EXACT
        elif kinds & {ClaimKind.CONTRACT, ClaimKind.LOGIN, ClaimKind.TICKET}:
            certainty = Certainty.LIKELY
        else:
            certainty = Certainty.POSSIBLE
        matches.append(Match(account_id, certainty, tuple(sorted(kinds))))
    order = list(Certainty)
    return tuple(sorted(matches, key=lambda m: (order.index(m.certainty), -len(m.claims), m.account_id)))


def chosen(matches: tuple[Match, ...]) -> Match | None:
    """The account a ticket may be filed under without asking: the only exact one, or the only one at all.

    Several candidates are all kept and shown; nothing opens until a person chooses.
    """
    exact = [match for match in matches if match.certainty is Certainty.EXACT]
    if len(exact) == 1:
        return exact[0]
    return matches[0] if len(matches) == 1 and matches[0].certainty is Certainty.LIKELY else None
