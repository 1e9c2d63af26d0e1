"""What customers should not have written is seen by nobody but whoever opens it, wherever its letter goes."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from customers.models import Contact
from events.models import Event
from tests.api.conftest import CLAIMS, caller
from tests.cast import ANNA, MALLORY, NOW, actor, letter, origin, vouched
from tests.panel import conftest as panel
from tests.panel.conftest import shows
from tests.panel.test_panel import asked
from tests.panel.test_participants import colleague
from tests.web import conftest as web
from tickets.contracts import Address
from tickets.contracts import Attachment as File
from tickets.models import Attachment, Message, MessageSecret, SideLetter, Ticket
from tickets.services import merging, secrets, side_letters, sorting
from tickets.services.intake import receive
from tickets.services.refused import Refused
from tickets.services.side_letters import SideEnvelope
from users.api_tokens import Scope

_desk, account, client = panel._desk, panel.account, panel.client  # its fixtures are ours

PASSWORD = "Qw3rty-Анна!7"
SETTINGS = File("production.env", "text/plain", b"DB_PASSWORD=hunter22\n")


@pytest.fixture
def agent():
    return actor("agent1", "agent", "first-line")


def opened(subject: str = "Сайт", text: str = "Помогите", **more: object) -> Ticket:
    heard = letter(subject=subject, text=text, message_id=f"{uuid4()}@client.example", facts=vouched(ANNA), **more)
    return Ticket.objects.get(pk=receive(heard, origin=origin(str(uuid4())), now=NOW).ticket_id)


def test_a_file_of_keys_goes_to_no_third_party(agent):
    ticket = opened(attachments=(SETTINGS,))
    file = Attachment.objects.get()
    envelope = SideEnvelope(to=Address(MALLORY), subject="Настройки", forwards=[str(file.public_id)])
    with pytest.raises(Refused, match="secret_file"):
        side_letters.send(ticket.number, by=agent, text="Взгляните", envelope=envelope, now=NOW)
    assert not SideLetter.objects.exists()
    assert Attachment.objects.count() == 1


def test_a_file_of_keys_is_handed_out_in_no_panel_and_to_no_program(client, account):
    colleague(account, "owner")
    asked(client, files=SimpleUploadedFile("production.env", b"DB_PASSWORD=hunter22"))
    ticket, file = Ticket.objects.get(), Attachment.objects.get()
    for reader in (client, panel.signed_in("owner@hosting-client.example")):
        page = f"/panel/tickets/{ticket.public_id}/"
        shows(reader.get(page), "production.env", "kept closed")
        assert reader.get(f"{page}files/{file.public_id}/").status_code == 404
    program = caller(Scope.TICKETS_READ)
    [message] = [m for m in program.get(f"/tickets/{ticket.public_id}/messages/").said["items"] if m["files"]]
    assert Client().get(message["files"][0]["url"]).status_code == 404
    assert not Event.objects.filter(type="SecretFileOpened").exists()


def test_what_goes_into_another_ticket_is_shown_there_with_its_entry_and_not_wiped_with_the_one_it_left(agent):
    stays, goes = opened(), opened(text=f"пароль: {PASSWORD}")
    merging.merge(goes.number, stays.number, by=agent, now=NOW)
    secrets.wipe(NOW)  # the merged one is closed
    message = MessageSecret.objects.get().message
    assert secrets.show(agent, message.public_id, 1, now=NOW).reveal() == PASSWORD
    assert Event.objects.get(type="SecretShown").stream == f"ticket:{stays.pk}"
    Ticket.objects.filter(pk=stays.pk).update(status="closed")
    secrets.wipe(NOW)
    assert not MessageSecret.objects.exists()


def test_a_letter_split_off_takes_what_it_hides_along(agent):
    ticket = opened()
    heard = letter(subject=f"Re: [HD-{ticket.number}]", text=f"пароль: {PASSWORD}", facts=vouched(ANNA))
    receive(heard, origin=origin("raw-2"), now=NOW)
    message = Message.objects.get(raw_id="raw-2")
    new = sorting.split_off(ticket.number, message_public_id=str(message.public_id), by=agent, now=NOW)
    secrets.show(agent, message.public_id, 1, now=NOW)
    assert Event.objects.get(type="SecretShown").stream == f"ticket:{new.pk}"
    Ticket.objects.filter(pk=new.pk).update(status="closed")
    secrets.wipe(NOW)
    assert not MessageSecret.objects.exists()


def test_a_ticket_that_became_restricted_is_not_read_through_one_that_went_into_it(agent):
    stays, goes = opened(), opened(text="Совсем тайно")
    merging.merge(goes.number, stays.number, by=agent, now=NOW)
    program = caller(Scope.TICKETS_READ, Scope.EVIDENCE_READ)
    address = f"/tickets/{goes.public_id}/"
    assert program.get(address).said["id"] == str(stays.public_id)
    Ticket.objects.filter(pk=stays.pk).update(kind="restricted")
    for tail in ("", "messages/", "evidence/"):
        assert program.get(f"{address}{tail}").status_code == 404


def test_what_a_form_asks_beside_the_words_is_no_place_for_a_password_either(client, agent):
    asked(client, kind="incident", error=f"Не входит, пароль: {PASSWORD}")
    program = caller()
    said = {"subject": "x", "text": "x", "contact": "c-anna", "claims": CLAIMS}
    Contact.objects.update(external_id="c-anna")
    program.post("/tickets/", said | {"details": [{"label": "Что пробовали", "value": f"password: {PASSWORD}"}]})
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{PASSWORD[:6]}%"])
            assert cursor.fetchone()[0] == 0, table
    desk = web.signed_in(web.person("agent2", "agent", "first-line"))
    for ticket in Ticket.objects.all():
        message = Message.objects.get(ticket=ticket, author="requester")
        shows(client.get(f"/panel/tickets/{ticket.public_id}/"), "•••")
        assert "⟦" not in program.get(f"/tickets/{ticket.public_id}/").content.decode()
        way = f"/desk/messages/{message.public_id}/secrets/1/"
        shows(desk.get(f"/desk/tickets/{ticket.number}/"), way)
        shows(desk.post(way), PASSWORD)
    assert Event.objects.filter(type="SecretShown").count() == 2
