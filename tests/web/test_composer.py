"""The forms under a conversation, as plain forms: who receives, quotes, what came meanwhile, drafts of others."""

import re

import pytest

from channels_app import typed
from channels_app.models import Channel
from customers.models import Account
from tests.cast import ANNA, NOW, SUPPORT, letter, origin, vouched
from tests.web.conftest import person, shows, signed_in
from tests.web.test_ticket import address
from tickets.models import Draft, Message, OutboundCopy, Participant, SideLetter, Ticket
from tickets.services.intake import receive
from tickets.services.refused import Refused

HOSTER = "noc@upstream.example"


@pytest.fixture
def support() -> None:
    doors = (("s", SUPPORT, "hosting"), ("b", "billing@example.com", "hosting"), ("d", "d@example.com", "domains"))
    for slug, mail, queue in doors:
        Channel.objects.create(slug=slug, address=mail, queue_slug=queue, name=slug)


def form(page, mode="reply") -> dict[str, list[str]]:
    """What a browser would send back of the form as it came."""
    html = page.content.decode()
    start = html.index(f'<form class="composer mt" id="{mode}"')
    html = html[start : html.index("</form>", start)]
    said: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if (
            "name" in values
            and (values.get("type") != "checkbox" or " checked" in tag)
            and values.get("type") != "file"
        ):
            said.setdefault(values["name"], []).append(values.get("value", ""))
    said["text"] = [re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1]]
    return said


def send(agent, ticket, page, **changed):
    return agent.post(address(ticket, "replies"), form(page) | changed, follow=True)


def test_the_form_as_it_came_sends_to_everybody(agent, ticket):
    send(agent, ticket, agent.get(address(ticket)), text="Hello")
    assert OutboundCopy.objects.get(message__author="agent").email == ANNA


def test_a_typed_copy_is_sent_and_stays_with_the_ticket(agent, ticket):
    page = send(agent, ticket, agent.get(address(ticket)), text="Hello", cc=f"NOC <{HOSTER}>")
    shows(page, "A participant was added", HOSTER)
    assert form(page)["to"] == [str(p.pk) for p in Participant.objects.order_by("id")]


def test_a_recipient_left_out_gets_nothing_and_nobody_left_is_refused(agent, ticket):
    page = agent.post(address(ticket, "replies"), form(agent.get(address(ticket))) | {"text": "x", "to": []})
    assert page.status_code == 409
    shows(page, "There is no address to answer to.", ">x</textarea>")


