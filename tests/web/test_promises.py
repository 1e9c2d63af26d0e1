"""Promises at the desk: on the ticket, in the composer, in the list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.clock import now as read_clock
from tests.web.conftest import person, shows, signed_in
from tests.web.test_composer import form
from tests.web.test_ticket import address
from tickets.models import Message, OutboundCopy, Promise, Ticket
from tickets.numbers import pretty


def typed(when) -> str:
    return timezone.localtime(when).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def tomorrow():
    return (read_clock() + timedelta(days=1)).replace(second=0, microsecond=0)


def test_a_promise_is_made_on_the_page_and_stands_in_the_head_and_the_list(agent, ticket, tomorrow):
    form = {"due_at": typed(tomorrow), "words": "Call the registrar"}
    shows(agent.post(address(ticket, "promises"), form, follow=True), "Promised. The customer sees it")
    assert Promise.objects.get().due_at == tomorrow
    at = timezone.localtime(tomorrow)
    shows(agent.get(address(ticket)), "Promised:", "Call the registrar", f"by {at:%d.%m %H:%M}", "Agent1")
    shows(agent.get("/desk/"), f"promised by {at:%d.%m %H:%M}")
    Ticket.objects.update(due_at=tomorrow)
    shows(agent.get("/desk/"), "promised </span>", "i-handshake")


@pytest.mark.parametrize(
    ("due_at", "words", "why"),
    [
        pytest.param("", "Call them", "Say by when", id="no time"),
        pytest.param("soon", "Call them", "Say by when", id="no time of ours"),
        pytest.param("2026-02-31T10:00", "Call them", "Say by when", id="no such day"),
        pytest.param("0001-01-01T00:00", "Call them", "still to come", id="the first year"),
        pytest.param("9999-12-31T23:59", "Call them", "A year ahead", id="the last year"),
    ],
)
def test_a_refused_promise_comes_back_as_it_was_typed(agent, ticket, due_at, words, why):
    answer = agent.post(address(ticket, "promises"), {"due_at": due_at, "words": words})
    assert answer.status_code == 409
    shows(answer, "<title>Error: ", why, f'value="{words}"', f'name="due_at" value="{due_at}"')
    assert not Promise.objects.exists()


def test_a_promise_is_kept_moved_and_taken_back_by_plain_forms(agent, ticket, tomorrow):
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow)})
    first = Promise.objects.get()
    later = tomorrow + timedelta(days=1)
    where = address(ticket, f"promises/{first.public_id}/withdrawal")
    answer = agent.post(where, {"reason": " ", "due_at": typed(later)})
    assert answer.status_code == 409
    shows(answer, "Say why: the customer will read it.", f'value="{typed(later)}"', 'data-pane="b"')
    shows(agent.post(where, {"reason": "The disk is late", "due_at": typed(later)}, follow=True), "new promise instead")
    second = Promise.objects.get(instead_of=first)
    shows(agent.get(address(ticket)), "The disk is late", "withdrawn", f"{timezone.localtime(later):%d.%m.%Y %H:%M}")
    keeping = address(ticket, f"promises/{second.public_id}/keeping")
    shows(agent.post(keeping, follow=True), "The promise is kept.")
    shows(agent.post(keeping, follow=True), "This promise has ended already.")
    shows(agent.get(address(ticket)), "all ended", "A promise was kept")


def test_the_composer_promises_with_its_reply_and_keeps_what_was_typed(agent, ticket, tomorrow):
    form = {"text": "We look", "promise_at": "whenever", "promise": "Change the disk"}
    answer = agent.post(address(ticket, "replies"), form)
    assert answer.status_code == 409
    shows(answer, "Say by when", "We look", 'value="whenever"', 'value="Change the disk"')
    assert not OutboundCopy.objects.filter(message__author="agent").exists()
    shows(agent.post(address(ticket, "replies"), form | {"promise_at": typed(tomorrow)}, follow=True), "on its way")
    message = Message.objects.get(author="agent")
    assert Promise.objects.get().message == message
    page = agent.post(address(ticket, f"messages/{message.public_id}/withdrawal"), follow=True)
    shows(page, "We look", f'value="{typed(tomorrow)}"', 'value="Change the disk"')
    assert not Promise.objects.exists()


def test_the_composer_says_which_promises_the_reply_keeps(agent, ticket, tomorrow):
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow)})
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow), "words": "Pay the money back"})
    an_answer, deed = Promise.objects.order_by("id")
    page = agent.get(address(ticket))
    at = f"{timezone.localtime(tomorrow):%d.%m %H:%M}"
    shows(page, f"Keeps our promise: an answer, by {at}", f"Keeps our promise: Pay the money back, by {at}")
    assert form(page)["keeps"] == [str(an_answer.public_id)], "a deed is not done by writing"
    said = form(page) | {"keeps": [str(deed.public_id)], "text": ""}
    refused = agent.post(address(ticket, "replies"), said)
    assert (refused.status_code, form(refused)["keeps"]) == (409, [str(deed.public_id)])
    agent.post(address(ticket, "replies"), said | {"text": "Paid"})
    assert list(Promise.objects.exclude(kept_at=None)) == [deed]
    message = Message.objects.get(author="agent")
    page = agent.post(address(ticket, f"messages/{message.public_id}/withdrawal"), follow=True)
    assert not Promise.objects.exclude(kept_at=None).exists()
    assert form(page)["keeps"] == [str(deed.public_id)]
    page_since = agent.post(address(ticket, f"promises/{deed.public_id}/keeping"), follow=True)
    assert form(page_since)["owed"] == [str(an_answer.public_id)]
    refused = agent.post(address(ticket, "replies"), form(page) | {"text": "Paid again"})
    assert refused.status_code == 409, "kept meanwhile: whoever wrote looks again"
    shows(refused, "This promise has ended already.", "Paid again")


def test_who_is_done_with_a_ticket_says_what_became_of_each_promise(agent, ticket, tomorrow):
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow)})
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow), "words": "Pay the money back"})
    first, second = (str(promise.public_id) for promise in Promise.objects.order_by("id"))
    where, said = address(ticket, "status"), {"status": "resolved"}
    asked = agent.post(where, said)
    assert asked.status_code == 409
    shows(asked, "<title>Error: ", "A promise is open here", f'name="end-{first}"', f'name="end-{second}"', "Resolved")
    said |= {"promise": [first, second], f"end-{first}": "kept", f"end-{second}": "withdrawn"}
    asked = agent.post(where, said)
    assert asked.status_code == 409
    shows(asked, "Say why: the customer will read it.", 'value="kept" checked', 'value="withdrawn" checked')
    asked = agent.post(where, said | {f"end-{first}": "", f"reason-{second}": "It was not taken"})
    shows(asked, "A promise is open here", 'value="It was not taken"')
    page = agent.post(where, said | {f"reason-{second}": "It was not taken"}, follow=True)
    shows(page, "State changed.", "It was not taken", "A promise was kept", "A promise was taken back")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.promised_at) == ("resolved", None)


def test_a_change_of_many_says_which_tickets_it_left_out(agent, ticket, tomorrow):
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow)})
    answer = agent.post("/desk/changes/", {"ticket": [ticket.number], "status": "resolved"}, follow=True)
    shows(answer, f"Not changed: {pretty(ticket.number)}. A promise is open here")


def test_who_only_reads_sees_promises_and_makes_none(agent, ticket, tomorrow):
    agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow), "words": "Call them"})
    promise = Promise.objects.get()
    quality = signed_in(person("quality", "quality", "first-line"))
    page = quality.get(address(ticket))
    shows(page, "Call them")
    assert "promises/" not in page.content.decode()
    other = signed_in(person("agent2", "agent", "specialists"))
    for client in (quality, other):
        for noun in ("promises", f"promises/{promise.public_id}/keeping", f"promises/{promise.public_id}/withdrawal"):
            form = {"due_at": typed(tomorrow), "reason": "x"}
            assert client.post(address(ticket, noun), form).status_code == 404, noun
    promise.refresh_from_db()
    assert (Promise.objects.count(), promise.kept_at, promise.withdrawn_at) == (1, None, None)


def test_the_pages_ask_as_often_with_promises(agent, ticket, tomorrow, django_assert_num_queries):
    Ticket.objects.update(level=3)
    for day in range(5):
        agent.post(address(ticket, "promises"), {"due_at": typed(tomorrow + timedelta(days=day)), "words": f"no {day}"})
    agent.get(address(ticket)), agent.get("/desk/")
    with django_assert_num_queries(6):
        shows(agent.get(address(ticket)), "no 4")
    with django_assert_num_queries(4):
        shows(agent.get("/desk/"), "promised by")
