"""Teams and queues, as an administrator sets them up."""

import pytest
from django.test import Client

from channels_app.models import Channel
from events.models import Event
from staff.models import StaffProfile, Team
from tests.web.conftest import person, shows, signed_in
from tickets.models import Queue, Signature, Ticket
from tickets.numbers import pretty


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
    for nowhere in ("", "hosting", "nobody"):
        shows(admin.post("/setup/queues/hosting/retirement", {"move_to": nowhere}, follow=True), "Choose a queue")
    shows(admin.post("/setup/queues/hosting/retirement", {"move_to": "domains"}, follow=True), "where you chose")
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


HOSTING = {"name_ru": "Хостинг", "name_en": "Hosting", "team": "first-line"}
SIGNED = {"signature_ru": "С уважением, {name}\r\n{queue} · {number}", "signature_en": "{name}, {queue} team"}


def test_a_reply_stands_above_the_signature_of_its_queue(admin, agent, ticket):
    shows(admin.get("/setup/queues/hosting/"), "<code>{name}</code>", "<code>{queue}</code>", "<code>{number}</code>")
    shows(admin.post("/setup/queues/hosting/", HOSTING | SIGNED, follow=True), "Saved.")
    shows(admin.get("/setup/queues/hosting/"), "С уважением, {name}\n{queue} · {number}", "{name}, {queue} team")
    address = f"/desk/tickets/{ticket.number}/"
    shows(agent.get(address), f"С уважением, Agent1<br>Хостинг · {pretty(ticket.number)}")
    shows(agent.post(f"{address}language", {"language": "en"}, follow=True), "Agent1, Hosting team")
    agent.post("/desk/me/signatures", {"signature_ru": "", "signature_en": "Yours, {name}"})
    shows(agent.get(address), "Yours, Agent1")
    admin.post("/setup/queues/hosting/", HOSTING | SIGNED | {"signature_ru": " \r\n"})
    assert list(Signature.objects.exclude(queue=None).values_list("language", flat=True)) == ["en"]
    changes = Event.objects.filter(stream="system", type="QueueSetUp").order_by("sequence")
    assert [change.payload.data for change in changes] == [{"queue": "hosting", "what": "changed"}] * 2


def test_a_new_queue_has_its_signature_from_the_start(admin):
    admin.post("/setup/queues/new/", {"name_en": "Backups", "team": "first-line", **SIGNED})
    assert Signature.objects.get(queue__slug="backups", language="en").text == "{name}, {queue} team"


def test_a_long_signature_is_refused_with_the_whole_form_kept(admin):
    typed = {"name_ru": "Иначе", "name_en": "Otherwise", "team": "specialists", "signature_ru": "Коротко"}
    for address in ("/setup/queues/hosting/", "/setup/queues/new/"):
        answer = admin.post(address, typed | {"signature_en": "s" * 1001})
        assert answer.status_code == 400
        shows(answer, "Error:", 'href="#signature_en"', "1,000 letters", "Коротко", "s" * 1001, 'value="Otherwise"')
        assert 'href="#signature_ru"' not in answer.content.decode()
    assert not Queue.objects.filter(name_en="Otherwise").exists()
    assert not Signature.objects.exists()
    answer = admin.post("/setup/queues/hosting/", typed | {"team": "nobody"})
    shows(answer, "Choose a team", "Коротко")
    assert not Signature.objects.exists()


def test_line_breaks_of_a_signature_count_once(admin):
    admin.post("/setup/queues/hosting/", HOSTING | {"signature_ru": "a" + "\r\n" * 998 + "b"})
    assert len(Signature.objects.get().text) == 1000


@pytest.mark.parametrize("role", ["agent", "lead", "quality"])
def test_nobody_but_an_administrator_signs_for_a_queue(role):
    somebody = signed_in(person("somebody", role, "first-line"))
    assert somebody.post("/setup/queues/hosting/", HOSTING | SIGNED).status_code == 403
    assert not Signature.objects.exists()


def test_the_signature_is_explained_in_russian_too():
    admin = signed_in(person("admin", "admin"), language="ru")
    shows(admin.get("/setup/queues/hosting/"), "Подставляются:", "название очереди на языке заявки")
    shows(admin.post("/setup/queues/hosting/", HOSTING | {"signature_ru": "я" * 1001}), "Подпись слишком длинная")
