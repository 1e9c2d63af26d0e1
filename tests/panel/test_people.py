"""Who may ask in the name of an account: kept by its owner, told to all, and never the way to power."""

from dataclasses import replace

import pytest

from assurance.models import AccountLetter
from core.clock import now as read_clock
from customers.event_types import AccountImported
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.models.confidential import AccountConfidential
from customers.queries import customer_of
from customers.services import pushing
from events import outbox
from events.models import Event
from events.worker import drain
from tests.cast import ANNA, NOW
from tests.panel.conftest import PASSWORD, shows, signed_in
from tests.panel.test_panel import asked
from tests.tickets.trust import an_agent
from tests.tickets.trust import asked as action_asked
from tickets.models import Ticket
from tickets.queries.account_steps import account_steps
from tickets.services.critical import acting
from users.models import User

PAGE = "/panel/people/"
SUBJECTS = (
    "Административный адрес вашего аккаунта заменён",
    "The administrative address of your account was replaced",
)
NEW = {"name": "Иван Техник", "email": "ivan@hosting-client.example", "role": "technical"}


def letters_to(email: str) -> int:
    return AccountLetter.objects.filter(email=email).count()


def test_somebody_is_added_told_and_fresh(client, account):
    shows(client.post(f"{PAGE}adding", NEW, follow=True), "Added.", "Иван Техник", "questions, no decisions")
    point = ContactPoint.objects.get(value=NEW["email"])
    assert point.on_file_since > NOW
    assert letters_to(ANNA) == letters_to(NEW["email"]) == 1
    assert Event.objects.get(type="ContactAdded").stream == f"account:{account.pk}"


def test_a_wrong_new_address_stays_in_its_own_form(client):
    client.post(f"{PAGE}adding", NEW)
    his = Contact.objects.get(given_name="Иван Техник").pk
    answer = client.post(f"{PAGE}{his}/address", {"email": "nobody"})
    assert answer.status_code == 400
    shows(answer, f'id="e-{his}-e"', "not an address", 'maxlength="254" value="nobody" aria-invalid="true"')
    assert answer.content.decode().count('value="nobody"') == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Write a name"),
        ({"email": "nobody"}, "not an address"),
        ({"email": "x@аnna.example"}, "not an address"),
        ({"role": "owner"}, "Choose one of the list"),
        ({"role": "administrative"}, "Choose one of the list"),
        ({"email": ANNA}, "on file in the account already"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, wrong, words):
    answer = client.post(f"{PAGE}adding", NEW | wrong)
    assert answer.status_code == 400
    shows(answer, f'aria-describedby="{next(iter(wrong))}-e"', f'id="{next(iter(wrong))}-e"')
    shows(answer, words, (NEW | wrong)["name"].strip())
    assert Contact.objects.count() == 1


def test_a_new_address_is_told_to_the_old_one_and_removal_to_him_who_goes(client, account):
    client.post(f"{PAGE}adding", NEW)
    ivan = Contact.objects.get(given_name="Иван Техник")
    client.post(f"{PAGE}{ivan.pk}/address", {"email": "new@hosting-client.example"})
    assert letters_to(NEW["email"]) == 2
    assert letters_to("new@hosting-client.example") == 1
    client.post(f"{PAGE}{ivan.pk}/removal")
    assert letters_to("new@hosting-client.example") == 2
    assert not ContactRole.objects.filter(contact=ivan).exists()


def test_the_owner_and_strangers_are_not_changed_here(client, account, other):
    annas = Contact.objects.get(given_name="Анна")
    boris = Contact.objects.get(given_name="Boris")
    for contact in (annas, boris):
        assert client.post(f"{PAGE}{contact.pk}/removal").status_code == 404
        assert client.post(f"{PAGE}{contact.pk}/address", {"email": "a@b.example"}).status_code == 404
    assert ContactRole.objects.count() == 2


