"""What a customer and the provider's programs read of a request whose words were destroyed."""

from datetime import timedelta

from django.test import Client

from customers.models import Contact
from privacy.models import RetentionRule
from tests.api.conftest import caller
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.panel.conftest import shows, signed_in
from tests.past import gone_by
from tickets.models import Ticket
from tickets.services.intake import receive

WORD = "карамболь"


def gone() -> Ticket:
    filed = receive(letter(ANNA, f"Тема {WORD}", WORD, facts=vouched(ANNA)), origin=origin(), now=NOW)
    Ticket.objects.filter(pk=filed.ticket_id).update(
        status="closed", updated_at=NOW, contact=Contact.objects.get(given_name="Анна")
    )
    RetentionRule.objects.create(kind="tickets", days=30, by="staff:1", set_at=NOW)
    gone_by(NOW + timedelta(days=40))
    return Ticket.objects.get(pk=filed.ticket_id, erased_at__isnull=False)


def test_the_customer_reads_that_it_is_gone_and_changes_nothing(client: Client) -> None:
    ticket = gone()
    page = client.get(f"/panel/tickets/{ticket.public_id}/")
    shows(page, "The words and files of this request were destroyed on", "(words destroyed)")
    assert WORD not in page.content.decode()
    assert 'id="reply"' not in page.content.decode()
    shows(client.get("/panel/?all=1"), "(words destroyed)")
    assert client.post(f"/panel/tickets/{ticket.public_id}/reopening").status_code == 404
    assert Ticket.objects.get(pk=ticket.pk).status == "closed"
    shows(signed_in(ANNA, language="ru").get(f"/panel/tickets/{ticket.public_id}/"), "Тексты и файлы этой заявки")


def test_programs_read_it_too() -> None:
    ticket = gone()
    program = caller()
    told = program.get(f"/tickets/{ticket.public_id}/").said
    assert (told["is_erased"], told["subject"], told["number"]) == (True, "", ticket.number)
    assert program.get(f"/tickets/{ticket.public_id}/messages/").said["items"] == []
    assert [row["is_erased"] for row in program.get("/tickets/").said["items"]] == [True]
