"""Calls at the desk: the quick form, the page of a call, the lists, the ticket, the panel, the search."""

import uuid
from datetime import timedelta

import pytest

from channels_app.models import Channel
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint
from tests.cast import SUPPORT
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tickets.models import Call, Ticket
from tickets.numbers import CALLS, pretty

NEW = "/desk/calls/new/"
PHONE = "+79215550138"


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    Channel.objects.create(slug="support", address=SUPPORT, queue_slug="hosting", name="Support")


@pytest.fixture
def on_file() -> Account:
    account = Account.objects.get(login="annahost")
    ContactPoint.objects.create(
        account=account, contact=Contact.objects.get(given_name="Анна"), kind="phone", value=PHONE
    )
    return account


def anna_s(account: Account) -> str:
    return f"{account.public_id} {Contact.objects.get(given_name='Анна').public_id}"


def given(**more) -> dict[str, str]:
    return {
        "request_id": str(uuid.uuid4()),
        "number": PHONE,
        "source": "shown",
        "direction": "in",
        "who": "Sergey",
        "subject": "The site is down",
        "words": "Error 502 since the morning",
        "queue": "hosting",
        "kind": "incident",
        "language": "en",
    } | more


def registered(client, **more) -> Call:
    client.post(NEW, given(**more))
    return Call.objects.order_by("-id")[0]


def of(call: Call, noun: str = "") -> str:
    return f"/desk/calls/{call.number}/{noun}"


def test_the_form_says_at_once_what_a_plain_call_permits(agent):
    shows(agent.get(NEW), "General information only", "You may not: logins, addresses")
    shows(agent.get("/desk/"), f'href="{NEW}" data-key="KeyD"', 'data-go="Digit3"')


def test_who_calls_is_found_and_his_card_stays_closed(agent, on_file):
    page = agent.post(NEW, given(find="1", who=""))
    shows(page, "The caller says to be", "Анна Петрова", "ООО «Ромашка»", "from “recognised”")
    for closed in ("annahost", "H-100001", "anna@", "annashop.example"):
        assert closed not in page.content.decode()
    shows(agent.post(NEW, given(find="1", who="Nobody Known", number="+79000000000")), "Nobody on file fits.")
    assert not Call.objects.exists()


def test_one_press_opens_a_ticket_and_its_number_is_there_to_read(agent, on_file):
    page = agent.post(NEW, given(then="ticket", caller=anna_s(on_file)), follow=True)
    ticket = Ticket.objects.get()
    shows(page, "Read to the caller", pretty(ticket.number), "General information only")
    assert (ticket.door, ticket.level, ticket.account_id, ticket.our_address) == ("phone", 1, on_file.pk, SUPPORT)
    here = agent.get(f"/desk/tickets/{ticket.number}/")
    shows(here, "Error 502 since the morning", "they called us", PHONE, "Nobody has ended this call yet")
    shows(here, f"{NEW}?ticket={ticket.number}", "Register a call about this ticket")
    assert "anna@hosting-client.example" not in here.content.decode()


def test_pressing_twice_opens_one_ticket(agent):
    form = given(then="ticket")
    first, second = agent.post(NEW, form), agent.post(NEW, form)
    assert first.status_code == 302
    shows(second, "The call is in a ticket already.")
    assert (Ticket.objects.count(), Call.objects.count()) == (1, 1)


def test_without_a_subject_no_ticket_is_opened_and_what_was_typed_is_kept(agent):
    page = agent.post(NEW, given(then="ticket", subject=" "))
    assert page.status_code == 409
    shows(page, "Error: ", "Write a subject.", "Nothing was saved, your text is here.", "Error 502 since the morning")
    assert not Call.objects.exists()


def test_only_registered_it_is_closed_with_a_disposition(agent):
    call = registered(agent)
    shows(agent.get(of(call)), pretty(call.number, CALLS), "It is enough to ask about this call")
    refused = agent.post(of(call, "closing"), {"disposition": "", "summary": "We agreed"})
    assert refused.status_code == 409
    shows(refused, "Choose how the call ended.", "We agreed")
    shows(agent.post(of(call, "closing"), {"disposition": "ticket_opened"}), "The call is in no ticket.")
    page = agent.post(of(call, "closing"), {"disposition": "solved", "summary": "We agreed"}, follow=True)
    shows(page, "The call is closed.", "solved on the spot", "We agreed")
    assert "General information only" not in page.content.decode()


def test_from_a_ticket_the_call_goes_into_it_and_its_summary_to_the_customer_only_where_marked(agent, ticket):
    shows(agent.get(f"{NEW}?ticket={ticket.number}"), "Put the call into this ticket", ticket.number)
    call = registered(agent, then="add", ticket=pretty(ticket.number))
    agent.post(of(call, "closing"), {"disposition": "added", "summary": "Tomorrow at ten", "is_for_customer": "1"})
    shows(
        agent.get(f"/desk/tickets/{ticket.number}/"),
        "Tomorrow at ten", "the customer may read it", "Added to a ticket", pretty(call.number, CALLS),
    )  # fmt: skip


def test_a_promised_call_back_is_said_in_the_ticket(agent, ticket):
    call = registered(agent, then="add", ticket=ticket.number)
    form = {"disposition": "callback", "call_back_by": "2001-01-01T10:00"}
    page = agent.post(of(call, "closing"), form)
    assert page.status_code == 409
    shows(page, "2001-01-01T10:00", 'value="callback" selected')
    later = f"{read_clock() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    agent.post(of(call, "closing"), form | {"call_back_by": later})
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "Мы вам перезвоним", "We promised to call back")


