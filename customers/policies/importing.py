"""What a line of an import would do to what is on file. Pure; customers/services/importing.py reads and writes.

An import adds and changes, it never removes: an empty cell leaves what is there, and an address or a contract that
the file does not name stays. A line that cannot be judged with certainty is bad; nothing is merged by a likeness.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from customers.policies.cells import Problem, Value, plain
from customers.policies.columns import ImportKind

# While a company moves in, a file may say since when an address has been on file. Later only time makes it so
# (rule 8 of the trust model: fresh contact data is weak).
MOVING_IN = timedelta(days=30)
CONFIDENTIAL = frozenset({"tax_number", "administrative_email"})


class Verdict(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class AccountFound:
    id: int
    login: str = ""
    kind: str = ""
    name: str = ""
    language: str = ""
    customer_since: str = ""
    contracts: frozenset[str] = frozenset()
    tax_number: str = ""
    administrative_email: str = ""
    is_moving_in: bool = False
    has_owner: bool = False


@dataclass(frozen=True, slots=True)
class PersonFound:
    id: int
    fields: Mapping[str, str]
    roles: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ServiceFound:
    id: int
    kind: str
    name: str
    domain: str
    paid_until: str
    is_working: bool


@dataclass(frozen=True, slots=True)
class OnFile:
    """Everything that the lines of one batch may meet."""

    accounts: Mapping[int, AccountFound] = field(default_factory=dict)
    by_login: Mapping[str, int] = field(default_factory=dict)
    by_contract: Mapping[str, int] = field(default_factory=dict)
    by_tax_number: Mapping[str, Sequence[int]] = field(default_factory=dict)
    people: Mapping[int, Sequence[PersonFound]] = field(default_factory=dict)  # by account
    phones: Mapping[int, frozenset[str]] = field(default_factory=dict)  # by account
    services: Mapping[int, Sequence[ServiceFound]] = field(default_factory=dict)  # by account


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    account_id: int | None = None
    target_id: int | None = None  # contact or service that changes
    changes: Mapping[str, list[Any]] = field(default_factory=dict)  # field -> [before, after]
    problems: Sequence[Problem] = ()


def keys_of(kind: ImportKind, values: Mapping[str, Value], judged: Judgement) -> list[str]:
    """By what a second line of the same file is known to be about the same thing."""
    account = judged.account_id
    if kind is ImportKind.ACCOUNTS:
        named = [f"login {values['login']}"] if "login" in values else []
        named += [f"contract {number}" for number in values.get("contract", [])]
        return (named or [f"tax {values['tax_number']}"]) + ([f"account {account}"] if account else [])
    if kind is ImportKind.CONTRACTS:
        return [f"contract {values['number']}"]
    target = [f"target {judged.target_id}"] if judged.target_id else []
    if kind is ImportKind.CONTACTS:
        return [f"{account} {email}" for email in values["emails"]] + target
    return [f"{account} {values['kind']} {_identity(values)}", *target]


def judge(kind: ImportKind, values: Mapping[str, Value], on_file: OnFile) -> Judgement:
    found = _account(kind, values, on_file)
    if isinstance(found, Problem):
        return Judgement(Verdict.BAD, problems=[found])
    if found is None and kind is not ImportKind.ACCOUNTS:
        return Judgement(Verdict.BAD, problems=[Problem("", "account_unknown")])
    if missing := _missing(kind, values, is_new=found is None):
        return Judgement(Verdict.BAD, problems=[Problem(name, "missing") for name in missing])
    if kind is ImportKind.ACCOUNTS:
        return _judge_account(values, found)
    assert found is not None
    if kind is ImportKind.CONTACTS:
        return _judge_contact(values, found, on_file)
    if kind is ImportKind.CONTRACTS:
        return _judge_contract(values, found, on_file)
    return _judge_service(values, found, on_file.services.get(found.id, ()))


def believed_since(stated: str, *, is_moving_in: bool, now: datetime) -> datetime:
    """Since when an address that is new to us counts as on file."""
    return datetime.fromisoformat(stated) if stated and is_moving_in else now


def _account(kind: ImportKind, values: Mapping[str, Value], on_file: OnFile) -> AccountFound | Problem | None:
    """The account a line is about. All that names one must name the same; ИНН alone only where one account has it."""
    contracts = values.get("contract", [])
    ids = {on_file.by_login[values["login"]]} if values.get("login") in on_file.by_login else set()
    ids |= {on_file.by_contract[number] for number in contracts if number in on_file.by_contract}
    if len(ids) > 1:
        return Problem("contract", "accounts_differ")
    if not ids and "tax_number" in values and "login" not in values and not contracts:
        same = on_file.by_tax_number.get(values["tax_number"], ())
        if len(same) > 1:
            return Problem("tax_number", "several_accounts")
        ids = set(same)
    if not ids:
        return None
    account = on_file.accounts[ids.pop()]
    if account.login and values.get("login", account.login) != account.login:
        return Problem("login", "accounts_differ")
    if kind is not ImportKind.ACCOUNTS:
        if "login" in values and not account.login:
            return Problem("login", "accounts_differ")
        if account.tax_number and values.get("tax_number", account.tax_number) != account.tax_number:
            return Problem("tax_number", "accounts_differ")
        if any(number not in account.contracts for number in contracts):
            return Problem("contract", "accounts_differ")
    return account


def _missing(kind: ImportKind, values: Mapping[str, Value], *, is_new: bool) -> list[str]:
    if kind is ImportKind.ACCOUNTS:
        if not {"login", "contract", "tax_number"} & set(values):
            return ["login"]
        return [name for name in ("kind", "name") if is_new and name not in values]
    needed = {ImportKind.CONTACTS: ["emails"], ImportKind.CONTRACTS: ["number"], ImportKind.SERVICES: ["kind"]}[kind]
    missing = [name for name in needed if name not in values]
    if kind is ImportKind.SERVICES and not {"name", "domain"} & set(values):
        missing.append("name")
    return missing


def _judge_account(values: Mapping[str, Value], account: AccountFound | None) -> Judgement:
    if account is None:
        return Judgement(Verdict.CREATED, changes={name: [None, _told(name, v)] for name, v in values.items()})
    changes: dict[str, list[Any]] = {}
    for name in ("login", "kind", "name", "language", "customer_since", "tax_number", "administrative_email"):
        before = getattr(account, name)
        if name in values and values[name] != plain(before):
            changes[name] = [_told(name, before), _told(name, values[name])]
    if new := [number for number in values.get("contract", []) if number not in account.contracts]:
        changes["contract"] = [sorted(account.contracts), new]
    return _changed(changes, account.id)


def _told(name: str, value: Value) -> Value:
    """Dry runs and reports show that a confidential field changes, not what stood there."""
    return ("•••" if value else "") if name in CONFIDENTIAL else value


def _judge_contact(values: Mapping[str, Value], account: AccountFound, on_file: OnFile) -> Judgement:
    people = [p for p in on_file.people.get(account.id, ()) if p.emails & set(values["emails"])]
    if len(people) > 1:
        return Judgement(Verdict.BAD, account.id, problems=[Problem("emails", "several_people")])
    person = people[0] if people else None
    new_roles = [role for role in values.get("roles", []) if person is None or role not in person.roles]
    if "owner" in new_roles and account.has_owner and not account.is_moving_in:
        # A new owner is a critical action of the strongest level, whoever asks.
        return Judgement(Verdict.BAD, account.id, problems=[Problem("roles", "owner_is_critical")])
    names = ("surname", "given_name", "patronymic", "salutation", "language")
    changes: dict[str, list[Any]] = {}
    for name in names:
        before = person.fields[name] if person else None
        if name in values and values[name] != plain(before or ""):
            changes[name] = [before, values[name]]
    if new_roles:
        changes["roles"] = [sorted(person.roles) if person else None, new_roles]
    if new := [email for email in values["emails"] if person is None or email not in person.emails]:
        changes["emails"] = [sorted(person.emails) if person else None, new]
    known = on_file.phones.get(account.id, frozenset())
    if phones := [pair for pair in values.get("phones", []) if pair[0] not in known]:
        changes["phones"] = [None, phones]
    if person is None:
        return Judgement(Verdict.CREATED, account.id, changes=changes)
    return _changed(changes, account.id, person.id)


def _judge_contract(values: Mapping[str, Value], account: AccountFound, on_file: OnFile) -> Judgement:
    if values["number"] in account.contracts:
        return Judgement(Verdict.UNCHANGED, account.id)
    if values["number"] in on_file.by_contract:
        return Judgement(Verdict.BAD, account.id, problems=[Problem("number", "contract_of_another")])
    return Judgement(Verdict.CREATED, account.id, changes={"number": [None, values["number"]]})


def _identity(values: Mapping[str, Value]) -> str:
    """What tells a service of an account from its others: the domain, but several servers may serve one."""
    domain = values.get("domain", "")
    return domain if domain and values["kind"] != "server" else plain(values.get("name", "")) or domain


def _judge_service(values: Mapping[str, Value], account: AccountFound, services: Sequence[ServiceFound]) -> Judgement:
    wanted = _identity(values)
    same = [
        service
        for service in services
        if service.kind == values["kind"]
        and _identity({"kind": service.kind, "name": service.name, "domain": service.domain}) == wanted
    ]
    if len(same) > 1:
        same = [service for service in same if plain(service.name) == values.get("name", "")][:1]
        if not same:
            return Judgement(Verdict.BAD, account.id, problems=[Problem("domain", "several_services")])
    if not same:
        created = {
            name: [None, values[name]]
            for name in ("kind", "name", "domain", "paid_until", "is_working")
            if name in values
        }
        return Judgement(Verdict.CREATED, account.id, changes=created)
    changes: dict[str, list[Any]] = {}
    for name in ("name", "domain", "paid_until", "is_working"):
        before = getattr(same[0], name)
        if name in values and values[name] != (plain(before) if isinstance(before, str) else before):
            changes[name] = [before, values[name]]
    return _changed(changes, account.id, same[0].id)


def _changed(changes: Mapping[str, list[Any]], account_id: int, target_id: int | None = None) -> Judgement:
    return Judgement(Verdict.CHANGED if changes else Verdict.UNCHANGED, account_id, target_id, changes)
