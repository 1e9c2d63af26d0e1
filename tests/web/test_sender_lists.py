"""The page of blocked and allowed senders."""

from tests.cast import ANNA
from tests.web.conftest import person, shows, signed_in
from tickets.models import SenderRule, Ticket


def test_a_lead_adds_removes_and_takes_the_removal_back():
    lead = signed_in(person("lead", "lead", "first-line"))
    shows(lead.get("/desk/"), 'href="/desk/lists/"')
    shows(lead.get("/desk/lists/"), "The lists are empty")
    sent = {"sender": "Shop.Example", "list": "block", "reason": "every day", "days": "30"}
    shows(lead.post("/desk/lists/entries", sent, follow=True), "shop.example", "every day", "Added to the list.")
    rule = SenderRule.objects.get()
    answer = lead.post(f"/desk/lists/entries/{rule.pk}/removal", follow=True)
    shows(answer, "The lists are empty", f"/desk/lists/entries/{rule.pk}/return")
    shows(lead.post(f"/desk/lists/entries/{rule.pk}/return", follow=True), "shop.example", "Back on the list.")
    shows(lead.post(f"/desk/lists/entries/{rule.pk}/return", follow=True), "decided")


def test_a_refusal_keeps_what_was_typed():
    lead = signed_in(person("lead", "lead", "first-line"))
    answer = lead.post("/desk/lists/entries", {"sender": "not a sender", "list": "allow", "reason": "why not"})
    assert answer.status_code == 409
    shows(answer, "<title>Error: ", "Write an address or a domain", 'value="not a sender"', 'value="why not"')


def test_an_agent_has_no_lists_but_one_click_on_a_ticket(agent, ticket):
    assert agent.get("/desk/lists/").status_code == 403
    assert agent.post("/desk/lists/entries", {"sender": ANNA, "list": "block"}).status_code == 404
    agent.post(f"/desk/tickets/{ticket.number}/spam")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), f"Block {ANNA}")
    shows(agent.post(f"/desk/tickets/{ticket.number}/block", follow=True), f"{ANNA} is blocked")
    assert Ticket.objects.get().is_spam
