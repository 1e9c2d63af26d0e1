"""The agent's page of proofs and critical actions, and the page behind a mailed link."""

from datetime import timedelta

import pytest
from django.test import Client

from assurance.models import CriticalAction, Evidence, Pressure, View
from assurance.services import codes
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.services.confidential import Confidential, write
from events.models import Event
from staff.models import StaffProfile
from tests import cast
from tests.cast import ANNA, NOW
from tests.tickets.trust import ADMINISTRATIVE, letters_with, mailed
from tests.web.conftest import person, shows, signed_in
from tickets.models import Ticket
from tickets.queries.pack import pack_of
from tickets.services import proofs
from users import api_tokens
from users.api_tokens import Scope
from users.models import ApiToken, User


@pytest.fixture(autouse=True)
def on_file() -> Account:
    account = Account.objects.get(login="annahost")
    write({account.pk: Confidential("", ADMINISTRATIVE, read_clock() - timedelta(days=60))})
    ContactRole.objects.create(account=account, contact=Contact.objects.get(given_name="Анна"), role="owner")
    return account


def trust(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/tickets/{ticket.number}/trust/{noun}"


def test_one_press_asks_the_administrative_address_and_its_answer_lifts_the_ticket(agent, ticket):
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "Ask for confirmation", "Who asks, and may they")
    answer = agent.post(trust(ticket, "confirmation"), follow=True)
    shows(answer, "The administrative address was asked", "was asked")
    token, code = mailed()
    stranger = Client()
    page = f"/confirm/{token}/"
    for method in (stranger.get, stranger.head, stranger.get):
        assert method(page).status_code == 200
    assert CriticalAction.objects.get().state == "awaiting_proof"
    shows(stranger.get(page), "Это ваша просьба?", CriticalAction.objects.get().words)
    assert stranger.post(page, {"answer": "confirm", "code": ""}).status_code == 400
    shows(stranger.post(page, {"answer": "confirm", "code": "AAAAAAAA"}), "Это не тот код")
    shows(stranger.post(page, {"answer": "confirm", "code": code}), "Подтверждено")
    ticket.refresh_from_db()
    assert ticket.level == 4
    shows(stranger.post(page, {"answer": "confirm", "code": code}), "уже ответили")
    assert Client().get("/confirm/nothing/").status_code == 404


def test_it_was_not_me_needs_no_code(agent, ticket):
    agent.post(trust(ticket, "confirmation"))
    token, _ = mailed()
    shows(Client().post(f"/confirm/{token}/", {"answer": "refuse"}), "Отклонено")
    assert Pressure.objects.exists()
    shows(agent.get(trust(ticket)), "Somebody may be pushing", "The owner refused an action")
    assert agent.post(trust(ticket, "pressure/removal")).status_code == 404
    lead = signed_in(person("lead", "lead", "first-line"))
    lead.post(trust(ticket, "pressure/removal"))
    assert not Pressure.objects.filter(lifted_at=None).exists()


def test_the_page_of_a_stopped_reply_goes_on_showing_what_is_new(agent, ticket):
    """It stands at an address that only takes replies."""
    answer = agent.post(f"/desk/tickets/{ticket.number}/replies", {"text": ""})
    assert answer.status_code >= 400
    shows(answer, f'data-address="/desk/tickets/{ticket.number}/"')


