"""Accounts, contacts and services as the provider's own system pushes them."""

from datetime import timedelta

import pytest

from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole, Service
from customers.models.confidential import AccountConfidential
from events.models import Event
from tests.api.conftest import caller
from tests.cast import ANNA, NOW
from users.api_tokens import Scope

SHOP = {"kind": "organisation", "name": "Shop Ltd", "login": "Shop", "contracts": ["н 200002"], "language": "en"}
BOB = {
    "given_name": "Bob",
    "roles": [{"account": "a-2", "role": "technical"}],
    "emails": ["Bob@Shop.example"],
    "phones": ["+7 495 123-45-67"],
}


@pytest.fixture
def panel():
    return caller()


def test_a_push_puts_an_account_on_file_and_the_same_push_changes_nothing(panel):
    first = panel.put("/accounts/a-2/", SHOP)
    assert (first.status_code, first.said["login"], first.said["contracts"]) == (201, "shop", ["H-200002"])
    again = panel.put("/accounts/a-2/", SHOP)
    assert (again.status_code, again.said, again["ETag"]) == (200, first.said, first["ETag"])
    account = Account.objects.get(external_id="a-2")
    assert Event.objects.filter(stream=f"account:{account.pk}").count() == 1
    changed = panel.put("/accounts/a-2/", SHOP | {"name": "Shop & Co"})
    assert changed.said["name"] == "Shop & Co"
    pushed = Event.objects.filter(stream=f"account:{account.pk}").latest("sequence")
    assert pushed.payload.data["fields"] == ["name"]
    assert pushed.actor.startswith("api:")


def test_what_is_on_file_already_is_taken_over_by_its_login_and_never_from_another_name(panel):
    Account.objects.update(external_id=None)
    assert panel.put("/accounts/x-9/", SHOP | {"login": "annahost", "contracts": ["H-100001"]}).status_code == 200
    assert Account.objects.get().external_id == "x-9"
    refused = panel.put("/accounts/x-10/", SHOP | {"login": "annahost"})
    assert (refused.status_code, refused.said["errors"][0]["pointer"]) == (422, "/login")
    refused = panel.put("/accounts/x-10/", SHOP | {"contracts": ["Z-1", "H-100001"]})
    assert refused.said["errors"][0]["pointer"] == "/contracts/1"


def test_a_new_address_is_on_file_from_now_and_one_that_stays_keeps_its_age(panel):
    panel.put("/accounts/a-2/", SHOP)
    assert panel.put("/contacts/c-2/", BOB).status_code == 201
    ContactPoint.objects.filter(contact__external_id="c-2").update(on_file_since=NOW)
    moved = panel.put("/contacts/c-2/", BOB | {"emails": ["new@shop.example"]})
    assert (moved.said["emails"], moved.said["phones"]) == (["new@shop.example"], ["+74951234567"])
    since = dict(ContactPoint.objects.filter(contact__external_id="c-2").values_list("kind", "on_file_since"))
    assert since["phone"] == NOW
    assert read_clock() - since["email"] < timedelta(minutes=10)
    assert not ContactPoint.objects.filter(value="bob@shop.example").exists()


def test_a_new_administrative_address_is_fresh_and_is_never_shown_again(panel):
    shown = panel.put("/accounts/a-1/", SHOP | {"login": "annahost", "administrative_email": "Boss@shop.example"})
    assert "boss" not in shown.content.decode().lower()
    card = AccountConfidential.objects.get()
    assert card.administrative_email == "boss@shop.example"
    assert read_clock() - card.administrative_email_since < timedelta(minutes=10)
    AccountConfidential.objects.update(administrative_email_since=NOW)
    panel.put("/accounts/a-1/", SHOP | {"login": "annahost"})
    assert AccountConfidential.objects.get().administrative_email_since == NOW


def test_a_contact_loses_what_is_no_longer_named(panel):
    panel.put("/accounts/a-2/", SHOP)
    panel.put("/accounts/a-3/", SHOP | {"login": "third", "contracts": []})
    both = [{"account": "a-2", "role": "technical"}, {"account": "a-3", "role": "billing"}]
    panel.put("/contacts/c-2/", BOB | {"roles": both})
    assert panel.get("/contacts/?account=a-3").said["items"][0]["external_id"] == "c-2"
    panel.put("/contacts/c-2/", BOB)
    assert panel.get("/contacts/?account=a-3").said["items"] == []
    assert ContactPoint.objects.filter(contact__external_id="c-2").count() == 2


