"""Whoever may not see restricted tickets learns from no number that there are any, nor when they come and go."""

import re
from collections.abc import Callable
from importlib import import_module
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from staff.actor import Actor
from staff.models import StaffLetter, StaffProfile
from tests.attacks.test_addresses import walked
from tests.cast import NOW, actor, desk, letter, origin
from tests.web.conftest import signed_in
from tickets.enums import BulkAction, Kind, Scale, Status
from tickets.models import Queue, SavedView, Ticket
from tickets.queries import beside_the_list, search
from tickets.services import assignment, bulk, counters, lifecycle, setup, spam, spam_digest
from tickets.services import search as index
from tickets.services.intake import receive
from tickets.services.setup import Unfit
from users.models import User

READERS = {"agent1": ("agent", "first-line"), "chief": ("lead",), "judge": ("quality",), "admin": ("admin",)}
VIEWS = ("mine_and_new", "overdue", "unassigned", "waiting_customer", "all", "done", "spam")
# Whatever has an address without a name of a thing in it, and some that have; new pages come by themselves. The health
# of mail counts letters on their way, whoever writes them to whom; pages of one's own sign-in are new each time.
_NOT = "login|logout|language|proof|me/|mail/"
PAGES = (
    *(path for _, path in walked(rf"/(desk|setup)/(?!{_NOT})") if "<" not in path),
    *(f"/desk/?view={view}" for view in VIEWS),
    *(f"/desk/?view=all&queue={queue}" for queue in ("hosting", "domains")),
    *(f"/desk/search/?{urlencode({'q': word})}" for word in ("Prikaz", "постоновление")),  # the second mistyped
    "/desk/tickets/{plain}/",
    "/desk/tickets/{plain}/sorting/",
    "/setup/queues/hosting/",
)
_NEW_EACH_TIME = re.compile(
    r'(?:csrfmiddlewaretoken" value|x-csrftoken|nonce|data-request-id|value)="[\w-]{32,}"'
    r"|\d+:\d\d(?::\d\d)?",  # the time of day, and how much is left
    re.I,
)

Story = Callable[[str, Actor, int], object]
STORIES: dict[str, Story] = {
    "the customer is waited for": lambda number, boss, other: lifecycle.change_status(
        number, Status.WAITING_CUSTOMER, by=boss, now=NOW
    ),
    "somebody takes it": lambda number, boss, other: assignment.claim(number, by=boss, now=NOW),
    "it is given to somebody": lambda number, boss, other: assignment.assign(number, staff_id=other, by=boss, now=NOW),
    "it moves": lambda number, boss, other: bulk.change([number], BulkAction.QUEUE, "domains", by=boss, now=NOW),
    "it is spam": lambda number, boss, other: spam.mark(number, by=boss, now=NOW),
    "it is done": lambda number, boss, other: lifecycle.change_status(number, Status.RESOLVED, by=boss, now=NOW),
}


@pytest.fixture
def boss(db: None) -> Actor:
    """Who may see them, and does what is done to them."""
    cache.clear()
    desk()
    for login, (role, *teams) in READERS.items():
        actor(login, role, *teams)
    actor("special", "agent", "specialists")
    for subject in ("Обычная", "Ещё одна"):
        receive(letter(subject=subject), origin=origin(subject), now=NOW)
    boss = actor("boss", "lead", "first-line", "specialists")
    SavedView.objects.create(name="Hosting", query="view=all&queue=hosting", is_shared=True, owner_id=boss.staff_id)
    return boss


def restricted(number: int = 1) -> Ticket:
    heard = letter(subject=f"Prikaz {number}", text="Постановление", message_id=f"{number}@police")
    ticket = Ticket.objects.get(pk=receive(heard, origin=origin(f"police-{number}"), now=NOW).ticket_id)
    Ticket.objects.filter(pk=ticket.pk).update(kind=Kind.RESTRICTED.value)
    return ticket


def read(client: Client) -> dict[str, str]:
    """All pages as they are at this moment, without what is new each time."""
    cache.clear()  # numbers of saved lists are kept for some seconds
    counters.fold(NOW)
    index.index_all()
    plain = Ticket.objects.earliest("pk").number
    pages = {path: client.get(path.format(plain=plain)).content.decode() for path in PAGES}
    return {path: _NEW_EACH_TIME.sub("", page) for path, page in pages.items()}


