"""A level falls by itself when its proof runs out, and everybody can see when it did."""

from datetime import timedelta

import pytest

from core.trust import Level
from events.models import Event
from tests.cast import ANNA, NOW, claimed, desk, letter, origin, vouched
from tickets.models import Ticket
from tickets.services import levels
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk():
    desk()


def test_a_level_holds_until_its_end_and_then_falls_to_claimed():
    ticket = Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)
    assert ticket.level == Level.VOUCHED
    levels.sweep(ticket.level_until - timedelta(seconds=1))
    ticket.refresh_from_db()
    assert ticket.level == Level.VOUCHED
    version = ticket.version
    levels.sweep(ticket.level_until)
    ticket.refresh_from_db()
    assert (ticket.level, ticket.level_until, ticket.version) == (Level.CLAIMED, None, version + 1)
    fell = Event.objects.get(type="LevelFell")
    assert fell.payload.data["before"] == Level.VOUCHED


def test_a_level_that_rests_on_nothing_is_left_alone():
    receive(letter(facts=claimed(ANNA)), origin=origin(), now=NOW)
    levels.sweep(NOW + timedelta(days=365))
    assert not Event.objects.filter(type="LevelFell").exists()
