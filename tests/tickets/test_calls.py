"""Calls entered by hand: registered once, put into tickets, closed, counted, kept as evidence, erased."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from assurance.models import AccountLetter, Evidence, Pressure
from assurance.services import codes
from core.trust import Level
from customers.models import Account, Contact, ContactPoint
from customers.queries import Caller
from events.models import Event
from privacy import erasing
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tests.tickets.trust import account as the_account
from tests.tickets.trust import an_agent, letters_with, the_ticket
from tickets.access import NotVisible, calls_visible_to
from tickets.enums import Direction, Disposition, Kind, NumberSource
from tickets.models import Call, IdentityClaim, IssuedNumber, Note, Promise, Ticket
from tickets.numbers import is_valid
from tickets.queries.calls import Calls, call_page, callers, calls_page, word_of_ticket
from tickets.queries.customer import any_ticket
from tickets.queries.pack import pack_of
from tickets.services import assignment, calls, merging, proofs
from tickets.services.calls import NewCall
from tickets.services.intake import receive
from tickets.services.refused import Refused

pytestmark = pytest.mark.django_db
PHONE = "+79215550138"
SHOWN = NumberSource.SHOWN


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


@pytest.fixture
def agent(db: None):
    desk()
    anna()
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def ticket(agent) -> Ticket:
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


def the_caller(login: str = "annahost") -> Caller:
    account = Account.objects.get(login=login)
    contact = Contact.objects.filter(points__account=account).first()
    return Caller(account.pk, account.name, contact.pk if contact else None, contact.name if contact else "", "ru")


def said(**more) -> NewCall:
    given = {
        "request_id": uuid.uuid4(),
        "direction": Direction.INBOUND,
        "number": "8 921 555-01-38",
        "number_source": SHOWN,
        "caller": None,
        "caller_name": "Сергей",
        "subject": "Не открывается сайт",
        "words": "С утра ошибка 502",
        "language": "ru",
    }
    return NewCall(**(given | more))


def opened(call: Call, by, **more) -> Ticket:
    given = {"queue": "hosting", "kind": Kind.INCIDENT, "subject": call.subject, "our_address": "support@example.com"}
    return calls.open_ticket(call.number, by=by, **(given | more), now=NOW)


def closed(call: Call, by, how: Disposition = Disposition.SOLVED, **more) -> Call:
    return calls.close(call.number, how, **({"summary": "", "is_for_customer": False} | more), by=by, now=NOW)


def journal(stream: str) -> list[str]:
    return list(Event.objects.filter(stream=stream).order_by("id").values_list("type", flat=True))


def test_a_call_has_a_number_of_the_same_register_before_anything_comes_of_it(agent):
    call = calls.register(said(), by=agent, now=NOW)
    assert is_valid(call.number)
    assert IssuedNumber.objects.get(number=call.number).prefix == "CL"
    assert (call.caller_number, call.caller_literal, call.ended_at) == (PHONE, "8 921 555-01-38", None)
    assert journal(f"call:{call.pk}") == ["CallRegistered"]
    assert not Ticket.objects.exists()


def test_the_same_form_registers_one_call_and_nobody_else_s_is_given_out(agent):
    form = said()
    assert calls.register(form, by=agent, now=NOW) == calls.register(form, by=agent, now=NOW)
    with pytest.raises(NotVisible):
        calls.register(form, by=actor("agent2", "agent", "first-line"), now=NOW)
    assert Call.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_is_one_call(agent):
    form, found, start = said(), [], threading.Barrier(2)

    def send() -> None:
        start.wait()
        found.append(calls.register(form, by=agent, now=NOW).number)
        connections.close_all()

    both = [threading.Thread(target=send) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(set(found)) == 1
    assert (len(found), Call.objects.count()) == (2, 1)


def test_what_is_no_number_is_kept_as_it_was_said(agent):
    call = calls.register(said(number="скрыт"), by=agent, now=NOW)
    assert (call.caller_number, call.caller_literal) == ("", "скрыт")
    with refused("empty_call"):
        calls.register(said(number="", caller_name=" ", subject="", words=""), by=agent, now=NOW)


def test_one_press_opens_one_ticket_which_claims_and_proves_nothing(agent):
    call = calls.register(said(caller=the_caller()), by=agent, now=NOW)
    ticket = opened(call, agent)
    assert (ticket.door, ticket.level, ticket.account_id) == ("phone", Level.CLAIMED, the_caller().account_id)
    assert (ticket.requester_email, ticket.requester_name) == ("", "Анна Петрова")
    assert Note.objects.get(ticket=ticket).text == "С утра ошибка 502"
    assert IdentityClaim.objects.get(ticket=ticket).value == PHONE
    assert journal(f"ticket:{ticket.pk}") == ["TicketOpened", "NoteAdded", "CallAdded"]
    with refused("call_in_ticket"):
        opened(call, agent)
    assert Ticket.objects.count() == 1


def test_it_joins_a_ticket_that_is_there_and_moves_with_it(agent, ticket):
    call = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    assert (call.ticket_id, call.account_id) == (ticket.pk, ticket.account_id)
    other = Ticket.objects.get(
        pk=receive(letter(subject="Другое", facts=vouched(ANNA)), origin=origin("r2"), now=NOW).ticket_id
    )
    merging.merge(ticket.number, other.number, by=agent, now=NOW)
    call.refresh_from_db()
    assert call.ticket_id == other.pk
    merging.unmerge(ticket.number, by=agent, now=NOW)
    call.refresh_from_db()
    assert call.ticket_id == ticket.pk


def test_on_a_ticket_that_is_not_his_to_see_nothing_is_registered(agent, ticket):
    stranger = actor("agent2", "agent", "specialists")
    with refused("no_such_ticket"):
        calls.register(said(ticket=ticket.number), by=stranger, now=NOW)
    assert not Call.objects.exists()


def test_it_is_closed_once_by_whoever_had_it_or_a_lead(agent):
    call = calls.register(said(), by=agent, now=NOW)
    with refused("call_of_other"):
        closed(call, actor("agent2", "agent", "first-line"))
    with refused("call_without_ticket"):
        closed(call, agent, Disposition.TICKET_OPENED)
    closed(call, actor("lead", "lead"), Disposition.CALLBACK)
    with refused("call_ended"):
        closed(call, agent)
    call.refresh_from_db()
    assert (call.disposition, call.ended_at) == ("callback", NOW)
    assert journal(f"call:{call.pk}") == ["CallRegistered", "CallClosed"]


def test_a_promised_call_back_is_on_the_clock_of_the_ticket(agent, ticket):
    by_ten = NOW + timedelta(hours=1)
    call = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    with refused("promise_past"):
        closed(call, agent, Disposition.CALLBACK, call_back_by=NOW)
    closed(call, agent, Disposition.CALLBACK, call_back_by=by_ten)
    ticket.refresh_from_db()
    assert (ticket.promised_at, Promise.objects.get().words) == (by_ten, "Мы вам перезвоним")
    assert journal(f"ticket:{ticket.pk}")[-2:] == ["PromiseMade", "CallOfTicketClosed"]
    free = calls.register(said(), by=agent, now=NOW)
    with refused("call_without_ticket"):
        closed(free, agent, Disposition.CALLBACK, call_back_by=by_ten)
    closed(free, agent, Disposition.SOLVED, call_back_by=by_ten)
    assert Promise.objects.count() == 1


def test_into_an_erased_ticket_no_words_come_back(agent, ticket):
    call = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    Ticket.objects.update(status="closed")
    erasing.erase(ANNA, reason="по просьбе", by=actor("admin", "admin"), now=NOW)
    assert closed(call, agent, summary="Анна Петрова").summary == ""


def test_who_may_see_it(agent, ticket):
    about_it = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    free = calls.register(said(), by=agent, now=NOW)
    others = actor("agent2", "agent", "specialists")
    assert set(calls_visible_to(others)) == {free}
    assert set(calls_visible_to(actor("agent3", "agent", "first-line"))) == {about_it, free}
    quality = actor("quality", "quality")
    with pytest.raises(NotVisible):
        calls.register(said(), by=quality, now=NOW)
    with pytest.raises(NotVisible):
        calls.close(about_it.number, Disposition.SOLVED, summary="", is_for_customer=False, by=others, now=NOW)


def test_his_own_call_stays_his_to_close_when_its_ticket_goes_out_of_his_sight(agent, ticket):
    call = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    assignment.move_to_queue(ticket.number, queue_slug="domains", by=agent, now=NOW)
    page = call_page(agent, call.number, now=NOW)
    assert (page.may_close, page.ticket, page.pretty_ticket) == (True, "", "")
    assert closed(call, agent).ended_at == NOW


def test_lists_are_paged_by_time(agent):
    made = [calls.register(said(), by=agent, now=NOW + timedelta(minutes=place)) for place in range(60)]
    closed(made[-1], agent)
    first = calls_page(agent, Calls.TODAY, since=NOW)
    second = calls_page(agent, Calls.TODAY, since=NOW, after=first.next_cursor)
    assert [row.number for row in (*first.rows, *second.rows)] == [call.number for call in reversed(made)]
    assert second.next_cursor == ""
    assert calls_page(agent, Calls.TODAY, since=NOW + timedelta(days=1)).rows == ()
    assert calls_page(agent, Calls.OPEN, since=NOW).rows[0].number == made[-2].number
    assert calls_page(agent, Calls.MINE, since=NOW, after="damaged").rows[0].number == made[-1].number
    assert not calls_page(actor("agent2", "agent", "first-line"), Calls.MINE, since=NOW).rows


def test_who_calls_is_found_by_number_name_login_and_contract(agent):
    caller = the_caller()
    ContactPoint.objects.create(account_id=caller.account_id, contact_id=caller.contact_id, kind="phone", value=PHONE)
    for number, who in (("8 921 555 01 38", ""), ("", "Петрова"), ("", "annahost"), ("", "H-100001")):
        assert [each.account for each in callers(number, who)] == ["ООО «Ромашка»"], (number, who)
    assert callers(PHONE, "Петрова")[0].person == "Анна Петрова"
    assert callers("", "") == callers("+79215550000", "Никто") == []


def test_whoever_reads_his_code_sees_the_ticket_of_his_call_in_the_panel():
    """Found by the login of his account, so that nobody knew who of it calls."""
    account, agent = the_account(), an_agent()
    caller = the_caller()
    unknown = replace(caller, contact_id=None, name="")
    call = calls.register(said(caller=unknown), by=agent, now=NOW)
    ticket = opened(call, agent)
    assert ticket.contact is None
    code = codes.make_for_customer(account.pk, contact_id=caller.contact_id, now=NOW)
    assert proofs.enter_code(ticket.number, code, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.contact_id == caller.contact_id


def test_a_code_read_about_somebody_elses_letter_makes_nobody_its_writer():
    account, agent = the_account(), an_agent()
    ticket = the_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(contact=None, requester_email="mallory@elsewhere.example")
    code = codes.make_for_customer(account.pk, contact_id=the_caller().contact_id, now=NOW)
    assert proofs.enter_code(ticket.number, code, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.contact is None


def test_a_code_read_in_a_call_opens_that_call_alone_and_ends_with_it():
    account = the_account()
    agent, ticket = an_agent(), None
    call = calls.register(said(caller=the_caller()), by=agent, now=NOW)
    ticket = opened(call, agent)
    code = codes.make_for_customer(account.pk, contact_id=the_caller().contact_id, now=NOW)
    assert proofs.enter_code(ticket.number, code, by=agent, now=NOW)
    proof = Evidence.objects.get(kind="spoken_code")
    assert proof.scope == "call"
    assert proof.facts[1] == {
        "kind": "call", "verdict": "open", "subject": f"call:{call.public_id}", "detail": {"account": account.pk},
    }  # fmt: skip
    page = call_page(agent, call.number, now=NOW)
    assert (page.level, page.card.login) == (3, "annahost")
    assert ("contacts", 4) in page.card.closed
    assert [one.number for one in page.tickets] == [ticket.number]
    again = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    other = call_page(agent, again.number, now=NOW)
    assert (other.level, other.card.login, other.tickets) == (1, None, ())
    assert call_page(agent, call.number, now=NOW + timedelta(hours=5)).level == 1
    closed(call, agent, Disposition.TICKET_OPENED)
    assert call_page(agent, call.number, now=NOW).level == 1


def test_what_was_proven_for_one_account_opens_no_other():
    account = the_account()
    other = Account.objects.create(kind="person", name="Борис", login="boris")
    agent = an_agent()
    call = calls.register(said(caller=the_caller()), by=agent, now=NOW)
    ticket = opened(call, agent)
    code = codes.make_for_customer(account.pk, contact_id=the_caller().contact_id, now=NOW)
    proofs.enter_code(ticket.number, code, by=agent, now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(account=other)
    page = call_page(agent, call.number, now=NOW)
    assert (page.level, page.card.name, page.card.login) == (1, "Борис", None)


def test_a_proof_without_a_call_is_bound_to_the_request(agent, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(account=the_caller().account_id)
    point = ContactPoint.objects.create(account_id=the_caller().account_id, kind="phone", value=PHONE)
    colleague = actor("agent2", "agent", "first-line")
    calls.register(said(ticket=ticket.number), by=colleague, now=NOW)
    proofs.called_back(ticket.number, point.pk, by=agent, now=NOW)
    assert Evidence.objects.get(kind="call_back").scope == "request"


def test_the_number_goes_once_to_the_address_on_file_alone(agent):
    call = calls.register(said(caller=the_caller()), by=agent, now=NOW)
    calls.send_number(call.number, by=agent, now=NOW)
    (text,) = letters_with("CL-", email=ANNA)
    assert AccountLetter.objects.count() == 1
    assert "Сергей" not in text
    assert "502" not in text
    with refused("number_sent"):
        calls.send_number(call.number, by=agent, now=NOW)
    stranger = calls.register(said(), by=agent, now=NOW)
    with refused("no_address_on_file"):
        calls.send_number(stranger.number, by=agent, now=NOW)
    assert journal(f"call:{call.pk}") == ["CallRegistered", "CallNumberSent"]


def test_the_customer_learns_that_we_spoke_and_reads_the_summary_only_where_it_is_meant_for_him(agent, ticket):
    def shown() -> list[str]:
        items = any_ticket(ticket.public_id, now=NOW + timedelta(days=1)).items
        return [item.text for item in items if item.kind == "call"]

    for how, marked in ((Disposition.SOLVED, False), (Disposition.ADDED, True), (Disposition.NUISANCE, True)):
        call = calls.register(said(ticket=ticket.number, words="Слова"), by=agent, now=NOW)
        assert len(shown()) < 3
        closed(call, agent, how, summary=f"Итог {how}", is_for_customer=marked)
    assert shown() == ["", "Итог added"]


def test_many_calls_about_an_account_are_pressure(agent, ticket):
    for _ in range(9):
        calls.register(said(caller=the_caller()), by=agent, now=NOW)
    assert not Pressure.objects.exists()
    calls.register(said(caller=the_caller(), direction=Direction.OUTBOUND), by=agent, now=NOW)
    assert not Pressure.objects.exists()
    calls.register(said(caller=the_caller()), by=agent, now=NOW)
    assert Pressure.objects.get().reasons == ["many_calls"]
    assert "PressureRaised" in journal(f"ticket:{ticket.pk}")


def test_one_number_about_three_accounts_is_pressure_unless_it_is_on_file_there(agent, ticket):
    for login in ("one", "two"):
        Account.objects.create(kind="person", name=login, login=login)
        calls.register(said(caller=the_caller(login)), by=agent, now=NOW)
    caller = the_caller()
    known = ContactPoint.objects.create(account_id=caller.account_id, kind="phone", value=PHONE)
    calls.register(said(caller=caller), by=agent, now=NOW)
    assert not Pressure.objects.exists()
    known.delete()
    calls.register(said(caller=caller), by=agent, now=NOW + timedelta(days=2))
    assert not Pressure.objects.exists()
    calls.register(said(caller=caller), by=agent, now=NOW)
    assert (Pressure.objects.get().account_id, Pressure.objects.get().reasons) == (caller.account_id, ["one_caller"])


def test_closed_as_pressure_it_holds_the_account(agent, ticket):
    call = calls.register(said(caller=the_caller()), by=agent, now=NOW)
    closed(call, agent, Disposition.PRESSURE)
    assert (Pressure.objects.get().account_id, Pressure.objects.get().reasons) == (call.account_id, ["agent"])


def test_the_word_of_a_ticket_goes_to_the_number_it_was_opened_from_and_to_no_later_caller(agent):
    ticket = opened(calls.register(said(), by=agent, now=NOW), agent)
    calls.register(said(number="+79215550001", ticket=ticket.number), by=agent, now=NOW)
    assert str(word_of_ticket(agent, ticket.number, PHONE, SHOWN, now=NOW).state) == "working"
    assert word_of_ticket(agent, ticket.number, "+79215550001", SHOWN, now=NOW).why_not == "other_number"
    assert word_of_ticket(agent, "123456789", PHONE, SHOWN, now=NOW) is None
    Ticket.objects.update(kind=Kind.RESTRICTED.value)
    assert word_of_ticket(agent, ticket.number, PHONE, SHOWN, now=NOW) is None


def test_a_number_new_on_file_is_told_nothing_for_a_fortnight(agent, ticket):
    caller = the_caller()
    Ticket.objects.update(account=caller.account_id, contact=caller.contact_id)
    ContactPoint.objects.create(
        account_id=caller.account_id, contact_id=caller.contact_id, kind="phone", value=PHONE, on_file_since=NOW
    )
    assert word_of_ticket(agent, ticket.number, PHONE, SHOWN, now=NOW).why_not == "other_number"
    assert word_of_ticket(agent, ticket.number, PHONE, SHOWN, now=NOW + timedelta(days=14)).state


def test_the_evidence_file_tells_of_the_calls(agent, ticket):
    call = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    (row,) = pack_of(agent, ticket.number)["calls"]
    assert (row["number"], row["caller_number"], row["staff__name"]) == (call.number, PHONE, "Agent1")


def test_erasing_a_person_takes_his_calls_too(agent, ticket):
    admin = actor("admin", "admin", "first-line")
    caller = the_caller()
    ContactPoint.objects.create(account_id=caller.account_id, contact_id=caller.contact_id, kind="phone", value=PHONE)
    about_it = calls.register(said(ticket=ticket.number), by=agent, now=NOW)
    as_him = calls.register(said(caller=caller, number="+79215550001"), by=agent, now=NOW)
    from_him = calls.register(said(caller_name="Анна"), by=agent, now=NOW)
    closed(about_it, agent, summary="Итог")
    Ticket.objects.update(status="closed")
    erasing.erase(ANNA, reason="по просьбе", by=admin, now=NOW)
    for call in (about_it, as_him, from_him):
        call.refresh_from_db()
        assert (call.caller_number, call.caller_literal, call.caller_name, call.contact_id) == ("", "", "", None)
        assert (call.subject, call.words, call.summary) == ("", "", "")
        assert call.number