REFUSED = {
    "two words": ("anna petrova", "unreadable_address"),
    "no domain": ("anna@localhost", "unreadable_address"),
    "two addresses in one": ("a@b.example <c@d.example>", "unreadable_address"),
    "an imitation": ("anna@аnnashop.example", "look_alike_address"),
    "a door of ours": (SUPPORT, "own_address"),
    "a door of ours with a token": ("Support+tabc.def@EXAMPLE.com", "own_address"),
    "too many": (", ".join(f"a{n}@b.example" for n in range(30)), "too_many_recipients"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_an_address_typed_wrongly_is_refused(support, text, code):
    with pytest.raises(Refused, match=code):
        typed.recipients(text)


def test_addresses_are_read_whatever_stands_between_them(support):
    read = typed.recipients('"Petrov, Ivan" <Ivan@B.example>; noc@upstream.example\nивэн@почта.example')
    assert [a.email for a in read] == ["ivan@b.example", HOSTER, "ивэн@xn--80a1acny.example"]


def test_a_wrong_copy_sends_nothing_and_keeps_what_was_typed(agent, ticket, support):
    page = send(agent, ticket, agent.get(address(ticket)), text="Hello", cc=f"{HOSTER}, nonsense")
    shows(page, "cannot be read", ">Hello</textarea>", f'value="{HOSTER}, nonsense"')
    assert not Message.objects.filter(author="agent").exists()
    assert not Participant.objects.filter(email=HOSTER).exists()


def test_a_quote_stands_in_the_form_and_names_what_it_answers(agent, ticket):
    message = Message.objects.get(direction="in")
    page = agent.get(f"{address(ticket)}?answers={message.public_id}")
    shows(page, "&gt; Помогите, пожалуйста", "In answer to:")
    assert form(page)["answers"] == [str(message.public_id)]


def test_sending_stops_once_and_shows_what_the_customer_wrote_meanwhile(agent, ticket):
    opened = agent.get(address(ticket))
    first = Message.objects.get(direction="in")
    receive(letter(text="Уже не надо", facts=vouched(ANNA), in_reply_to=(first.message_id,)), origin=origin(), now=NOW)
    stopped = send(agent, ticket, opened, text="Long thought")
    assert stopped.status_code == 409
    shows(stopped, "Somebody has written since", "Send anyway", ">Long thought</textarea>")
    assert stopped.content.decode().count("Уже не надо") == 2  # in the conversation, and in the form
    send(agent, ticket, stopped)
    assert Message.objects.get(author="agent").text.startswith("Long thought")


def test_a_colleague_s_draft_is_shown_and_read_whole(agent, ticket):
    lead = signed_in(person("lead", "lead", "first-line"))
    lead.post(address(ticket, "drafts"), {"mode": "reply", "text": "First line\n" * 40, "version": "0", "window": "w"})
    draft = Draft.objects.get()
    shows(agent.get(address(ticket)), "<strong>Lead</strong> is writing an answer")
    shows(agent.get(address(ticket, f"drafts/{draft.pk}/")), "Draft of Lead", "First line")
    stranger = signed_in(person("other", "agent", "specialists"))
    assert stranger.get(address(ticket, f"drafts/{draft.pk}/")).status_code == 404


def test_an_older_window_is_told_what_the_newer_has_saved(agent, ticket):
    agent.post(address(ticket, "drafts"), {"mode": "reply", "text": "newer", "version": "0", "window": "a"})
    answer = agent.post(address(ticket, "drafts"), {"mode": "reply", "text": "older", "version": "0", "window": "b"})
    assert (answer.status_code, answer.json()) == (409, {"code": "newer_draft", "text": "newer", "version": 1})


def test_the_queue_s_addresses_are_offered_and_no_other_is_taken(agent, ticket, support):
    page = agent.get(address(ticket))
    shows(page, "<option selected>support@example.com</option>", "<option>billing@example.com</option>")
    assert "d@example.com" not in page.content.decode()
    send(agent, ticket, page, text="x", sender="billing@example.com")
    assert Message.objects.get(author="agent").sender_email == "billing@example.com"
    shows(send(agent, ticket, page, text="y", sender="d@example.com"), "no such sender address")


def test_a_message_is_passed_on_to_a_third_party_by_a_plain_form(agent, ticket, support):
    message = Message.objects.get(direction="in")
    page = agent.get(f"{address(ticket)}?mode=side&forward={message.public_id}")
    sent = form(page, "side")
    assert sent["subject"] == [f"Fwd: {message.subject}"]
    assert ANNA in sent["text"][0]
    page = agent.post(address(ticket, "side-letters"), sent | {"side_to": HOSTER}, follow=True)
    shows(page, "the customer does not see it", "Side letter", HOSTER)
    assert not Message.objects.filter(author="agent").exists()


def test_a_refused_side_letter_keeps_what_was_typed_in_its_own_form(agent, ticket, support):
    given = {"text": "Is it you?", "subject": "Outage", "side_to": SUPPORT}
    page = agent.post(address(ticket, "side-letters"), given)
    assert page.status_code == 409
    shows(page, "own: the letter would come back", ">Is it you?</textarea>", 'value="Outage"')
    stranger = signed_in(person("other", "agent", "specialists"))
    assert stranger.post(address(ticket, "side-letters"), given | {"side_to": HOSTER}).status_code == 404


def test_a_side_letter_is_taken_back_into_its_own_composer(agent, ticket, support):
    said = {"side_to": HOSTER, "subject": "Outage?", "text": "Are you down?", "sender": SUPPORT}
    page = agent.post(address(ticket, "side-letters"), said, follow=True)
    undo = address(ticket, f"side-letters/{SideLetter.objects.get().public_id}/withdrawal")
    shows(page, undo, "Leaves at")
    page = agent.post(undo, follow=True)
    shows(page, "Taken back: the letter is a draft again", "Are you down?", f'value="{HOSTER}"')
    shows(page, "A letter to a third party was taken back before it left", 'data-composers data-mode="side"')
    shows(agent.post(undo, follow=True), "It has left already")


def test_a_recipient_is_dropped_for_good_by_a_button_and_brought_back_by_one(agent, ticket):
    send(agent, ticket, agent.get(address(ticket)), text="Hello", cc=["copy@client.example"])
    somebody = Participant.objects.get(email="copy@client.example")
    shows(agent.get(address(ticket)), "Drop copy@client.example for good", f'form="drop-{somebody.pk}"')
    page = agent.post(address(ticket, f"recipients/{somebody.pk}/removal"), follow=True)
    back = address(ticket, f"recipients/{somebody.pk}/return")
    shows(page, "copy@client.example gets nothing more.", "A participant was removed", back)
    assert f'form="drop-{somebody.pk}"' not in page.content.decode()
    shows(agent.post(back, follow=True), f'form="drop-{somebody.pk}"')


def test_a_reply_that_names_too_much_says_which_field_and_is_kept(agent, ticket):
    Ticket.objects.update(account=Account.objects.get(), level=2)
    page = agent.get(address(ticket))
    answer = send(agent, ticket, page, text=["Ваш договор H-100001"])
    assert answer.status_code == 409
    shows(answer, "The text names a contract of the account.", "Ваш договор H-100001", "Nothing was sent")
