"""The page of merging, splitting and linking, by form and by key."""

import pytest

from tests.cast import ANNA, BORIS, NOW, letter, origin, vouched
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tests.web.test_browser import press_in_russian
from tickets.models import Message, Ticket
from tickets.services.intake import receive


def opened(sender: str = ANNA, **more) -> Ticket:
    count = Message.objects.count()
    heard = letter(sender, message_id=f"w{count}@x", facts=vouched(sender), **more)
    return Ticket.objects.get(pk=receive(heard, origin=origin(f"w{count}"), now=NOW).ticket_id)


def address(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/tickets/{ticket.number}/{noun}"


def test_tickets_are_merged_with_a_preview_and_parted(agent):
    one, other = opened(subject="Broken site"), opened(subject="Broken again", text="still 502")
    shows(agent.get(address(other, "sorting/")), "Of the same customer", "Broken site", f"?into={one.number}")
    shows(agent.get(address(other, f"sorting/?into={one.number}")), "Broken site", "Merge HD-")
    answer = agent.post(address(other, "merge"), {"into": one.number}, follow=True)
    shows(
        answer,
        "Broken site",
        "still 502",
        "is in this ticket now",
        "Merged into this one",
        "was merged into",
    )
    assert agent.get(address(other))["Location"] == address(one)
    answer = agent.post(address(other, "merge/undo"), follow=True)
    shows(answer, "Broken again", "On its own again, out of HD-", "still 502")


def test_it_reads_in_russian():
    one, other = opened(), opened()
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    shows(client.get(address(other, "sorting/")), "Объединить с другой заявкой", "Связать с заявкой")
    shows(client.post(address(other, "merge"), {"into": one.number}, follow=True), "В эту заявку вошла HD-")


def test_strangers_tickets_are_refused_in_words(agent):
    one, other = opened(), opened(BORIS)
    shows(agent.get(address(other, f"sorting/?into={one.number}")), "They belong to different people")
    shows(agent.post(address(other, "merge"), {"into": one.number}, follow=True), "They belong to different people")
    shows(agent.get(address(other, "sorting/?into=123")), "There is no such ticket for you.", 'value="123"')


def test_a_letter_is_split_off_and_moved(agent):
    ticket = opened(text="first")
    reply_to = Message.objects.get(text="first").message_id
    opened(in_reply_to=(reply_to,), subject="Invoice", text="second")
    second = Message.objects.get(text="second").public_id
    shows(agent.post(address(ticket, f"messages/{second}/split"), follow=True), "Invoice", "A letter came from HD-")
    answer = agent.post(address(Ticket.objects.last(), f"messages/{second}/move"), {"to": ticket.number}, follow=True)
    shows(answer, "It is the only letter of the ticket.")


def test_tickets_are_linked_and_unlinked(agent):
    one, other = opened(), opened(BORIS, subject="The same fault")
    shows(agent.post(address(one, "links"), {"other": other.number}, follow=True), "Linked tickets", "The same fault")
    shows(agent.get(address(other)), "Linked tickets")
    shows(agent.post(address(one, f"links/{other.number}/removal"), follow=True), "No longer linked with HD-")


def test_a_link_shows_nothing_of_a_ticket_of_another_team(agent):
    one, other = opened(), opened(BORIS, subject="Not for you")
    agent.post(address(one, "links"), {"other": other.number})
    agent.post(address(other, "queue"), {"queue": "domains"})
    assert "Not for you" not in agent.get(address(one)).content.decode()


def test_who_may_not_work_has_no_such_page(ticket):
    quality = signed_in(person("quality", "quality", "first-line"))
    assert quality.get(address(ticket, "sorting/")).status_code == 404
    assert quality.post(address(ticket, "merge"), {"into": "1"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_is_done_from_the_keyboard(browser, live_server):
    one, other = opened(subject="Broken site"), opened(subject="Broken again")
    person("agent1", "agent", "first-line")
    page = browser.new_page()
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}{address(other)}")
    page.keyboard.press("m")
    page.wait_for_selector("#into:focus")
    page.keyboard.type(one.number)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sorting__letter .btn--primary:focus")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(one)}")


def marked(*tickets: Ticket) -> dict[str, list[str]]:
    return {"ticket": [ticket.number for ticket in tickets]}


def test_marked_tickets_become_one_by_forms_alone_and_are_parted_by_one_button(agent):
    one, other, third = opened(subject="Broken site"), opened(subject="Broken again"), opened(subject="And again")
    page = agent.post("/desk/changes/", {**marked(third, other, one), "merge": "1"}, follow=True)
    shows(page, "Which of them stays?", "Broken site", f'value="{one.number}" checked')
    answer = agent.post("/desk/merging/", {**marked(third, other, one), "into": other.number}, follow=True)
    assert answer.redirect_chain[-1][0] == address(other)
    undo = f"/desk/merging/undo?ticket={one.number}&amp;ticket={third.number}"
    shows(answer, "2 tickets are in this one now.", undo)
    shows(agent.post(undo.replace("&amp;", "&"), follow=True), "2 tickets are on their own again.")
    assert not Ticket.objects.exclude(merged_into=None).exists()


def test_strangers_among_the_marked_are_named_with_the_reason(agent):
    one, other, stranger = opened(), opened(), opened(BORIS)
    shows(agent.get("/desk/merging/", marked(one, other, stranger)), "They belong to different people")
    answer = agent.post("/desk/merging/", {**marked(one, other, stranger), "into": one.number}, follow=True)
    shows(answer, "1 ticket is in this one now.", "Not changed: HD-", "They belong to different people")
    shows(agent.post("/desk/changes/", {**marked(stranger), "merge": "1"}, follow=True), "Mark two to twenty")
    answer = agent.post("/desk/merging/", {**marked(stranger, other), "into": stranger.number}, follow=True)
    shows(answer, "Which of them stays?", "One of the two has gone into another ticket already.")


def test_merging_marked_tickets_reads_in_russian():
    one, other = opened(), opened()
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    shows(client.get("/desk/merging/", marked(one, other)), "Какая из них остаётся?")
    answer = client.post("/desk/merging/", {**marked(one, other), "into": one.number}, follow=True)
    shows(answer, "1\u00a0заявка теперь в этой.")


@pytest.mark.django_db(transaction=True)
def test_marked_tickets_are_merged_from_the_keyboard(browser, live_server):
    one, other = opened(subject="Broken site"), opened(subject="Broken again")
    person("agent1", "agent", "first-line")
    page = browser.new_page()
    sign_in_with(page, live_server.url, "agent1")
    for key in "jxjx":
        page.keyboard.press(key)
    press_in_russian(page, "KeyM")
    page.wait_for_selector("[name=into]:checked:focus")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(one)}")
    assert Ticket.objects.get(pk=other.pk).merged_into_id == one.pk


def held(ticket: Ticket, text: str) -> Message:
    receive(
        letter(BORIS, text=text, subject=f"Re: {ticket.subject}", message_id=f"{text}@x", facts=vouched(BORIS),
               in_reply_to=(Message.objects.get(ticket=ticket, author="requester").message_id,)),
        origin=origin(text), now=NOW,
    )  # fmt: skip
    return Message.objects.get(text=text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("layout", ["English", "Russian"])
def test_another_sender_is_let_in_and_kept_out_by_keys(browser, live_server, layout):
    ticket = opened()
    welcome, not_welcome = held(ticket, "First"), held(ticket, "Second")
    person("agent1", "agent", "first-line")
    page = browser.new_page()
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}{address(ticket)}")
    for code in ("KeyI", "KeyO"):
        with page.expect_navigation():
            page.keyboard.press(code) if layout == "English" else press_in_russian(page, code)
    page.wait_for_selector(".toast")
    assert list(Message.objects.filter(pk__in=[welcome.pk, not_welcome.pk]).order_by("pk").values_list("held")) == [
        ("accepted",), ("refused",),
    ]  # fmt: skip
