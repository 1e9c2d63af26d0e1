"""The daily letter about spam: to leads, at most one a day, however often it is asked for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from staff.models import StaffLetter
from tests.cast import ANNA, actor, desk, letter, origin
from tickets.models import Ticket
from tickets.services import spam, spam_digest
from tickets.services.intake import receive

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture
def lead(db: None, settings):
    settings.TIME_ZONE = "Europe/Moscow"
    desk()
    actor("agent1", "agent", "first-line")
    return actor("lead", "lead", "first-line")


def marked(lead, at: datetime) -> Ticket:
    count = Ticket.objects.count()
    ticket_id = receive(letter(message_id=f"{count}@x"), origin=origin(f"r{count}"), now=at).ticket_id
    return spam.mark(Ticket.objects.get(pk=ticket_id).number, by=lead, now=at)


def test_leads_read_once_a_day_what_became_spam(lead):
    ticket = marked(lead, MORNING - timedelta(hours=3))
    for minutes in (0, 1, 600):
        spam_digest.send(MORNING + timedelta(minutes=minutes))
    told = StaffLetter.objects.get()
    assert told.staff_id == lead.staff_id
    assert f"HD-{ticket.number[:3]}" in told.text
    assert ANNA in told.text
    marked(lead, MORNING + timedelta(hours=2))
    spam_digest.send(MORNING + timedelta(days=1))
    assert StaffLetter.objects.count() == 2
    assert ticket.number[:3] + "-" + ticket.number[3:6] not in StaffLetter.objects.latest("pk").text


def test_nothing_before_nine_and_nothing_about_nothing(lead):
    marked(lead, MORNING - timedelta(hours=9))
    spam_digest.send(MORNING - timedelta(hours=2))
    assert not StaffLetter.objects.exists()
    spam_digest.send(MORNING)
    spam_digest.send(MORNING + timedelta(days=1))
    assert StaffLetter.objects.count() == 1