def test_a_registered_call_is_put_into_a_ticket_later(agent, ticket):
    call = registered(agent)
    shows(agent.post(of(call, "addition"), {"ticket": "HD-000-000-000"}), "There is no such ticket for you.")
    shows(agent.post(of(call, "addition"), {"ticket": ticket.number}, follow=True), "The call is in the ticket.")
    call.refresh_from_db()
    assert call.ticket_id == ticket.pk


def test_or_a_ticket_is_opened_from_it_with_the_address_the_caller_names(agent):
    call = registered(agent)
    form = {"subject": "Site", "queue": "hosting", "kind": "incident", "answer_to": "no address"}
    shows(agent.post(of(call, "ticket"), form), "no address")
    agent.post(of(call, "ticket"), form | {"answer_to": "Sergey@Client.example"})
    assert Ticket.objects.get().requester_email == "sergey@client.example"


def test_of_a_ticket_that_the_caller_names_the_word_of_its_state_and_nothing_else(agent):
    agent.post(NEW, given(then="ticket"))
    ticket = Ticket.objects.get()
    asked = {"find": "1", "ticket": pretty(ticket.number), "subject": "", "words": "", "who": ""}
    page = agent.post(NEW, given(**asked))
    shows(page, "You may say this, and nothing else:", "we work on it", "the next answer is promised by")
    assert "The site is down" not in page.content.decode()
    shows(agent.post(NEW, given(**asked, number="+79215550001")), "Say nothing of this ticket.", "not among those")
    shows(agent.post(NEW, given(**asked, source="said")), "Say nothing of this ticket.", "only says proves nothing")
    shows(agent.post(NEW, given(**asked | {"ticket": "HD-000-000-000"})), "There is no such ticket to speak of.")


def test_the_number_is_sent_to_the_address_on_file_or_the_page_says_why_not(agent, on_file):
    nobody = registered(agent)
    shows(agent.get(of(nobody)), "this desk sends no SMS: read it out")
    call = registered(agent, caller=anna_s(on_file))
    shows(agent.get(of(call)), "Send it to the address on file", "Never to an address that is named on the telephone.")
    shows(agent.post(of(call, "letter"), follow=True), "Sent by mail to the address on file")
    shows(agent.post(of(call, "letter")), "The number was sent already.")


def test_lists_show_todays_mine_and_those_nobody_has_ended(agent):
    call = registered(agent)
    other = signed_in(person("agent2", "agent", "first-line"))
    shows(agent.get("/desk/calls/"), "The site is down", pretty(call.number, CALLS), "not ended")
    shows(other.get("/desk/calls/?list=mine"), "No calls here")
    shows(other.get("/desk/calls/?list=open"), "The site is down")
    agent.post(of(call, "closing"), {"disposition": "wrong_number"})
    shows(other.get("/desk/calls/?list=open"), "No calls here")
    shows(other.get("/desk/calls/?list=today&after=broken"), "wrong number")


def test_its_number_leads_to_it_in_the_search_and_the_palette(agent):
    call = registered(agent)
    for typed in (call.number, pretty(call.number, CALLS), pretty(call.number, CALLS).lower()):
        shows(agent.get("/desk/search/", {"q": typed}), of(call))
        shows(agent.get("/desk/search/", {"q": typed}, headers={"X-Region": "options"}), of(call))


def test_who_works_no_tickets_registers_no_calls(agent):
    call = registered(agent)
    quality = signed_in(person("quality", "quality"))
    shows(quality.get(of(call)), "The site is down")
    assert NEW not in quality.get("/desk/calls/").content.decode()
    assert quality.get(NEW).status_code == quality.post(NEW, given()).status_code == 404
    for noun in ("ticket", "addition", "closing", "letter"):
        form = {"disposition": "solved", "kind": "incident"}
        assert quality.post(of(call, noun), form).status_code in (404, 409)
    assert not Call.objects.exclude(ended_at=None).exists()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("field", ["request_id", "source", "direction", "caller"])
def test_a_form_that_no_page_of_ours_sent_is_none(agent, field):
    assert agent.post(NEW, given(**{field: "nonsense"})).status_code == 404
    assert not Call.objects.exists()


def test_the_lists_take_as_many_queries_however_many_calls(agent, django_assert_max_num_queries):
    registered(agent)
    agent.get("/desk/calls/")
    for _ in range(5):
        registered(agent, then="ticket")
    with django_assert_max_num_queries(6):
        agent.get("/desk/calls/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_the_key_to_the_number_without_the_mouse(browser, live_server):
    person("agent1", "agent", "first-line")
    page = browser.new_page(locale="en-GB")
    sign_in_with(page, live_server.url, "agent1")
    page.keyboard.press("d")
    page.wait_for_selector("#gen-h")
    page.fill("#number", PHONE)
    page.fill("#subject", "The site is down")
    page.press("#subject", "Control+Enter")
    page.wait_for_selector(".read")
    assert page.inner_text(".read") == pretty(Ticket.objects.get().number)
    page.keyboard.press("g")
    page.keyboard.press("3")
    page.wait_for_selector("#list [data-row]")
    assert "The site is down" in page.inner_text("#list")


def test_a_call_whose_words_were_destroyed_says_so(agent):
    call = registered(agent)
    Call.objects.update(subject="", words="", erased_at=read_clock())
    shows(agent.get(of(call)), "(words destroyed)")
