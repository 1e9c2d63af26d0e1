"""Applying judged lines: table by table, some ten statements for a batch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service
from customers.policies.columns import ImportKind
from customers.policies.importing import Judgement, OnFile, Verdict, believed_since
from customers.services import confidential
from customers.services.import_lookup import Values

Work = Sequence[tuple[Values, Judgement]]  # lines to create or to change; no two about the same thing


def write(kind: ImportKind, work: Work, on_file: OnFile, *, now: datetime) -> list[int]:
    """The account of each line, in their order."""
    writer = {
        ImportKind.ACCOUNTS: _accounts,
        ImportKind.CONTACTS: _contacts,
        ImportKind.CONTRACTS: _contracts,
        ImportKind.SERVICES: _services,
    }[kind]
    return writer(work, on_file, now)


def _replace(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Rows that are there, in one statement: a `bulk_update` takes Django two milliseconds a row."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _accounts(work: Work, on_file: OnFile, now: datetime) -> list[int]:
    rows: list[Account] = []
    for values, judged in work:
        row = Account(pk=judged.account_id, login=None, created_at=now)
        if judged.account_id is not None:
            known = on_file.accounts[judged.account_id]
            row.kind, row.name, row.language, row.login = known.kind, known.name, known.language, known.login or None
            row.customer_since = _day(known.customer_since)
        for name in judged.changes.keys() & {"login", "kind", "name", "language"}:
            setattr(row, name, values[name])
        if "customer_since" in judged.changes:
            row.customer_since = _day(values["customer_since"])
        rows.append(row)
    Account.objects.bulk_create([row for row in rows if row.pk is None])
    changed = [row for row, (_, judged) in zip(rows, work, strict=True) if judged.verdict is Verdict.CHANGED]
    _replace(changed, ["login", "kind", "name", "language", "customer_since"])
    ids = [row.pk for row in rows]
    Contract.objects.bulk_create(
        Contract(account_id=account_id, number=number)
        for account_id, (values, judged) in zip(ids, work, strict=True)
        for number in values.get("contract", [])
        if judged.account_id is None or number not in on_file.accounts[judged.account_id].contracts
    )
    _confidential(ids, work, on_file, now)
    return ids


def _confidential(ids: Sequence[int], work: Work, on_file: OnFile, now: datetime) -> None:
    touched = [
        (account_id, values, judged)
        for account_id, (values, judged) in zip(ids, work, strict=True)
        if judged.changes.keys() & {"tax_number", "administrative_email"}
    ]
    before = confidential.on_file([account_id for account_id, _, _ in touched])
    after = {}
    for account_id, values, judged in touched:
        card = before.get(account_id, confidential.Confidential())
        if "tax_number" in judged.changes:
            card = replace(card, tax_number=values["tax_number"])
        if "administrative_email" in judged.changes:
            is_new = judged.account_id is None
            is_moving_in = is_new or on_file.accounts[account_id].is_moving_in
            # One that replaces another is new, whatever the file says.
            is_believed = is_moving_in and not card.administrative_email
            since = believed_since(values.get("administrative_email_since", ""), is_moving_in=is_believed, now=now)
            card = replace(card, administrative_email=values["administrative_email"], administrative_email_since=since)
        after[account_id] = card
    confidential.write(after)


def _contacts(work: Work, on_file: OnFile, now: datetime) -> list[int]:
    names = ("surname", "given_name", "patronymic", "salutation", "language")
    rows: list[Contact] = []
    for values, judged in work:
        row = Contact(pk=judged.target_id)
        known: dict[str, Any] = {}
        if judged.target_id is not None:
            people = on_file.people[_account_of(judged)]
            known = dict(next(person.fields for person in people if person.id == judged.target_id))
        for name in names:
            setattr(row, name, values.get(name, known.get(name, "")))
        rows.append(row)
    Contact.objects.bulk_create([row for row in rows if row.pk is None])
    changed = [row for row, (_, judged) in zip(rows, work, strict=True) if judged.verdict is Verdict.CHANGED]
    _replace(changed, names)
    ContactRole.objects.bulk_create(
        ContactRole(account_id=_account_of(judged), contact=row, role=role)
        for row, (_, judged) in zip(rows, work, strict=True)
        for role in judged.changes.get("roles", [None, []])[1]
    )
    points: list[ContactPoint] = []
    for row, (values, judged) in zip(rows, work, strict=True):
        account = on_file.accounts[_account_of(judged)]
        since = believed_since(values.get("on_file_since", ""), is_moving_in=account.is_moving_in, now=now)
        emails = [("email", email, "") for email in judged.changes.get("emails", [None, []])[1]]
        phones = [("phone", number, literal) for number, literal in judged.changes.get("phones", [None, []])[1]]
        points += [
            ContactPoint(
                account_id=account.id, contact=row, kind=kind, value=value, literal=literal, on_file_since=since
            )
            for kind, value, literal in (*emails, *phones)
        ]
    # Two colleagues of one office have one number: it is on file in the account with the first of them.
    ContactPoint.objects.bulk_create([point for point in points if point.kind == "email"])
    ContactPoint.objects.bulk_create([point for point in points if point.kind == "phone"], ignore_conflicts=True)
    return [_account_of(judged) for _, judged in work]


def _contracts(work: Work, on_file: OnFile, now: datetime) -> list[int]:
    Contract.objects.bulk_create(
        Contract(account_id=_account_of(judged), number=values["number"]) for values, judged in work
    )
    return [_account_of(judged) for _, judged in work]


def _services(work: Work, on_file: OnFile, now: datetime) -> list[int]:
    known = {service.id: service for services in on_file.services.values() for service in services}
    rows: list[Service] = []
    for values, judged in work:
        before = known.get(judged.target_id or 0)
        rows.append(
            Service(
                pk=judged.target_id,
                account_id=_account_of(judged),
                kind=values["kind"],
                name=values.get("name", before.name if before else values.get("domain", "")),
                domain=values.get("domain", before.domain if before else ""),
                paid_until=_day(values.get("paid_until", before.paid_until if before else "")),
                is_working=values.get("is_working", before.is_working if before else True),
            )
        )
    Service.objects.bulk_create([row for row in rows if row.pk is None])
    changed = [row for row, (_, judged) in zip(rows, work, strict=True) if judged.verdict is Verdict.CHANGED]
    _replace(changed, ["name", "domain", "paid_until", "is_working"])
    return [_account_of(judged) for _, judged in work]


def _account_of(judged: Judgement) -> int:
    assert judged.account_id is not None
    return judged.account_id