def test_an_action_is_asked_for_proven_and_carried_out_on_one_page(agent, ticket):
    answer = agent.post(trust(ticket, "actions"), {"kind": "password_reset", "login": ""})
    assert answer.status_code == 409
    shows(answer, "Say for which login.", 'href="#password_reset-login"', 'id="password_reset-login-e"')
    for noun, form, field in (("code", {"code": "00000000"}, "code"), ("glass", {"reason": ""}, "reason")):
        shows(agent.post(trust(ticket, noun), form), f'id="{field}" ', f'id="{field}-e"', f'href="#{field}"')
    answer = agent.post(trust(ticket, "actions"), {"kind": "change_administrative_email", "new_email": "а@b"})
    shows(answer, "cannot be read", 'value="а@b"')
    assert answer.content.decode().count("cannot be read") == 2  # above all, and by the form it was typed into
    unfinished = {"kind": "recovery", "document": "in_person", "login": "nobody-here", "new_email": ""}
    shows(agent.post(trust(ticket, "actions"), unfinished), 'value="in_person" selected', 'value="nobody-here"')
    agent.post(trust(ticket, "actions"), {"kind": "password_reset", "login": "annahost"})
    action = CriticalAction.objects.get()
    shows(agent.get(trust(ticket)), action.words, "needs a proof", "Ask the administrative address")
    agent.post(trust(ticket, f"actions/{action.public_id}/question"))
    answer = agent.post(trust(ticket, f"actions/{action.public_id}/execution"))
    shows(answer, "It is not confirmed")
    token, code = mailed()
    Client().post(f"/confirm/{token}/", {"answer": "confirm", "code": code})
    shows(agent.get(trust(ticket)), "confirmed", "Carried out")
    shows(Client().get(f"/confirm/{token}/"), "Это ещё не исполнено: вы можете всё остановить.", "Это не я")
    agent.post(trust(ticket, f"actions/{action.public_id}/execution"))
    action.refresh_from_db()
    assert action.state == "executed"
    assert letters_with("исполнено", email=ADMINISTRATIVE)


def test_codes_and_calls_back_never_rise_above_recognised(agent, ticket, on_file):
    contact = Contact.objects.get(given_name="Анна")
    made = codes.make_for_customer(on_file.pk, contact_id=contact.pk, now=read_clock())
    shows(agent.post(trust(ticket, "code"), {"code": "0" * 8 if made != "0" * 8 else "1" * 8}), "The code is wrong")
    agent.post(trust(ticket, "code"), {"code": f"{made[:4]} {made[4:]}"})
    assert Evidence.objects.get(kind="spoken_code").level == 3
    shows(agent.post(trust(ticket, "code"), {"code": made}), "The code is wrong")
    new = ContactPoint.objects.create(account=on_file, contact=contact, kind="phone", value="+74951234567")
    shows(agent.get(trust(ticket)), "••• 4567")
    agent.post(trust(ticket, "call-back"), {"phone": new.pk})
    assert Evidence.objects.get(kind="call_back").level == 2
    ContactPoint.objects.filter(pk=new.pk).update(on_file_since=read_clock() - timedelta(days=15))
    agent.post(trust(ticket, "call-back"), {"phone": new.pk})
    assert Evidence.objects.filter(kind="call_back").latest("pk").level == 3
    shows(agent.post(trust(ticket, "call-back"), {"phone": "999999"}), "no such number")


def test_who_begins_anew_is_called_first_and_gets_his_link_again_from_the_page(agent, ticket, on_file):
    phone = ContactPoint.objects.create(account=on_file, kind="phone", value="+74951234567", on_file_since=cast.NOW)
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, "a password of hers")
    contact.save()
    given = {"kind": "recovery", "document": "in_person", "login": ANNA, "new_email": "new@hosting-client.example"}
    shows(agent.post(trust(ticket, "actions"), given, follow=True), "Call ••• 4567 of the card", "He knows of it")
    step = f"actions/{CriticalAction.objects.get().public_id}"
    agent.post(trust(ticket, f"{step}/document"))
    for wrong in ({"phone": "²", "answer": "reached"}, {"phone": phone.pk, "answer": "surely"}, {}):
        assert agent.post(trust(ticket, f"{step}/calls"), wrong).status_code == 409
    page = agent.post(trust(ticket, f"{step}/calls"), {"phone": phone.pk, "answer": "nobody"}, follow=True)
    assert "Call ••• 4567" not in page.content.decode()
    CriticalAction.objects.update(hold_until=None)
    other = signed_in(person("agent3", "agent", "first-line"))
    shows(other.post(trust(ticket, f"{step}/execution"), follow=True), "Send the link to begin anew once more")
    agent.post(trust(ticket, f"{step}/link"))
    assert len(letters_with("/panel/beginning/", email="new@hosting-client.example")) == 2
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "A number on file was called (Nobody answered)")


