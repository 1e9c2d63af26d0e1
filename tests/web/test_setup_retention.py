"""The rules of retention as a form, and what people read of words that are gone."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from privacy import retention
from privacy.models import Destruction, RetentionRule
from tests.cast import ANNA, NOW
from tests.past import gone_by
from tests.web.conftest import person, shows, signed_in
from tests.web.looking import looks
from tests.web.test_setup_privacy import told
from tickets.models import Ticket
from users.models import User

WORD = "болтанка"


def days(**changed: str) -> dict[str, str]:
    known = {code: "" if kind.days is None else str(kind.days) for code, kind in retention.KINDS.items()}
    return {f"days_{code}": value for code, value in (known | changed).items()}


@pytest.fixture
def admin() -> Client:
    return signed_in(person("the-admin", "admin"))


@pytest.fixture
def gone(admin: Client) -> Ticket:
    """Closed, and its words are past their time."""
    ticket = told(ANNA, WORD, b"of a ticket long done")
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", updated_at=NOW)
    admin.post("/setup/privacy/rules", days(tickets="30"))
    RetentionRule.objects.update(set_at=NOW)
    gone_by(NOW + timedelta(days=40))
    ticket.refresh_from_db()
    assert ticket.erased_at is not None
    return ticket


def test_rules_are_shown_looked_at_and_set(admin: Client) -> None:
    told(ANNA, WORD, b"x")
    Ticket.objects.update(status="closed", updated_at=NOW)
    shows(admin.get("/setup/privacy/"), "Finished tickets", "from 30 days, empty: for ever", "as delivered")
    looked = admin.post("/setup/privacy/rules", days(tickets="30") | {"look": "1"})
    shows(looked, 'name="days_tickets" inputmode="numeric" maxlength="4" autocomplete="off" value="30"')
    assert not RetentionRule.objects.exists(), "a look changes nothing"
    assert admin.post("/setup/privacy/rules", days(tickets="30")).status_code == 302
    assert RetentionRule.objects.get().days == 30
    shows(admin.get("/setup/privacy/"), "The-Admin", "in force from")


def test_a_wrong_number_is_told_and_kept(admin: Client) -> None:
    answer = admin.post("/setup/privacy/rules", days(tickets="7", answers=""))
    assert answer.status_code == 409
    shows(answer, "At least 30 days.", 'value="7"', "This is not kept for ever")
    assert not RetentionRule.objects.exists()


def test_a_code_is_asked_of_who_has_a_second_factor(admin: Client) -> None:
    device = TOTPDevice.objects.create(user=User.objects.get(login="the-admin"), name="phone", confirmed=True)
    shows(admin.post("/setup/privacy/rules", days(tickets="30") | {"code": "000000"}), "The code is wrong")
    assert not RetentionRule.objects.exists()
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    right = {"code": f"{totp(device.bin_key):06}"}
    assert admin.post("/setup/privacy/rules", days(tickets="30") | right).status_code == 302


def test_only_administrators_set_rules() -> None:
    lead = signed_in(person("the-lead", "lead", "first-line"))
    assert lead.post("/setup/privacy/rules", days(tickets="30")).status_code == 403
    assert not RetentionRule.objects.exists()


def test_the_act_of_a_rule_says_whose_rule_and_shows_its_journal(admin: Client, gone: Ticket) -> None:
    act = Destruction.objects.get(basis="tickets")
    shows(admin.get("/setup/privacy/?basis=tickets"), "kept for 30 days", "the desk itself")
    shows(admin.get("/setup/privacy/?basis=spam"), "Nothing was erased yet.")
    shown = admin.get(f"/setup/privacy/destructions/{act.pk}/")
    shows(shown, "by a rule that The-Admin set", "Extract of the journal", gone.number[:3], "SHA-256")


def test_the_desk_says_plainly_what_is_gone(gone: Ticket) -> None:
    lead = signed_in(person("the-lead", "lead", "first-line"))
    ticket = lead.get(f"/desk/tickets/{gone.number}/")
    shows(ticket, "The words and files of this ticket were destroyed on", "(words destroyed)")
    assert 'id="reply"' not in ticket.content.decode()
    shows(lead.get("/desk/?view=done"), "(words destroyed)")
    shows(lead.get(f"/desk/search/?q={gone.number}", follow=True), "(words destroyed)")
    pack = lead.post(f"/desk/tickets/{gone.number}/evidence/", {"reason": "Court"})
    with ZipFile(BytesIO(pack.getvalue())) as archive:
        assert "were destroyed on" in archive.read("index.html").decode()
        assert json.loads(archive.read("ticket.json"))["ticket"]["erased_act"] == gone.erased_act
    russian = signed_in(person("lead2", "lead", "first-line"), language="ru")
    shows(russian.get(f"/desk/tickets/{gone.number}/"), "Тексты и файлы этой заявки уничтожены")


def test_a_lead_keeps_a_ticket_with_a_reason_and_lets_it_go(admin: Client) -> None:
    ticket = told(ANNA, WORD, b"x")
    lead = signed_in(person("the-lead", "lead", "first-line"))
    address = f"/desk/tickets/{ticket.number}"
    shows(lead.post(f"{address}/keeping", {"keep_reason": " "}), "Say why it must be kept.")
    assert lead.post(f"{address}/keeping", {"keep_reason": "Суд, дело 7"}).status_code == 302
    shows(lead.get(f"{address}/"), "Kept from destruction:", "Суд, дело 7")
    Ticket.objects.update(status="closed")
    shows(admin.post("/setup/privacy/search", {"email": ANNA}), "Some tickets are kept from destruction.")
    assert lead.post(f"{address}/keeping/end").status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).keep_reason == ""
    agent = signed_in(person("agent1", "agent", "first-line"))
    assert agent.post(f"{address}/keeping", {"keep_reason": "x"}).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_for_everybody(admin_page, live_server, views):
    for number in range(3):
        Destruction.objects.create(
            at=NOW, by="system", by_name="", basis="mail", days=1095, reason="", counts={"mails": number}, tickets=[]
        )
    admin_page.goto(f"{live_server.url}/setup/privacy/")
    admin_page.fill("#days_tickets", "7")
    admin_page.click('button[name="look"]')
    admin_page.wait_for_selector("#days_tickets-e")
    looks(admin_page, [*views(390, "dark"), (390, "light")], "rules with an error")
