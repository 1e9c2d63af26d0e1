"""Teams and queues, as an administrator sets them up."""

import pytest
from django.test import Client

from channels_app.models import Channel
from staff.models import StaffProfile, Team
from tests.web.conftest import person, shows, signed_in
from tickets.models import Queue, Ticket


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def test_a_team_and_its_queue_are_added_and_served(admin):
    agent = signed_in(person("agent1", "agent"))
    member = StaffProfile.objects.get(user__login="agent1").pk
    admin.post(
        "/setup/teams/new/", {"name_en": "Night shift", "name_ru": "Ночная смена", "tier": "2", "members": member}
    )
    admin.post("/setup/queues/new/", {"name_en": "Backups", "team": "night-shift"})
    shows(admin.get("/setup/teams/"), "Night shift", "L2", "Backups")
    assert Queue.objects.get(slug="backups").name_ru == "Backups"
    shows(agent.get("/desk/"), "Backups")


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [
        ("/setup/teams/new/", {"tier": "1"}, "Say the name"),
        ("/setup/teams/new/", {"name_en": "x" * 101, "tier": "1"}, "longer than"),
        ("/setup/teams/new/", {"name_en": "N", "tier": "9"}, "Choose a tier"),
        ("/setup/queues/new/", {"name_en": "Kept", "team": "nobody"}, "Choose a team"),
        ("/setup/queues/new/", {"name_en": " ", "team": "first-line"}, "Say the name"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_keeps_what_was_typed(admin, address, typed, words):
    answer = admin.post(address, {"name_ru": "", **typed})
    assert answer.status_code == 400
    shows(answer, words, "Error:")
    if typed.get("name_en") == "Kept":
        shows(answer, 'value="Kept"')


def test_two_of_one_name_have_addresses_of_their_own(admin):
    for _ in range(2):
        admin.post("/setup/queues/new/", {"name_ru": "Счета", "team": "first-line"})
    assert list(Queue.objects.filter(name_ru="Счета").values_list("slug", flat=True)) == ["queue", "queue-2"]


def test_open_tickets_follow_their_queue_to_another_team(admin, ticket):
    done = Ticket.objects.create(
        number="1", door="email", channel="x", language="ru", level=1, status="closed", queue=ticket.queue,
        team=ticket.team, created_at=ticket.created_at, updated_at=ticket.created_at,
    )  # fmt: skip
    admin.post("/setup/queues/hosting/", {"name_ru": "Хостинг", "name_en": "Hosting", "team": "specialists"})
    ticket.refresh_from_db()
    done.refresh_from_db()
    assert (ticket.team.slug, done.team.slug) == ("specialists", "first-line")


def test_a_queue_retires_only_when_its_tickets_have_somewhere_to_go(admin, ticket):
    channel = Channel.objects.create(slug="m", name="M", address="m@example.com", queue_slug="hosting")
    shows(admin.post("/setup/queues/hosting/retirement", follow=True), "A mailbox files into this queue")
    channel.delete()
    shows(admin.get("/setup/queues/hosting/"), "Where do its open tickets go?")
    shows(admin.post("/setup/queues/hosting/retirement", follow=True), "Open tickets stand in this queue")
    for nowhere in ("hosting", "nobody"):
        shows(admin.post("/setup/queues/hosting/retirement", {"move_to": nowhere}, follow=True), "Choose a queue")
    shows(admin.post("/setup/queues/hosting/retirement", {"move_to": "domains"}, follow=True), "1 ticket moved")
    ticket.refresh_from_db()
    assert (ticket.queue.slug, ticket.team.slug) == ("domains", "specialists")
    agent = signed_in(person("agent1", "agent", "first-line", "specialists"))
    assert "queue=hosting" not in agent.get("/desk/").content.decode()
    shows(admin.post("/setup/queues/hosting/reopening", follow=True), "In use again")


def test_a_team_that_serves_queues_stays(admin):
    shows(admin.post("/setup/teams/first-line/retirement", follow=True), "This team serves queues")
    Queue.objects.filter(slug="hosting").update(is_active=False)
    shows(admin.post("/setup/teams/first-line/retirement", follow=True), "Its people keep their tickets")
    assert not Team.objects.get(slug="first-line").is_active
    shows(admin.post("/setup/queues/hosting/reopening", follow=True), "Choose a team that is in use")
    shows(admin.post("/setup/teams/first-line/reopening", follow=True), "In use again")
