"""Mallory in the control panel: of another account, of too small a role, or a guest at the door."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assurance.models import CriticalAction
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactRole
from tests.cast import ANNA, BORIS
from tests.panel import conftest as panel
from tests.panel.conftest import PASSWORD, signed_in
from tests.panel.test_panel import asked
from tests.proofs import a_decision, seen
from tests.tickets.trust import an_agent
from tickets.models import Attachment, ChecklistItem, Message, Note, Ticket
from tickets.services import conversation
from tickets.services.critical import acting
from users.models import User

_desk, account, client, other = panel._desk, panel.account, panel.client, panel.other  # its fixtures are ours


@pytest.fixture
def annas(client: Client) -> Ticket:
    asked(client, files=SimpleUploadedFile("secret.txt", b"secret"))
    return Ticket.objects.get()


@pytest.fixture
def mallory(other: Account) -> Client:
    return signed_in(BORIS)


def test_a_ticket_of_another_account_does_not_exist(annas, mallory):
    page = f"/panel/tickets/{annas.public_id}/"
    file = Attachment.objects.get()
    for address in (page, f"{page}files/{file.public_id}/"):
        assert mallory.get(address).status_code == 404
    for noun in ("answers", "closing", "reopening"):
        answer = mallory.post(page + noun, {"request_id": str(uuid4()), "text": "Я владелец"})
        assert answer.status_code == 404
    assert Message.objects.filter(ticket=annas, author__in=("requester", "other_sender")).count() == 1
    assert annas.number not in mallory.get("/panel/?all=1").content.decode()


def test_a_file_of_one_ticket_is_not_had_through_another(annas, mallory):
    asked(mallory)
    own = Ticket.objects.exclude(pk=annas.pk).get()
    file = Attachment.objects.get()
    assert mallory.get(f"/panel/tickets/{own.public_id}/files/{file.public_id}/").status_code == 404


def test_a_service_of_another_account_is_none_of_his(annas, mallory):
    from customers.models import Service

    foreign = Service.objects.get(account__login="annahost")
    assert asked(mallory, service=str(foreign.pk)).status_code == 400
    assert Ticket.objects.count() == 1


def test_an_account_named_in_the_form_is_not_believed(annas, mallory, account):
    asked(mallory, account=str(account.public_id), account_id=str(account.pk), contact_id="1")
    ticket = Ticket.objects.exclude(pk=annas.pk).get()
    assert ticket.account_id != account.pk


def test_a_decision_of_another_account_does_not_exist(annas, mallory):
    action = acting.request(annas.number, "password_reset", {"login": "annahost"}, by=an_agent(), now=read_clock())
    page = f"/panel/decisions/{action.public_id}/"
    assert mallory.get(page).status_code == 404
    assert mallory.post(f"{page}approval").status_code == 404
    assert mallory.post(f"{page}refusal").status_code == 404
    assert CriticalAction.objects.get().state == "requested"


def test_who_may_only_ask_decides_nothing_and_who_pays_sees_only_his_own(annas, account, client):
    action = acting.request(annas.number, "password_reset", {"login": "annahost"}, by=an_agent(), now=read_clock())
    for role, sees in (("technical", 200), ("billing", 404)):
        contact = Contact.objects.create(given_name=role, user=User.objects.create_user(f"{role}@x.example", PASSWORD))
        ContactRole.objects.create(account=account, contact=contact, role=role)
        colleague = signed_in(f"{role}@x.example")
        assert colleague.get(f"/panel/tickets/{annas.public_id}/").status_code == sees
        assert colleague.post(f"/panel/decisions/{action.public_id}/approval").status_code == 404
        assert action.words not in colleague.get("/panel/").content.decode()


def test_who_lost_his_role_sees_nothing_from_the_next_page_on(annas, client):
    ContactRole.objects.all().delete()
    assert client.get(f"/panel/tickets/{annas.public_id}/").status_code == 404
    assert "No account is open to you" in client.get("/panel/").content.decode()


def test_notes_and_restricted_tickets_never_come_through(annas, client):
    agent = an_agent()
    Note.objects.create(ticket=annas, staff_id=agent.staff_id, text="между нами", created_at=read_clock())
    page = f"/panel/tickets/{annas.public_id}/"
    assert "между нами" not in client.get(page).content.decode()
    Ticket.objects.update(kind="restricted")
    assert client.get(page).status_code == 404
    assert client.post(f"{page}closing").status_code == 404
    assert annas.number not in client.get("/panel/?all=1").content.decode()


def test_a_session_of_one_realm_opens_nothing_in_the_other(annas, client):
    for address in ("/desk/", f"/desk/tickets/{annas.number}/", "/setup/"):
        assert "/desk/login/" in client.get(address)["Location"]
    an_agent("agent1")
    staff = Client()
    staff.post("/desk/login/", {"login": "agent1@staff.example", "password": PASSWORD})
    assert staff.get("/desk/").status_code == 200
    assert "/panel/login/" in staff.get("/panel/")["Location"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_nowhere_else(account, target):
    client = Client()
    form = {"login": ANNA, "password": PASSWORD, "next": target}
    assert client.post("/panel/login/", form)["Location"] == "/panel/"


def test_a_foreign_host_header_is_refused(account):
    assert Client().get("/panel/login/", headers={"host": "evil.example"}).status_code == 400


def test_guessing_the_password_shuts_the_door_before_any_hash(account, monkeypatch):
    client = Client()
    for _ in range(5):
        client.post("/panel/login/", {"login": ANNA, "password": "wrong"})
    monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("a hash was computed behind the shut door"))
    answer = client.post("/panel/login/", {"login": ANNA, "password": PASSWORD})
    assert answer.status_code == 429
    assert 'action="/panel/login/"' in answer.content.decode()


def test_guessing_the_code_of_the_app_is_slowed_down(client, account):
    from datetime import timedelta

    from django_otp.oath import totp
    from django_otp.plugins.otp_totp.models import TOTPDevice

    device = TOTPDevice.objects.create(user=User.objects.get(email=ANNA), name="app", confirmed=True)
    TOTPDevice.objects.update(created_at=read_clock() - timedelta(days=9))
    proof = seen(client, a_decision())
    for _ in range(4):
        assert client.post("/panel/proof/", proof | {"code": "000000"}).status_code == 400
    answer = client.post("/panel/proof/", proof | {"code": f"{totp(device.bin_key):06d}"})
    assert answer.status_code == 400
    assert "proof" not in client.session


def test_guessing_our_code_ends_after_three(client, account):
    for _ in range(3):
        client.post("/panel/our-code", {"code": "123456"})
    assert "Three codes were wrong today" in client.post("/panel/our-code", {"code": "123456"}).content.decode()


def test_markup_and_active_files_stay_words_and_downloads(client, account):
    evil = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml")
    page = asked(client, subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>", files=evil)
    assert "<script>alert(1)" not in page.content.decode()
    assert "<img src=x" not in page.content.decode()
    file = Attachment.objects.get()
    ticket = Ticket.objects.get()
    answer = client.get(f"/panel/tickets/{ticket.public_id}/files/{file.public_id}/?inline=1")
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_export_holds_nothing_of_others_in_the_account(annas, account):
    contact = Contact.objects.create(given_name="T", user=User.objects.create_user("t@x.example", PASSWORD))
    ContactRole.objects.create(account=account, contact=contact, role="technical")
    answer = signed_in("t@x.example").post("/panel/me/export")
    assert annas.number.encode() not in b"".join(answer.streaming_content)


def test_a_thing_asked_of_one_account_is_ticked_off_by_no_other(annas, mallory, other):
    now = read_clock() - timedelta(minutes=1)
    conversation.reply(annas.number, by=an_agent("agent1"), text="We need", asks="The secret step\nMore", now=now)
    item = ChecklistItem.objects.earliest("place")
    asked(mallory, subject="My own")
    own = Ticket.objects.exclude(pk=annas.pk).get()
    form = {"request_id": str(uuid4()), f"words-{item.public_id}": "Mallory's words", "text": ""}
    assert mallory.post(f"/panel/tickets/{annas.public_id}/answers", form).status_code == 404
    answer = mallory.post(f"/panel/tickets/{own.public_id}/answers", form)
    assert answer.status_code == 400
    assert "The secret step" not in answer.content.decode()
    item.refresh_from_db()
    assert item.done_at is None
    assert not Message.objects.filter(text__contains="Mallory").exists()
