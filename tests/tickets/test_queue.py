"""The list of tickets as parts: whatever is asked, it is what the rule of visibility and the filters say, in order."""

import itertools
import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from core.clock import NEVER
from staff.models import StaffProfile, Team
from staff.roles import Perm
from tests.cast import NOW, actor, desk
from tickets.access import visible_to
from tickets.models import Queue, Tag, Ticket, TicketTag
from tickets.policies.level import level_now
from tickets.queries import QueueFilter, beside_the_list, capped_counts, queue_around, queue_page
from tickets.services import counters

VIEWS = (
    "mine_and_new",
    "overdue",
    "mine",
    "unassigned",
    "waiting_customer",
    "waiting_confirmation",
    "all",
    "done",
    "spam",
)
STATUSES = ("new", "open", "waiting_customer", "waiting_confirmation", "resolved", "closed")
DONE = ("resolved", "closed")
DOORS = ("email", "phone", "chat")
MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture
def many(db: None) -> None:
    """240 tickets: every state, both teams, three people and nobody, some restricted, some spam, many of one moment."""
    desk()
    for login, role, teams in (
        ("agent1", "agent", ["first-line"]), ("lead", "lead", ["specialists"]), ("quality", "quality", []),
        ("both", "agent", ["first-line", "specialists"]), ("admin", "admin", ["first-line"]),
    ):  # fmt: skip
        actor(login, role, *teams)
    people = [None, None, *StaffProfile.objects.filter(user__login__in=("agent1", "lead", "both"))]
    queues = list(Queue.objects.select_related("team"))
    dice = random.Random(7)
    for number in range(240):
        queue, status = dice.choice(queues), dice.choice(STATUSES)
        is_waiting = status in (*DONE, "waiting_customer") or number % 7 == 0
        Ticket.objects.create(
            number=f"{number:09}", door=DOORS[number % 3], channel="x", language="ru", level=number % 6, status=status,
            queue=queue, team=queue.team, assignee=dice.choice(people), is_spam=number % 19 == 0,
            kind="restricted" if number % 11 == 0 else "incident",
            due_at=NEVER if is_waiting else NOW + timedelta(hours=dice.randrange(-5, 5)),
            created_at=NOW - timedelta(hours=7 * number % 200), updated_at=NOW,
            level_until=None if number % 4 else NOW + timedelta(hours=number % 5 - 2),
        )  # fmt: skip
    tag = Tag.objects.create(name="VIP")
    TicketTag.objects.bulk_create([TicketTag(ticket=each, tag=tag) for each in Ticket.objects.all() if each.pk % 3])
    Tag.objects.create(name="Rare")


def plainly(who, chosen: QueueFilter) -> list[str]:
    """The same list, asked in one condition and read to its end."""
    found = visible_to(who).filter(is_spam=chosen.view == "spam")
    is_done = chosen.view == "done" or chosen.status in DONE
    if chosen.view != "spam":
        found = found.filter(status__in=DONE) if is_done else found.exclude(status__in=DONE)
    mine, nobodys = Q(assignee_id=who.staff_id), Q(assignee=None)
    found = found.filter(
        {
            "mine_and_new": mine | nobodys,
            "mine": mine,
            "unassigned": nobodys,
            "overdue": Q(due_at__lt=NOW),
            "waiting_customer": Q(status="waiting_customer"),
            "waiting_confirmation": Q(status="waiting_confirmation"),
        }.get(chosen.view, Q())
    )
    if chosen.status:
        found = found.filter(status=chosen.status)
    if chosen.queue:
        found = found.filter(queue__slug=chosen.queue)
    if chosen.tier:
        found = found.filter(team__tier=chosen.tier)
    if chosen.assignee:
        found = found.filter(nobodys if chosen.assignee == "nobody" else Q(assignee_id=int(chosen.assignee)))
    if chosen.tag:
        found = found.filter(tagged__tag=chosen.tag)
    if chosen.door:
        found = found.filter(door=chosen.door)
    if chosen.since:
        found = found.filter(created_at__gte=MIDNIGHT)
    if chosen.until:
        found = found.filter(created_at__lt=MIDNIGHT + timedelta(days=1))
    if chosen.level:
        over = {each.pk for each in found if level_now(each.level, each.level_until, now=NOW) >= chosen.level}
        found = found.filter(pk__in=over)
    order = ("-due_at", "-id") if is_done or chosen.view == "spam" else ("due_at", "id")
    return list(found.order_by(*order).values_list("number", flat=True))


def paged(who, chosen: QueueFilter, **how: int) -> list[str]:
    numbers, after = [], ""
    while True:
        page = queue_page(who, chosen, after=after, now=NOW, limit=40, **how)
        numbers += [row.number for row in page.rows]
        if not page.next_cursor:
            return numbers
        after = page.next_cursor


@pytest.mark.parametrize("login", ["agent1", "lead", "both", "admin"])
def test_every_list_holds_what_may_be_seen_and_was_asked_for_in_order(many, login):
    who = StaffProfile.objects.get(user__login=login).actor()
    colleague = str(StaffProfile.objects.get(user__login="both").pk)
    for view, status, queue, assignee, tier in itertools.product(
        VIEWS, ("", "closed"), ("", "domains"), ("", "nobody", colleague, str(who.staff_id)), (0, 1)
    ):
        chosen = QueueFilter(view=view, status=status, queue=queue, assignee=assignee, tier=tier)
        assert paged(who, chosen) == plainly(who, chosen), chosen