def test_our_own_code_is_shown_once_and_names_us(agent, ticket, on_file):
    page = agent.post(trust(ticket, "our-code")).content.decode()
    digits = page.split('<strong class="mono">')[1].split("<")[0]
    found = codes.check_desks(on_file.pk, digits, now=read_clock())
    assert found is not None
    assert found.ticket_id == ticket.pk
    assert codes.check_desks(on_file.pk, "000000" if digits != "000 000" else "111111", now=read_clock()) is None


def test_the_glass_is_broken_for_one_look_with_a_reason(agent, ticket):
    told = [cast.person(role, role) for role in ("lead", "quality")]
    assert "H-100001" not in agent.get(trust(ticket)).content.decode()
    shows(agent.post(trust(ticket, "glass"), {"reason": " "}), "Say why.")
    opened = agent.post(trust(ticket, "glass"), {"reason": "Клиент на линии"})
    shows(opened, "H-100001", "annahost", ADMINISTRATIVE, "owner", ANNA)
    assert View.objects.get(fields="*").reason == "Клиент на линии"
    (broken,) = Event.objects.filter(type="GlassBroken")
    assert set(broken.payload.data["tells"].items()) == {(str(person.pk), "alarm") for person in told}
    assert "H-100001" not in agent.get(trust(ticket)).content.decode()


def test_confidential_fields_are_shown_at_level_four_alone_and_that_is_noted(agent, ticket):
    page = f"/desk/tickets/{ticket.number}/"
    for level, is_shown in ((3, False), (4, True)):
        Ticket.objects.filter(pk=ticket.pk).update(level=level)
        answer = agent.get(page).content.decode()
        assert (ADMINISTRATIVE in answer) == is_shown
        assert View.objects.filter(fields="confidential").exists() == is_shown
    lead = signed_in(person("the-lead", "lead", "first-line"))
    shows(lead.get(trust(ticket)), "saw the confidential fields")


def test_who_may_not_act_has_no_buttons_and_no_address(ticket):
    for role in ("quality", "admin"):
        client = signed_in(person(f"the-{role}", role, "first-line"))
        for noun in ("actions", "confirmation", "code", "pressure", "glass", "our-code"):
            assert client.post(trust(ticket, noun), {"kind": "password_reset", "login": "x"}).status_code == 404
    assert not CriticalAction.objects.exists()
    quality = signed_in(person("reader", "quality"))
    assert "Ask for it" not in quality.get(trust(ticket)).content.decode()


def test_it_reads_in_russian(ticket):
    client = signed_in(person("agent9", "agent", "first-line"), language="ru")
    shows(client.get(trust(ticket)), "Кто просит и вправе ли", "Критические действия", "На меня давят")


def test_who_looked_is_read_by_leads_and_quality_alone(agent, ticket):
    for _ in range(3):
        agent.get(f"/desk/tickets/{ticket.number}/")
    assert View.objects.count() == 1
    quality = signed_in(person("reader", "quality"))
    shows(quality.get(trust(ticket)), "Who looked", "Agent1")
    assert "Who looked" not in agent.get(trust(ticket)).content.decode()


def test_who_looked_names_programs_as_such(ticket):
    api_tokens.make("billing", [Scope.TICKETS_READ], per_minute=60, expires_at=None, by="staff:1", now=NOW)
    proofs.read_by_program(ticket.pk, ApiToken.objects.get().pk, now=NOW)
    quality = signed_in(person("reader", "quality"))
    shows(quality.get(trust(ticket)), "Who looked", "Program “billing”")
    pack = pack_of(StaffProfile.objects.get(name="Reader").actor(), ticket.number)
    assert [view["program__name"] for view in pack["views"]] == ["billing"]


@pytest.mark.parametrize("way", ["part", "refused", "sorting"])
def test_the_view_log_has_a_ticket_however_it_is_read(ticket, way):
    agent = signed_in(person("reader", "agent", "first-line"))
    page = f"/desk/tickets/{ticket.number}/"
    if way == "part":
        agent.get(page, headers={"x-region": "live"})
    elif way == "refused":
        assert agent.post(f"{page}replies", {"text": ""}).status_code == 409
    else:
        agent.get(f"{page}sorting/")
    assert View.objects.get(ticket=ticket).staff.name == "Reader"
