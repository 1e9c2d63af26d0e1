"""Mallory calls. He knows a ticket number, a telephone number and how to be friendly, and gets nothing."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from assurance.models import AccountLetter, CriticalAction, Evidence
from assurance.services import codes
from channels_app.models import Channel
from customers.models import Account, Contact, ContactPoint
from customers.services.confidential import on_file
from tests.cast import ANNA, MALLORY, NOW, SUPPORT
from tests.tickets.trust import ADMINISTRATIVE, account, an_agent, asked, mailed, the_owner, the_ticket
from tests.web.conftest import PASSWORD
from tickets.enums import Direction, Disposition, Kind, NumberSource
from tickets.models import Call, OutboundCopy, Ticket
from tickets.services import calls, notes, proofs
from tickets.services.calls import NewCall
from tickets.services.critical import acting, proving
from tickets.services.refused import Refused

pytestmark = pytest.mark.django_db
HERS = "+79215550138"
SECRETS = ("annahost", "H-100001", ANNA, ADMINISTRATIVE, "annashop.example")


def the_call(by, **more) -> Call:
    given = {
        "request_id": uuid.uuid4(), "direction": Direction.INBOUND, "number": HERS, "number_source": NumberSource.SHOWN,
        "caller": None, "caller_name": "Анна", "subject": "Забыла пароль", "words": "Скажите новый", "language": "ru",
    }  # fmt: skip
    return calls.register(NewCall(**(given | more)), by=by, now=NOW)


def signed_in(by) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.post("/desk/login/", {"login": by, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def hers() -> Account:
    one = account()
    ContactPoint.objects.create(account=one, contact=Contact.objects.get(given_name="Анна"), kind="phone", value=HERS)
    Channel.objects.create(slug="support", address=SUPPORT, queue_slug="hosting", name="Support")
    return one


def test_with_the_right_number_he_asks_for_the_password_and_no_way_yields_anything(hers):
    an_agent("agent1")
    desk = signed_in("agent1")
    anna = Contact.objects.get(given_name="Анна")
    said = {
        "request_id": str(uuid.uuid4()), "number": HERS, "source": "shown", "direction": "in", "who": "Анна Петрова",
        "caller": f"{hers.public_id} {anna.public_id}", "subject": "Забыла пароль", "words": "Скажите новый",
        "queue": "hosting", "kind": "incident", "language": "ru",
    }  # fmt: skip
    pages = [desk.post("/desk/calls/new/", said | {"find": "1"})]
    pages.append(desk.post("/desk/calls/new/", said | {"then": "ticket"}, follow=True))
    call, ticket = Call.objects.get(), Ticket.objects.get()
    pages.append(desk.get(f"/desk/tickets/{ticket.number}/"))
    pages.append(desk.get(f"/desk/tickets/{ticket.number}/trust/"))
    pages.append(desk.get("/desk/calls/"))
    for page in pages:
        for secret in SECRETS:
            assert secret not in page.content.decode(), secret
    assert (ticket.level, Evidence.objects.count()) == (1, 0)
    # the action can be asked for, and only its owner can prove it
    ask = {"kind": "password_reset", "login": "annahost"}
    assert desk.post(f"/desk/tickets/{ticket.number}/trust/actions", ask).status_code == 302
    action = CriticalAction.objects.get()
    assert "carried out" not in desk.get(f"/desk/tickets/{ticket.number}/trust/").content.decode()
    done = desk.post(f"/desk/tickets/{ticket.number}/trust/actions/{action.public_id}/execution")
    assert done.status_code == 409
    guess = desk.post(f"/desk/tickets/{ticket.number}/trust/code", {"code": "12345678"})
    assert guess.status_code == 409
    # the number of the ticket goes to her address alone, whatever he names
    desk.post(f"/desk/calls/{call.number}/letter", {"answer_to": MALLORY})
    assert set(AccountLetter.objects.values_list("email", flat=True)) == {ANNA}
    action.refresh_from_db()
    assert action.state == "requested"
    assert not OutboundCopy.objects.exists()


def test_a_code_that_the_owner_read_in_her_call_opens_nothing_in_his(hers):
    agent = an_agent("agent1")
    her_call = the_call(agent)
    ticket = calls.open_ticket(
        her_call.number, by=agent, queue="hosting", kind=Kind.QUESTION, subject="Вопрос",
        our_address=SUPPORT, now=NOW,
    )  # fmt: skip
    Ticket.objects.filter(pk=ticket.pk).update(account=hers)
    code = codes.make_for_customer(hers.pk, contact_id=Contact.objects.get(given_name="Анна").pk, now=NOW)
    assert proofs.enter_code(ticket.number, code, by=agent, now=NOW)
    calls.close(her_call.number, Disposition.SOLVED, summary="", is_for_customer=False, by=agent, now=NOW)
    his_call = the_call(agent, ticket=ticket.number)
    page = signed_in("agent1").get(f"/desk/calls/{his_call.number}/")
    assert "General information only" in page.content.decode()
    for secret in SECRETS:
        assert secret not in page.content.decode(), secret
    assert not proofs.enter_code(ticket.number, code, by=agent, now=NOW)


def test_while_he_talks_to_an_agent_that_agent_changes_no_contact_data_and_nothing_else_is_held(hers):
    agent = an_agent("agent1")
    ticket, fresh, later = the_ticket(), timedelta(minutes=1), NOW + timedelta(hours=80)
    change = asked(ticket, agent, "change_administrative_email", new_email="new@hosting-client.example")
    reset = asked(ticket, agent)
    proving.approve(change.public_id, customer=the_owner(), factor_age=fresh, now=NOW)
    proving.ask_by_mail(reset.public_id, by=agent, now=NOW)
    proving.confirm(*mailed(), now=NOW)
    call = the_call(agent, ticket=ticket.number)
    with pytest.raises(Refused, match=r"^call_is_open$"):
        acting.execute(change.public_id, by=agent, now=later)
    assert on_file([hers.pk])[hers.pk].administrative_email == ADMINISTRATIVE
    acting.execute(reset.public_id, by=agent, now=NOW)
    notes.add_note(ticket.number, by=agent, text="Звонит", now=NOW)
    calls.close(call.number, Disposition.SOLVED, summary="", is_for_customer=False, by=agent, now=NOW)
    acting.execute(change.public_id, by=agent, now=later)
    assert on_file([hers.pk])[hers.pk].administrative_email == "new@hosting-client.example"
