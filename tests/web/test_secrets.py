"""A password in a letter is nowhere to be read but behind a button, and there only until the work is done."""

from datetime import timedelta

from django.db import connection

from events.models import Event
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.web.conftest import person, shows, signed_in
from tickets.contracts import Attachment as File
from tickets.models import Attachment, Message, MessageSecret, Ticket
from tickets.queries.files import promised_files
from tickets.services import search, secrets
from tickets.services.intake import receive

PASSWORD = "Qw3rty-Анна!7"


def told() -> tuple[Ticket, str]:
    heard = letter(
        subject=f"пароль: {PASSWORD}", text=f"Логин annahost, пароль: {PASSWORD}", html=f"<p>пароль: <b>{PASSWORD}</b>",
        facts=vouched(ANNA),
    )  # fmt: skip
    ticket = Ticket.objects.get(pk=receive(heard, origin=origin(), now=NOW).ticket_id)
    message = Message.objects.get(ticket=ticket, author="requester")
    return ticket, f"/desk/messages/{message.public_id}/secrets/1/"


def test_it_stands_in_no_table_in_clear(agent):
    told()
    search.index_all()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{PASSWORD[:6]}%"])
            assert cursor.fetchone()[0] == 0, table


def test_the_page_shows_it_to_whoever_asks_and_says_who_did(agent):
    ticket, address = told()
    page = agent.get(f"/desk/tickets/{ticket.number}/")
    shows(page, address, "••• hidden")
    assert PASSWORD not in page.content.decode()
    assert PASSWORD not in agent.get(address).content.decode()
    assert not Event.objects.filter(type="SecretShown").exists()
    answer = agent.post(address)
    shows(answer, PASSWORD)
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(type="SecretShown").actor.startswith("staff:")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "Somebody looked at hidden words")


def test_who_may_not_work_the_ticket_does_not_see_it():
    _, address = told()
    for role, team in (("agent", "specialists"), ("quality", "first-line"), ("admin", "first-line")):
        stranger = signed_in(person(f"a-{role}", role, team))
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code == 404


def test_it_is_wiped_once_the_ticket_is_done(agent):
    ticket, address = told()
    secrets.wipe(NOW)
    assert MessageSecret.objects.filter(ticket=ticket).exists()
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved", updated_at=NOW)
    secrets.wipe(NOW + timedelta(days=2))
    assert MessageSecret.objects.filter(ticket=ticket).exists()
    secrets.wipe(NOW + timedelta(days=4))
    assert not MessageSecret.objects.filter(ticket=ticket).exists()
    shows(agent.post(address), "It is gone")
    assert Event.objects.filter(type="SecretsWiped").count() == 1


def test_a_changed_secret_key_still_opens_it(agent, settings):
    _, address = told()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 10
    secrets.seal_anew_all()
    settings.SECRET_KEY_FALLBACKS = []
    agent = signed_in(person("agent3", "agent", "first-line"))
    shows(agent.post(address), PASSWORD)


def with_settings() -> tuple[Ticket, str]:
    file = File("production.env", "text/plain", b"DB_PASSWORD=hunter22\n")
    receive(letter(attachments=(file,), facts=vouched(ANNA)), origin=origin(), now=NOW)
    return Ticket.objects.get(), f"/desk/files/{Attachment.objects.get().public_id}/"


def test_a_file_of_settings_is_handed_out_with_an_entry_alone(agent):
    ticket, address = with_settings()
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "production.env", "kept closed")
    page = agent.get(address)
    shows(page, "production.env", "Take the file")
    assert "hunter22" not in page.content.decode()
    assert not Event.objects.filter(type="SecretFileOpened").exists()
    answer = agent.post(address)
    assert b"".join(answer.streaming_content) == b"DB_PASSWORD=hunter22\n"
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(type="SecretFileOpened").actor.startswith("staff:")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "Somebody took a file that was kept closed")


def test_who_does_not_work_the_ticket_gets_no_such_file(agent):
    _, address = with_settings()
    for role, team in (("agent", "specialists"), ("quality", "first-line"), ("admin", "first-line")):
        stranger = signed_in(person(f"a-{role}", role, team))
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code == 404
    assert not Event.objects.filter(type="SecretFileOpened").exists()


def test_a_file_is_wiped_once_the_ticket_is_done(agent):
    ticket, address = with_settings()
    digest = Attachment.objects.get().digest
    secrets.wipe(NOW)
    assert Attachment.objects.get().digest == digest
    Ticket.objects.update(status="closed")
    secrets.wipe(NOW)
    secrets.wipe(NOW)
    assert Event.objects.filter(type="SecretsWiped").count() == 1
    assert digest not in set(promised_files())
    answer = agent.get(address)
    assert answer.status_code == 410
    shows(answer, "It is gone")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "production.env", "wiped")
