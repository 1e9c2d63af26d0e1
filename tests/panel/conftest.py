import pytest
from django.core.cache import cache
from django.test import Client

from customers.models import Account, Contact, ContactPoint, ContactRole, Service
from tests.cast import ANNA, BORIS, NOW, anna, desk
from users.models import User

PASSWORD = "demo-helpdesk"


def signed_in(email: str, *, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    answer = client.post("/panel/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def shows(answer: object, *texts: str) -> None:
    page = answer.content.decode()  # type: ignore[attr-defined]
    for text in texts:
        assert text in page, f"{text!r} is not on the page"


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    cache.clear()
    desk()
    one = anna()
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=one, contact=contact, role="owner")


@pytest.fixture
def account() -> Account:
    return Account.objects.get(login="annahost")


@pytest.fixture
def other() -> Account:
    """Of Boris, who has nothing to do with the first."""
    one = Account.objects.create(kind="person", name="Boris", login="boris", language="en")
    contact = Contact.objects.create(given_name="Boris", user=User.objects.create_user(BORIS, PASSWORD))
    ContactRole.objects.create(account=one, contact=contact, role="owner")
    ContactPoint.objects.create(account=one, contact=contact, kind="email", value=BORIS, on_file_since=NOW)
    Service.objects.create(account=one, kind="server", name="VPS M")
    return one


@pytest.fixture
def client() -> Client:
    return signed_in(ANNA)
