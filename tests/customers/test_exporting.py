"""Out and in again: nothing changes."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.spreadsheets import as_csv
from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service
from customers.policies.columns import ImportKind
from customers.services import confidential, exporting
from events.models import Event
from staff.actor import Actor
from staff.roles import Role
from tests.cast import NOW, anna
from tests.customers.test_importing import ADMIN, CONTACTS, INN, OTHER_INN, applied, everything

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
LOGINS = st.none() | st.from_regex(r"[a-z][a-z0-9.]{0,8}", fullmatch=True)
DAYS = st.none() | st.just(NOW.date())
SERVICE = st.tuples(
    st.sampled_from(["domain", "server", "hosting"]),
    st.sampled_from(["", "VPS  M", "=Бизнес"]),
    st.sampled_from(["", "a.example"]),
    DAYS,
    st.booleans(),
)
PERSON = st.tuples(
    TEXT, TEXT, st.sets(st.sampled_from(["owner", "technical"])), st.sets(st.sampled_from(["email", "+email", "phone"]))
)
ACCOUNT = st.tuples(
    TEXT,
    DAYS,
    st.sampled_from([1, 400]),
    st.integers(0, 2),
    st.sampled_from(["", INN, OTHER_INN]),
    st.sampled_from(["", "admin@xn--80a1acny.xn--p1ai"]),
    st.lists(PERSON, max_size=2),
    st.lists(SERVICE, max_size=4),
)


def put_on_file(login, drawn) -> None:
    """What can stand in the tables: names nobody tidied, services that resemble each other, accounts without login."""
    name, since, age, contracts, tax_number, email, people, services = drawn
    account = Account.objects.create(
        kind="person", name=name, login=login, customer_since=since, created_at=NOW - timedelta(days=age)
    )
    for place in range(contracts):
        Contract.objects.create(account=account, number=f"H-{account.pk:06}{place}")
    confidential.write({account.pk: confidential.Confidential(tax_number, email, NOW)})
    for place, (surname, given_name, roles, points) in enumerate(people):
        contact = Contact.objects.create(surname=surname, given_name=given_name, language="ru")
        for role in roles:
            ContactRole.objects.create(account=account, contact=contact, role=role)
        for point in sorted(points):
            kind = point.strip("+")
            value = f"+7495123450{place}" if kind == "phone" else f"{point}{place}@x.example"
            literal = f"123-45-0{place} доб. 7" if kind == "phone" else ""
            ContactPoint.objects.create(
                account=account, contact=contact, kind=kind, value=value, literal=literal, on_file_since=NOW
            )
    for kind, label, domain, paid_until, is_working in services:
        Service.objects.create(
            account=account, kind=kind, name=label, domain=domain, paid_until=paid_until, is_working=is_working
        )


@given(st.dictionaries(LOGINS, ACCOUNT, max_size=4))
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_was_exported_and_is_imported_changes_nothing(company):
    with transaction.atomic():
        for login, drawn in company.items():
            put_on_file(login, drawn)
        before = everything()
        for kind in ImportKind:
            applied(b"".join(as_csv(exporting.rows(kind))), kind)
            assert everything() == before, kind
        transaction.set_rollback(True)


def test_an_export_names_the_account_and_says_numbers_in_their_normal_form():
    anna()
    applied(CONTACTS, "contacts")
    header, *rows = exporting.rows(ImportKind.CONTACTS)
    maria = next(dict(zip(header, row, strict=True)) for row in rows if "Мария" in row)
    assert (maria["login"], maria["contract"], maria["roles"]) == ("annahost", "H-100001", "technical")
    assert maria["phones"] == "+74951234567 доб. 12"


def test_more_accounts_than_are_held_at_once_all_leave():
    Account.objects.bulk_create(Account(kind="person", name="x", login=f"u{n}") for n in range(2001))
    assert sum(1 for _ in exporting.rows(ImportKind.ACCOUNTS)) == 2002


def test_who_took_what_and_why_is_in_the_journal():
    exporting.record(ImportKind.CONTACTS, reason="Letter about prices", by=ADMIN, now=NOW)
    event = Event.objects.select_related("payload").get(type="CustomersExported")
    assert (event.actor, event.at) == (ADMIN.key, NOW)
    assert event.payload.data == {"kind": "contacts", "reason": "Letter about prices"}


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.QUALITY])
def test_only_who_sets_the_desk_up_exports(role):
    with pytest.raises(PermissionError):
        exporting.record(ImportKind.CONTACTS, reason="x", by=Actor(key="staff:2", role=role), now=NOW)
