"""Deliveries of one subscriber that are done in one transaction with their end, and what happens where that fails."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from events import worker
from events.models import Delivery
from events.worker import claim, drain
from tests.cast import desk
from tests.tickets.test_requests import a_request
from tickets.models import AutoReply, Participant
from tickets.services.requests import open_request

pytestmark = pytest.mark.django_db


def asked_for(*addresses: str) -> list[int]:
    desk()
    return [open_request(a_request(email=address), now=now()).ticket_id for address in addresses]


def of_numbers() -> list[Delivery]:
    return list(Delivery.objects.filter(subscriber="number").order_by("id"))


def test_letters_with_numbers_cost_few_statements_for_all() -> None:
    tickets = asked_for(*(f"visitor{n}@elsewhere.example" for n in range(6)))
    works = [work for work, subscriber in claim(now=now(), limit=50) if subscriber.name == "number"]
    subscriber = worker.registry.SUBSCRIBERS["number"]
    with CaptureQueriesContext(connection) as asked:
        assert worker._run_together(works, subscriber, clock=now)
    inside = [query for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(inside) <= 11
    assert sorted(AutoReply.objects.values_list("ticket_id", flat=True)) == tickets
    assert {row.state for row in of_numbers()} == {"done"}
    assert Delivery.objects.filter(event__type="ReplyQueued").count() == 6


def test_one_that_breaks_does_not_keep_the_others() -> None:
    first, broken, last = asked_for("a@elsewhere.example", "b@elsewhere.example", "c@elsewhere.example")
    Participant.objects.filter(ticket_id=broken).delete()
    drain()
    assert set(AutoReply.objects.values_list("ticket_id", flat=True)) == {first, last}
    assert [row.state for row in of_numbers()] == ["done", "pending", "done"]


def test_nothing_is_written_where_somebody_else_took_one_over() -> None:
    asked_for("a@elsewhere.example", "b@elsewhere.example")
    works = [work for work, subscriber in claim(now=now(), limit=50) if subscriber.name == "number"]
    Delivery.objects.filter(pk=works[1].id).update(lease=None, state="pending")
    assert not worker._run_together(works, worker.registry.SUBSCRIBERS["number"], clock=now)
    assert not AutoReply.objects.exists()
    assert {row.state for row in of_numbers()} == {"leased", "pending"}


def test_a_number_is_told_once() -> None:
    (ticket,) = asked_for("a@elsewhere.example")
    drain()
    Delivery.objects.filter(subscriber="number").update(state="pending")
    drain()
    assert AutoReply.objects.filter(ticket_id=ticket).count() == 1