def watched(client: Client) -> str:
    figures = client.get("/metrics").content.decode().splitlines()
    return next(line for line in figures if line.startswith("helpdesk_tickets_open "))


@pytest.mark.parametrize("login", READERS)
def test_no_page_changes_when_a_restricted_ticket_comes_changes_and_goes(boss, login):
    client = signed_in(User.objects.get(login=login).email)
    other = StaffProfile.objects.get(user__login="special").pk
    read(client)
    before, figure = read(client), watched(client)
    ticket = restricted()
    assert read(client) == before
    for story in STORIES.values():
        story(ticket.number, boss, other)
        assert read(client) == before
    assert watched(client) == figure


def numbers(who: Actor) -> dict[str, int]:
    return {name: number for name, number in beside_the_list(who).counters.items() if number}


def test_whoever_may_see_one_has_it_among_his_numbers(boss):
    special = StaffProfile.objects.get(user__login="special").actor()
    assert numbers(boss) == {"unassigned": 2, "mine_and_new": 2, "all": 2, "queue:hosting": 2}
    ticket = restricted()
    assert numbers(boss) == {"unassigned": 3, "mine_and_new": 3, "all": 3, "queue:hosting": 3}
    assignment.assign(ticket.number, staff_id=special.staff_id, by=boss, now=NOW)
    assert numbers(boss) == {"unassigned": 2, "mine_and_new": 2, "all": 3, "queue:hosting": 3}
    assert numbers(special) == {"mine": 1, "mine_and_new": 1, "all": 1}
    counters.fold(NOW)
    assert counters.rebuild() == {}


def test_one_that_becomes_restricted_leaves_the_numbers_of_the_others_and_comes_back(boss):
    chief = StaffProfile.objects.get(user__login="chief").actor()
    number, before = Ticket.objects.latest("pk").number, numbers(chief)
    for kind, left in ((Kind.RESTRICTED, 1), (Kind.INCIDENT, 2)):
        lifecycle.classify(number, kind=kind, impact=Scale.MEDIUM, urgency=Scale.MEDIUM, by=boss, now=NOW)
        assert numbers(chief)["all"] == left
        assert numbers(boss)["all"] == 2
    assert numbers(chief) == before


def test_the_daily_letter_about_spam_tells_leads_of_none(boss):
    ticket = restricted()
    spam.mark(ticket.number, by=boss, now=NOW)
    spam_digest.send(NOW)
    assert not StaffLetter.objects.exists()


def test_a_mistyped_word_is_not_corrected_to_one_that_only_a_restricted_ticket_has(boss):
    restricted()
    index.index_all()
    agent = StaffProfile.objects.get(user__login="agent1").actor()
    assert search(boss, "постоновление", now=NOW).instead == (("постоновление", "постановлен"),)
    assert search(agent, "постоновление", now=NOW).instead == ()


@pytest.mark.parametrize("holds_one", [False, True])
def test_retiring_a_queue_tells_its_administrator_nothing(boss, holds_one):
    Ticket.objects.update(status="closed")
    ticket = restricted() if holds_one else None
    admin = signed_in(User.objects.get(login="admin").email)
    with pytest.raises(Unfit, match="no_queue"):
        setup.retire_queue("hosting", move_to="", by=boss, now=NOW)
    page = admin.post("/setup/queues/hosting/retirement", {"move_to": "domains"}, follow=True).content.decode()
    assert "Retired. Its open tickets stand where you chose." in page
    assert not Queue.objects.get(slug="hosting").is_active
    assert ticket is None or Ticket.objects.get(pk=ticket.pk).queue.slug == "domains"


@pytest.mark.django_db(transaction=True)
def test_the_migration_counts_anew_what_is_restricted_and_back(boss):
    restricted()
    spam.mark(restricted(2).number, by=boss, now=NOW)
    migration = import_module("tickets.migrations.0039_count_restricted_apart")
    chief = StaffProfile.objects.get(user__login="chief").actor()
    with connection.cursor() as cursor:
        cursor.execute(migration.BACKWARD)
        assert counters.rebuild() == {}
        assert numbers(chief)["all"] == 3
        cursor.execute(migration.FORWARD)
    assert numbers(chief)["all"] == 2
    assert counters.rebuild() == {}