@pytest.mark.parametrize("role", ["technical", "billing"])
def test_who_does_not_manage_the_account_has_no_such_page(account, role):
    contact = Contact.objects.create(given_name=role, user=User.objects.create_user("t@x.example", PASSWORD))
    ContactRole.objects.create(account=account, contact=contact, role=role)
    colleague = signed_in("t@x.example")
    assert colleague.get(PAGE).status_code == 404
    assert colleague.post(f"{PAGE}adding", NEW).status_code == 404
    assert colleague.post(f"{PAGE}{contact.pk}/removal").status_code == 404


def test_who_decides_reads_what_happened_to_the_account(client, account):
    client.post(f"{PAGE}adding", NEW)
    ivan = Contact.objects.get(given_name="Иван Техник")
    client.post(f"{PAGE}{ivan.pk}/address", {"email": "new@hosting-client.example"})
    client.post(f"{PAGE}{ivan.pk}/removal")
    asked(client)
    agent = an_agent("agent1")
    action = action_asked(Ticket.objects.get(), agent, login="annahost")
    acting.cancel(action.public_id, by=agent, now=read_clock())
    shows(
        client.get(PAGE),
        "What has happened",
        "Somebody may ask in the name of the account from now on: Иван Техник",
        "Somebody of the account has another address: Иван Техник",
        "Somebody was taken from the account: Иван Техник",
        f"An important action was asked for: {action.words}",
        f"The important action was taken back: {action.words}",
    )


def test_who_does_not_decide_is_told_nothing_of_it_nor_of_another_account(client, account, other):
    client.post(f"{PAGE}adding", NEW)
    anna_on_file = customer_of(User.objects.get(email=ANNA).pk)
    now = read_clock()
    assert account_steps(anna_on_file, account.pk, now=now)
    assert account_steps(anna_on_file, other.pk, now=now) == ()
    ContactRole.objects.filter(account=account).update(role="technical")
    assert account_steps(customer_of(User.objects.get(email=ANNA).pk), account.pk, now=now) == ()


PUSHED = {
    "external_id": "c-tech",
    "given_name": "Пётр",
    "roles": [("a-1", "technical")],
    "emails": ["p@hosting.example"],
}


def test_who_decides_reads_what_the_provider_pushed_and_imported(client, account):
    Account.objects.filter(pk=account.pk).update(external_id="a-1")
    now = read_clock()
    pushing.put_contact(pushing.ContactPush(**PUSHED), by="api:1", now=now)
    pushing.put_service(
        pushing.ServicePush(external_id="s-9", account="a-1", kind="server", name="VPS"), by="api:1", now=now
    )
    changed = "The provider&#x27;s records of somebody of the account changed"
    shows(client.get(PAGE), f"{changed}: Пётр")
    assert client.get(PAGE).content.decode().count(changed) == 1
    line = {"run_id": 1, "line": 2, "is_new": False, "fields": ("emails",)}
    outbox.record(
        AccountImported(account_id=account.pk, kind="contacts", **line),
        AccountImported(account_id=account.pk, kind="services", **line),
        by="staff:1",
        now=now,
    )
    assert client.get(PAGE).content.decode().count(changed) == 2


def test_an_administrative_address_that_a_push_replaces_is_told_to_both_and_waits(client, account):
    Account.objects.filter(pk=account.pk).update(external_id="a-1")
    AccountConfidential.objects.filter(account=account).delete()
    push = pushing.AccountPush(external_id="a-1", kind="organisation", name="X", login="annahost")
    for email in ("first@boss.example", "first@boss.example", "second@boss.example"):
        pushing.put_account(replace(push, administrative_email=email), by="api:1", now=read_clock())
    drain()
    told = AccountLetter.objects.filter(subject__in=SUBJECTS)
    assert {"first@boss.example", "second@boss.example", ANNA} <= set(told.values_list("email", flat=True))
    assert told.count() == told.values("email").distinct().count()  # once, and of the first one nothing
    shows(client.get(PAGE), "The administrative address was replaced in the provider&#x27;s records")
