"""The customer's checklist at the desk: asked in the composer, ticked off by hand."""

import pytest

from tests.web.conftest import person, shows, signed_in
from tests.web.test_ticket import address
from tickets.models import ChecklistItem, Message, OutboundCopy, Ticket

ASKS = "Which step fails?\n- A screenshot [file]\n3) Switch the module off [done]"


@pytest.fixture
def asked(agent, ticket) -> list[ChecklistItem]:
    agent.post(address(ticket, "replies"), {"text": "We need more", "asks": ASKS})
    return list(ChecklistItem.objects.order_by("place"))


def test_the_composer_asks_with_its_reply_and_the_block_says_what_is_awaited(agent, ticket, asked):
    assert [item.words for item in asked] == ["Which step fails?", "A screenshot", "Switch the module off"]
    shows(
        agent.get(address(ticket)), "Asked of the customer", "waits for 3 of 3", "Which step fails?",
        "an answer is awaited", "a file is awaited", "a tick is awaited", "Waiting for customer",
    )  # fmt: skip


def test_a_refused_list_comes_back_as_it_was_typed(agent, ticket):
    asks = "\n".join(f"thing {number}" for number in range(21))
    answer = agent.post(address(ticket, "replies"), {"text": "We need more", "asks": asks})
    assert answer.status_code == 409
    shows(answer, "twenty things at once", "We need more", "thing 0\nthing 1\n", "thing 20</textarea>")
    assert not OutboundCopy.objects.filter(message__author="agent").exists()


def test_the_undo_brings_the_list_back_into_the_composer(agent, ticket, asked):
    message = Message.objects.get(author="agent")
    page = agent.post(address(ticket, f"messages/{message.public_id}/withdrawal"), follow=True)
    shows(page, "We need more", "A screenshot [file]")
    assert "waits for 3 of 3" not in page.content.decode()
    assert not ChecklistItem.objects.exists()


def test_what_came_by_mail_is_ticked_off_with_its_letter(agent, ticket, asked):
    first = Message.objects.get(ticket=ticket, author="requester")
    where = address(ticket, f"checklist/{asked[0].public_id}/tick")
    shows(agent.post(where, {"message": str(first.public_id)}, follow=True), "Ticked off.", f"#m-{first.public_id}")
    shows(agent.post(where, {"message": ""}, follow=True), "This has been ticked off already.")
    for item in asked[1:]:
        page = agent.post(address(ticket, f"checklist/{item.public_id}/tick"), {"message": ""}, follow=True)
    shows(page, "all answered", "no longer needed", "Ticked off on the customer&#x27;s list: 1")
    assert ChecklistItem.objects.get(place=1).answer == first


def test_who_only_reads_sees_the_list_and_ticks_nothing(ticket, asked):
    quality = signed_in(person("quality", "quality", "first-line"))
    page = quality.get(address(ticket))
    shows(page, "waits for 3 of 3")
    assert "/checklist/" not in page.content.decode()
    for client in (quality, signed_in(person("agent2", "agent", "specialists"))):
        assert client.post(address(ticket, f"checklist/{asked[0].public_id}/tick"), {"message": ""}).status_code == 404
    assert not ChecklistItem.objects.exclude(done_at=None).exists()


def test_the_page_asks_as_often_with_a_list(agent, ticket, asked, django_assert_num_queries):
    Ticket.objects.update(level=3)
    agent.get(address(ticket))
    with django_assert_num_queries(6):
        shows(agent.get(address(ticket)), "waits for 3 of 3")