@pytest.mark.parametrize("login", ["agent1", "lead", "quality", "both"])
def test_the_numbers_beside_the_lists_are_how_many_they_hold(many, login):
    """But for an agent's own plain tickets in queues of others: these count as his and for those queues."""
    who = StaffProfile.objects.get(user__login=login).actor()
    counters.fold(NOW)
    Ticket.objects.filter(kind="restricted", pk__in=[*Ticket.objects.values_list("pk", flat=True)[::5]]).update(
        status="waiting_confirmation", assignee=None
    )
    beside = beside_the_list(who)
    elsewhere = visible_to(who).filter(assignee=who.staff_id).exclude(Q(team__in=who.team_ids) | Q(kind="restricted"))
    left_out = set() if who.may(Perm.SEE_ALL_TICKETS) else set(elsewhere.values_list("number", flat=True))
    for view in ("mine_and_new", "mine", "unassigned", "waiting_customer", "waiting_confirmation", "all"):
        held = plainly(who, QueueFilter(view=view))
        but = set() if "mine" in view else left_out
        assert beside.counters.get(view, 0) == len(set(held) - but), view
    for queue in beside.queues:
        held = plainly(who, QueueFilter(view="all", queue=queue.slug))
        assert beside.counters.get(f"queue:{queue.slug}", 0) == len(held), queue.slug


def test_a_tier_of_other_teams_holds_what_is_mine_alone(many):
    who = StaffProfile.objects.get(user__login="agent1").actor()
    tier = Team.objects.get(slug="specialists").tier
    assert all(row.assignee_id == who.staff_id for row in queue_page(who, QueueFilter("all", tier=tier), now=NOW).rows)


@pytest.mark.parametrize("login", ["agent1", "lead"])
@pytest.mark.parametrize("looked_at", [2000, 7])
def test_what_no_index_knows_is_found_by_looking_page_by_page(many, login, looked_at):
    who = StaffProfile.objects.get(user__login=login).actor()
    tag = Tag.objects.get(name="VIP").pk
    of_sight = [
        {"door": "phone"},
        {"level": 4},
        {"since": MIDNIGHT.date()},
        {"until": MIDNIGHT.date()},
        {"door": "chat", "level": 1, "since": MIDNIGHT.date(), "until": MIDNIGHT.date()},
    ]
    for view, more, queue, with_tag in itertools.product(VIEWS, of_sight, ("", "domains"), (0, tag)):
        chosen = QueueFilter(view, queue=queue, tag=with_tag, **more)
        assert paged(who, chosen, looked_at=looked_at) == plainly(who, chosen), chosen


def test_a_page_that_looked_at_enough_says_so_and_goes_on(many):
    who = StaffProfile.objects.get(user__login="lead").actor()
    chosen = QueueFilter("all", door="phone")
    page = queue_page(who, chosen, now=NOW, looked_at=20)
    assert page.is_cut
    assert len(page.rows) < 20
    assert page.next_cursor
    assert not queue_page(who, chosen, now=NOW).is_cut


@pytest.mark.parametrize("login", ["agent1", "lead", "admin"])
def test_lists_are_counted_to_a_hundred_in_two_queries(many, login, django_assert_max_num_queries):
    who = StaffProfile.objects.get(user__login=login).actor()
    lists = [
        QueueFilter(view, queue=queue, **more)
        for view, queue, more in itertools.product(VIEWS, ("", "domains"), ({}, {"door": "phone", "level": 2}))
    ]
    with django_assert_max_num_queries(2):
        counted = capped_counts(who, lists, now=NOW)
    assert counted == [min(100, len(plainly(who, chosen))) for chosen in lists]


@pytest.mark.parametrize("view", VIEWS)
def test_a_list_is_one_query(many, view, django_assert_num_queries):
    who = StaffProfile.objects.get(user__login="lead").actor()
    with django_assert_num_queries(1):
        queue_page(who, QueueFilter(view), now=NOW)


@pytest.mark.parametrize("login", ["agent1", "lead", "admin"])
def test_a_list_is_shown_around_a_ticket_that_stands_in_it_and_else_not(many, login, django_assert_max_num_queries):
    who = StaffProfile.objects.get(user__login=login).actor()
    everything = list(Ticket.objects.values_list("number", flat=True))
    tag = Tag.objects.get(name="VIP").pk
    for view, more in itertools.product(VIEWS, ({}, {"queue": "domains"}, {"door": "phone"}, {"tag": tag})):
        chosen = QueueFilter(view, **more)
        whole = plainly(who, chosen)
        for number in [*whole[:5], *whole[len(whole) // 2 :][:3], *whole[-5:]]:
            with django_assert_max_num_queries(3):
                rows, is_whole = queue_around(who, chosen, number, now=NOW, each_side=4)
            at = whole.index(number)
            assert [row.number for row in rows] == whole[max(0, at - 3) : at + 5], (chosen, number)
            assert is_whole is (len(rows) == len(whole))
        for number in sorted(set(everything) - set(whole))[:5]:
            assert queue_around(who, chosen, number, now=NOW) == ([], False)


@pytest.mark.parametrize("login", ["agent1", "lead", "both", "admin"])
def test_the_list_of_a_tag_follows_its_tickets(many, login):
    who = StaffProfile.objects.get(user__login=login).actor()
    vip, rare = Tag.objects.get(name="VIP").pk, Tag.objects.get(name="Rare").pk
    for step in ("as made", "moved"):
        if step == "moved":
            for place, ticket in enumerate(Ticket.objects.order_by("-id")[:90]):
                ticket.due_at = NOW + timedelta(minutes=place)
                ticket.status, ticket.is_spam = ("open", "closed", "resolved")[place % 3], place % 5 == 0
                ticket.save()
        for view, status, queue in itertools.product(VIEWS, ("", "closed"), ("", "domains")):
            chosen = QueueFilter(view=view, status=status, queue=queue, tag=vip)
            assert paged(who, chosen) == plainly(who, chosen), (step, chosen)
    assert paged(who, QueueFilter("all", tag=rare)) == []
