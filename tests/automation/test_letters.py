"""Told in the page, by mail, or not at all, as each person chose."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.db import connections

from automation import choices, mail, notifications
from automation.models import Notification
from automation.policies import Pace, Way
from core.clock import NEVER
from events import worker
from events.models import Delivery
from staff.actor import Actor
from staff.models import StaffLetter, StaffProfile
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tests.past import gone_by
from tickets.models import Ticket
from tickets.policies.concern import Why
from tickets.services import assignment, conversation, following
from tickets.services.intake import receive
from tickets.services.refused import Refused
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "the words of a note"
SOON = NOW + timedelta(minutes=2)
DAY = (None, None)


@pytest.fixture
def ticket() -> Ticket:
    cache.clear()
    desk()
    anna()
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket: Ticket) -> Actor:
    agent = actor("agent1", "agent", "first-line")
    User.objects.filter(staff=agent.staff_id).update(language="en")
    return agent


@pytest.fixture
def lead(ticket: Ticket) -> Actor:
    return actor("lead", "lead")


def choose(
    person: Actor,
    way: Way = Way.MAIL,
    *kinds: Why,
    pace: Pace = Pace.AT_ONCE,
    quiet: tuple[time | None, time | None] = DAY,
    zone: str = "UTC",
) -> None:
    choices.keep(person.staff_id or 0, ways=dict.fromkeys(kinds or Why, way), pace=pace, quiet=quiet, zone=zone)


def tell() -> None:
    Delivery.objects.exclude(subscriber="notifications").delete()
    worker.drain(lambda: NEVER - timedelta(days=1))
    assert set(Delivery.objects.values_list("state", flat=True)) <= {"done"}


def name(ticket: Ticket, whom: str, *, by: Actor, at: datetime = NOW) -> None:
    conversation.add_note(ticket.number, by=by, text=f"@{whom}, {SECRET}", now=at)
    tell()


def letters(now: datetime = SOON) -> list[StaffLetter]:
    """All that were written by then."""
    mail.send(now)
    return list(StaffLetter.objects.order_by("pk"))


def test_whoever_chose_nothing_is_told_in_the_page_and_by_no_letter(ticket: Ticket, agent: Actor, lead: Actor):
    name(ticket, "Agent1", by=lead)
    assert notifications.unseen_count(agent) == 1
    assert letters(NOW + timedelta(days=9)) == []


def test_whoever_does_not_want_to_hear_of_a_kind_hears_of_the_others(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent, Way.NONE, Why.MENTIONED)
    name(ticket, "Agent1", by=lead)
    assert notifications.unseen_count(agent) == 0
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    tell()
    assert [row.kind for row in notifications.newest_unseen(agent)] == ["assigned"]


def test_a_letter_names_number_and_subject_and_nothing_else_of_the_ticket(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent)
    name(ticket, "Agent1", by=lead)
    assert letters(NOW + timedelta(seconds=30)) == []
    (sent,) = letters()
    number = f"HD-{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}"
    assert sent.subject == f"{number}: You were mentioned"
    assert f"{number}  {ticket.subject}\nYou were mentioned: Lead\n" in sent.text
    assert f"/desk/tickets/{ticket.number}/" in sent.text
    for secret in (SECRET, "Помогите", ANNA, "Анна"):
        assert secret not in sent.text + sent.subject


def test_a_letter_comes_in_the_language_of_its_reader(ticket: Ticket, agent: Actor, lead: Actor):
    User.objects.filter(staff=agent.staff_id).update(language="ru")
    choose(agent)
    name(ticket, "Agent1", by=lead)
    assert "Вас упомянули: Lead" in letters()[0].text
    assert letters()[0].subject.endswith(": Вас упомянули")


def test_nothing_is_written_twice_whoever_asks_at_the_same_time(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent)
    name(ticket, "Agent1", by=lead)

    def send() -> None:
        mail.send(SOON)
        connections.close_all()

    at_once = [threading.Thread(target=send) for _ in range(4)]
    for each in at_once:
        each.start()
    for each in at_once:
        each.join()
    Delivery.objects.filter(subscriber="notifications").update(state="pending", lease=None)
    tell()
    assert len(letters(SOON + timedelta(days=9))) == 1


def test_what_was_seen_in_the_page_is_not_written(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent)
    name(ticket, "Agent1", by=lead)
    notifications.mark_seen(agent, now=NOW)
    assert letters() == []
    assert not Notification.objects.exclude(mail_due_at=None).exists()


def test_what_an_hour_brought_is_one_letter(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent, pace=Pace.HOURLY)
    following.follow(ticket.number, by=agent)
    for minutes in (1, 20, 50):
        conversation.add_note(ticket.number, by=lead, text="x", now=NOW + timedelta(minutes=minutes))
    tell()
    assert letters(NOW + timedelta(minutes=59)) == []
    (sent,) = letters(NOW + timedelta(hours=1))
    assert sent.subject == "What happened in your tickets"
    assert sent.text.count("A note in a ticket you follow: Lead") == 3


def test_letters_of_the_quiet_hours_wait_for_their_end_in_the_zone_of_the_reader(
    ticket: Ticket, agent: Actor, lead: Actor
):
    choose(agent, quiet=(time(20), time(7)), zone="Asia/Tokyo")
    night = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # nine in the evening there
    name(ticket, "Agent1", by=lead, at=night)
    assert letters(night + timedelta(hours=9, minutes=59)) == []
    assert len(letters(night + timedelta(hours=10))) == 1


def test_a_letter_due_before_the_quiet_hours_is_not_sent_in_them_by_a_relay_that_was_away(
    ticket: Ticket, agent: Actor, lead: Actor
):
    choose(agent, quiet=(time(20), time(7)))
    evening = datetime(2026, 11, 23, 19, 50, tzinfo=UTC)
    name(ticket, "Agent1", by=lead, at=evening)
    assert letters(evening + timedelta(minutes=30)) == []
    assert letters(evening + timedelta(hours=11)) == []
    assert len(letters(evening + timedelta(hours=11, minutes=10))) == 1


def test_a_ticket_out_of_sight_by_then_is_not_named(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent)
    name(ticket, "Agent1", by=lead)
    assignment.move_to_queue(ticket.number, queue_slug="domains", by=lead, now=NOW)
    assert letters() == []


def test_somebody_who_left_is_not_written_to(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent)
    name(ticket, "Agent1", by=lead)
    User.objects.filter(staff=agent.staff_id).update(is_active=False)
    assert letters() == []


def test_letters_that_wait_go_by_the_new_choice(ticket: Ticket, agent: Actor, lead: Actor):
    choose(agent, pace=Pace.DAILY)
    name(ticket, "Agent1", by=lead)
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    tell()
    choose(agent, Way.MAIL, Why.MENTIONED)
    (sent,) = letters()
    assert "You were mentioned" in sent.text
    assert "given" not in sent.text


@pytest.mark.parametrize(
    ("quiet", "zone", "code"),
    [
        ((time(20), None), "", "half_quiet"),
        ((None, time(20)), "", "half_quiet"),
        ((time(20), time(20)), "", "no_quiet"),
        (DAY, "Europe/Atlantis", "no_such_zone"),
        (DAY, "../../etc/passwd", "no_such_zone"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_changed(agent: Actor, quiet, zone: str, code: str):
    with pytest.raises(Refused) as refused:
        choose(agent, quiet=quiet, zone=zone)
    assert refused.value.code == code
    assert choices.of_staff(agent.staff_id or 0) == choices.Told()
    assert StaffProfile.objects.get(pk=agent.staff_id).user.time_zone == ""


def test_what_was_told_three_months_ago_is_forgotten(ticket: Ticket, agent: Actor, lead: Actor):
    name(ticket, "Agent1", by=lead)
    name(ticket, "Agent1", by=lead, at=NOW + timedelta(days=2))
    gone_by(NOW + timedelta(days=91))
    assert [row.at for row in Notification.objects.all()] == [NOW + timedelta(days=2)]
