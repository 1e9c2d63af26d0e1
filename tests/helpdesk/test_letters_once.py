"""A worker that dies after it queued letters and before it said so: whoever goes on queues none of them again."""

from datetime import timedelta

import pytest
from django.db import transaction

from assurance.models import AccountLetter
from core.clock import now as read_clock
from customers.event_types import AdministrativeAddressReplaced
from customers.models import Account, Contact, ContactPoint, ContactRole
from events import outbox, worker
from events.event import DomainEvent
from events.models import Delivery, Event
from staff.models import StaffLetter
from tests.cast import ANNA, NOW, anna, desk, person
from users.event_types import FactorChanged, PasswordsGuessed
from users.models import User

pytestmark = pytest.mark.django_db
OWNER = "owner@hosting-client.example"


@pytest.fixture
def account() -> Account:
    desk()
    account = anna()
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, "demo-helpdesk")
    contact.save()
    owner = Contact.objects.create(given_name="Олег")
    ContactPoint.objects.create(account=account, contact=owner, kind="email", value=OWNER, on_file_since=NOW)
    for each in (contact, owner):
        ContactRole.objects.create(account=account, contact=each, role="owner")
    return account


def dies_and_is_done_again(event: DomainEvent) -> None:
    now = read_clock()
    with transaction.atomic():
        outbox.record(event, by="system", now=now)
    [(work, subscriber)] = worker.claim(now=now, limit=10)
    subscriber.handler(work)
    Delivery.objects.filter(pk=work.id).update(leased_until=now - timedelta(seconds=1))
    worker.recover_leases(now=now)
    [(again, _)] = worker.claim(now=now, limit=1, subscriber=subscriber.name)
    worker.run(again, subscriber, clock=read_clock)
    assert Delivery.objects.get(pk=work.id).state == "done"


def letters() -> list[str]:
    return sorted(AccountLetter.objects.values_list("email", flat=True))


def test_a_new_factor_of_a_customer_is_told_once_to_each(account):
    contact = Contact.objects.get(given_name="Анна")
    dies_and_is_done_again(FactorChanged(person=f"contact:{contact.pk}", what="passkey_added"))
    assert letters() == [ANNA, OWNER]
    assert Event.objects.filter(type="AccountLetterQueued").count() == 2


def test_a_factor_of_a_colleague_is_told_once(account):
    agent = person("agent1", "agent", "first-line")
    dies_and_is_done_again(FactorChanged(person=f"staff:{agent.pk}", what="app_removed"))
    assert StaffLetter.objects.count() == Event.objects.filter(type="StaffLetterQueued").count() == 1


def test_a_replaced_administrative_address_is_told_once_to_each(account):
    dies_and_is_done_again(AdministrativeAddressReplaced(account_id=account.pk))
    assert letters() == [ANNA, OWNER]


def test_the_same_change_another_time_is_told_again(account):
    for _ in range(2):
        dies_and_is_done_again(AdministrativeAddressReplaced(account_id=account.pk))
        Delivery.objects.all().delete()
    assert letters() == [ANNA, ANNA, OWNER, OWNER]


def test_guessing_is_told_once_to_a_customer_and_to_a_colleague(account):
    contact = Contact.objects.get(given_name="Анна")
    dies_and_is_done_again(PasswordsGuessed(person=f"contact:{contact.pk}"))
    assert letters() == [ANNA]
    Delivery.objects.all().delete()
    colleague = person("agent1", "agent", "first-line")
    dies_and_is_done_again(PasswordsGuessed(person=f"staff:{colleague.pk}"))
    assert StaffLetter.objects.count() == 1