def test_two_colleagues_with_one_telephone_change_nothing_when_pushed_again(panel):
    panel.put("/accounts/a-2/", SHOP)
    panel.put("/contacts/c-2/", BOB)
    eve = BOB | {"given_name": "Eve", "emails": ["eve@shop.example"]}
    assert panel.put("/contacts/c-3/", eve).status_code == 201
    before = Event.objects.count()
    panel.put("/contacts/c-3/", eve)
    assert Event.objects.count() == before
    taken = panel.put("/contacts/c-3/", eve | {"emails": ["eve@shop.example", "bob@shop.example"]})
    assert taken.said["errors"] == [
        {"pointer": "/emails/1", "code": "address_of_another", "detail": taken.said["errors"][0]["detail"]}
    ]


def test_the_owner_of_an_account_that_has_moved_in_is_changed_by_no_push(panel):
    Account.objects.update(created_at=NOW - timedelta(days=400))
    thief = {"given_name": "Mallory", "roles": [{"account": "a-1", "role": "owner"}], "emails": ["m@elsewhere.example"]}
    refused = panel.put("/contacts/c-mallory/", thief)
    assert (refused.status_code, refused.said["errors"][0]["code"]) == (422, "owner_is_critical")
    less = {"given_name": "Анна", "roles": [{"account": "a-1", "role": "billing"}], "emails": [ANNA]}
    assert panel.put("/contacts/c-anna/", less).said["errors"][0]["code"] == "owner_is_critical"
    assert list(ContactRole.objects.values_list("contact__external_id", "role")) == [("c-anna", "owner")]
    assert not Contact.objects.filter(external_id="c-mallory").exists()


def test_services_are_put_into_their_account(panel):
    made = panel.put("/services/s-2/", {"account": "a-1", "kind": "domain", "name": "Сайт", "domain": "Пример.рф"})
    assert (made.status_code, made.said["domain"]) == (201, "xn--e1afmkfd.xn--p1ai")
    assert panel.put("/services/s-3/", {"account": "a-9", "kind": "domain", "name": "x"}).status_code == 422
    Service.objects.filter(external_id="s-2").update(external_id=None)
    again = {"account": "a-1", "kind": "domain", "name": "Сайт", "domain": "пример.рф"}
    assert panel.put("/services/s-4/", again).status_code == 200
    assert [s["external_id"] for s in panel.get("/services/?account=a-1").said["items"]] == ["s-1", "s-4"]


def test_an_etag_saves_the_body_and_guards_a_change(panel):
    read = panel.get("/accounts/a-1/")
    same = panel.get("/accounts/a-1/", If_None_Match=read["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    mine = SHOP | {"login": "annahost"}
    assert panel.put("/accounts/a-1/", mine, If_Match='"something else"').status_code == 412
    assert Account.objects.get().name != "Shop Ltd"
    assert panel.put("/accounts/a-1/", mine, If_Match=read["ETag"]).status_code == 200
    assert panel.put("/accounts/a-7/", SHOP, If_Match="*").status_code == 412


def test_lists_are_paged_by_a_key(panel):
    for number in range(2, 7):
        panel.put(f"/accounts/p-{number}/", SHOP | {"login": f"login{number}", "contracts": []})
    seen, cursor = [], ""
    while cursor is not None:
        page = panel.get(f"/accounts/?limit=2{cursor and '&cursor=' + cursor}").said
        assert len(page["items"]) <= 2
        seen += [item["external_id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["a-1", "p-2", "p-3", "p-4", "p-5", "p-6"]
    for wrong in ("cursor=%00", "cursor=LTE=", "limit=0", "limit=101", "limit=٣", "accuont=a-1"):
        answer = panel.get(f"/accounts/?{wrong}")
        assert (answer.status_code, answer.said["errors"][0]["parameter"]) == (400, wrong.partition("=")[0])


def test_errors_name_their_fields_in_the_language_of_the_reader():
    russian = caller(Scope.ACCOUNTS_WRITE)
    russian.language = "ru"
    answer = russian.put(
        "/contacts/c-2/", {"roles": [{"account": "a-1", "role": "boss"}], "emails": ["ok@x.example", "nonsense"]}
    )
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.said["title"] == "Что-то в нём неверно"
    assert {error["pointer"] for error in answer.said["errors"]} == {"/roles/0/role", "/emails/1"}
    assert "Это не адрес" in str(answer.said["errors"])
    assert answer.said["instance"].endswith(answer["X-Request-Id"])
