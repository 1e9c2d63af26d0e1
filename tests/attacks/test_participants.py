"""Mallory wants to take part: by Cc, by an old letter, by another account, by a tick. He gets nothing."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.clock import now as read_clock
from customers.models import Account, Contact
from tests.cast import ANNA, BORIS, MALLORY, letter, origin, vouched
from tests.panel import conftest as panel
from tests.panel.conftest import signed_in
from tests.panel.test_nudges import PanelLine, changed, nudge
from tests.panel.test_panel import asked
from tests.panel.test_participants import BILLING, colleague, written
from tests.tickets.trust import an_agent
from tests.tickets.trust import asked as action_asked
from tickets.contracts import Address
from tickets.models import Message, OutboundCopy, Participant, Ticket
from tickets.services import conversation, letters, participants
from tickets.services.intake import receive

_desk, account, client, other = panel._desk, panel.account, panel.client, panel.other  # its fixtures are ours


@pytest.fixture
def ticket(client: Client) -> Ticket:
    asked(client)
    return Ticket.objects.get()


@pytest.fixture
def page(ticket: Ticket) -> str:
    return f"/panel/tickets/{ticket.public_id}/"


def to_mallory() -> int:
    return OutboundCopy.objects.filter(email=MALLORY).exclude(message__author="system").count()


def mail(ticket: Ticket, sender: str, **more: object):
    last = Message.objects.filter(ticket=ticket).latest("id")
    heard = letter(sender, text="Пишу и я", in_reply_to=(last.message_id,), facts=vouched(sender), **more)
    return receive(heard, origin=origin(), now=read_clock())


def test_an_address_in_cc_of_the_owners_own_letter_takes_no_part(ticket):
    for sender in (ANNA, MALLORY):
        mail(ticket, sender, cc=(Address(MALLORY),))
    conversation.reply(ticket.number, by=an_agent(), text="Секрет", now=read_clock())
    assert set(Participant.objects.values_list("email", flat=True)) == {ANNA}
    assert to_mallory() == 0
    assert Message.objects.get(sender_email=MALLORY).held == "waiting"


def test_a_participant_reads_nothing_of_what_was_before_by_page_file_or_letter(client, account, ticket, page):
    secret = SimpleUploadedFile("secret.txt", b"secret")
    client.post(f"{page}answers", written("Пароль от кабинета мы обсудили") | {"files": secret})
    Message.objects.filter(ticket=ticket).update(created_at=read_clock() - timedelta(days=1))
    file = ticket.messages.get(attachments__isnull=False).attachments.get()
    colleague(account, "billing")
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk, "may_reply": "1"})
    billing = signed_in(BILLING)
    shown = billing.get(page).content.decode()
    assert "обсудили" not in shown
    assert "secret.txt" not in shown
    assert client.get(f"{page}files/{file.public_id}/").status_code == 200
    assert billing.get(f"{page}files/{file.public_id}/").status_code == 404
    said = conversation.reply(ticket.number, by=an_agent(), text="Готово", now=read_clock())
    for copy in OutboundCopy.objects.filter(message=said):
        assert "обсудили" not in letters.outbound_message(copy.pk).text


def test_who_was_removed_writes_with_his_old_reply_address_and_is_held(client, ticket, page):
    client.post(f"{page}participants", {"email": MALLORY, "may_reply": "1"})
    person = Participant.objects.get(email=MALLORY)
    conversation.reply(ticket.number, by=an_agent(), text="Всем", now=read_clock())
    copy = OutboundCopy.objects.get(email=MALLORY)
    token = letters.outbound_message(copy.pk).reply_to.partition("@")[0].partition("+")[2]
    client.post(f"{page}participants/{person.pk}/removal")
    before = Ticket.objects.get().level
    assert mail(ticket, MALLORY, reply_tokens=(token,)).outcome == "held"
    assert Ticket.objects.get().level == before
    assert "Пишу и я" not in client.get(page).content.decode()


def test_a_contact_of_another_account_is_not_had_by_his_id_and_sees_nothing_by_his_address(
    client, other: Account, ticket, page
):
    boris = Contact.objects.get(given_name="Boris")
    assert client.post(f"{page}participants", {"contact": boris.pk}).status_code == 400
    client.post(f"{page}participants", {"email": BORIS, "may_reply": "1"})
    mallory = signed_in(BORIS)
    assert mallory.get(page).status_code == 404
    assert ticket.number not in mallory.get("/panel/?all=1").content.decode()
    assert mallory.post(f"{page}answers", written("Я тут")).status_code == 404
    assert mallory.post(f"{page}participants", {"email": MALLORY}).status_code == 404


def test_a_participant_of_another_ticket_is_removed_by_nobody_here(client, other, ticket, page):
    boris = signed_in(BORIS)
    asked(boris)
    his = Participant.objects.exclude(ticket=ticket).get()
    assert client.post(f"{page}participants/{his.pk}/removal").status_code == 400
    his.refresh_from_db()
    assert his.dropped_at is None


def test_no_tick_lets_a_participant_authorise(client, account, ticket, page):
    colleague(account, "billing")
    who = Contact.objects.get(given_name="Billing")
    client.post(f"{page}participants", {"contact": who.pk, "may_reply": "1", "authorise": "1", "may_authorise": "1"})
    agent = an_agent()
    participants.set_reply(
        ticket.number, Participant.objects.get(contact=who).pk, may_reply=True, by=agent, now=read_clock()
    )
    action = action_asked(ticket, agent)
    billing = signed_in(BILLING)
    decision = f"/panel/decisions/{action.public_id}/"
    assert billing.get(decision).status_code == 404
    assert billing.post(f"{decision}approval").status_code == 404
    action.refresh_from_db()
    assert action.state == "requested"
    assert "may confirm important actions" not in billing.get(page).content.decode().split("Billing")[1]


def test_a_restricted_ticket_stays_closed_to_its_participants(client, account, ticket, page):
    colleague(account, "billing")
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk, "may_reply": "1"})
    Ticket.objects.filter(pk=ticket.pk).update(kind="restricted")
    billing = signed_in(BILLING)
    assert billing.get(page).status_code == 404
    assert billing.post(f"{page}answers", written("?")).status_code == 404
    assert client.post(f"{page}participants", {"email": MALLORY}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_customer_of_another_account_hears_nothing_of_a_ticket_he_names_to_the_socket(other, ticket):
    mallory = signed_in(BORIS)
    asked(mallory)
    own = Ticket.objects.exclude(pk=ticket.pk).get()

    async def run() -> list[object]:
        line = PanelLine(mallory)
        assert await line.opens()
        await line.watches({str(ticket.public_id): "", str(own.public_id): ""})
        heard = [await line.hears()]
        await sync_to_async(changed)(ticket)
        for topic in (f"ticket:{ticket.pk}", "desk", f"ticket:{own.pk}"):
            await nudge(topic)
        await sync_to_async(changed)(own)
        await nudge(f"ticket:{own.pk}")
        heard.append(await line.hears())
        await line.hang_up()
        return heard

    assert async_to_sync(run)() == [{"changed": str(own.public_id)}] * 2


@pytest.mark.django_db(transaction=True)
def test_who_was_removed_hears_nothing_more_though_his_page_is_open(client, account, ticket, page):
    colleague(account, "billing")
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk})
    billing = signed_in(BILLING)
    asked(billing)
    own = Ticket.objects.exclude(pk=ticket.pk).get()
    person = Participant.objects.get(ticket=ticket, email=BILLING)

    async def run() -> list[object]:
        line = PanelLine(billing)
        assert await line.opens()
        await line.watches({str(ticket.public_id): ""})
        heard = [await line.hears()]
        await sync_to_async(lambda: client.post(f"{page}participants/{person.pk}/removal"))()
        await sync_to_async(changed)(ticket)
        await nudge(f"ticket:{ticket.pk}")
        await line.watches({str(ticket.public_id): "", str(own.public_id): ""})
        heard.append(await line.hears())
        await line.hang_up()
        return heard

    assert async_to_sync(run)() == [{"changed": str(ticket.public_id)}, {"changed": str(own.public_id)}]


def test_a_contact_who_was_removed_from_the_account_gets_no_letter_of_its_tickets(client, account, ticket, page):
    colleague(account, "billing")
    who = Contact.objects.get(given_name="Billing")
    client.post(f"{page}participants", {"contact": who.pk, "may_reply": "1"})
    client.post(f"/panel/people/{who.pk}/removal")
    said = conversation.reply(ticket.number, by=an_agent(), text="Секрет", now=read_clock())
    assert said.recipients == {"to": [ANNA], "cc": []}
    assert mail(ticket, BILLING).outcome == "held"
