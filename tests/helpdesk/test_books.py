"""Each book is broken on purpose, seen red, mended, and seen green."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from channels_app.models import RawMessage
from core import blobs
from core.clock import NEVER
from core.models import Installation
from events import bookkeeping, registry
from events.books import PATIENCE, Seen, is_red, is_stale
from events.models import Book, Delivery, Event, Heartbeat, Stream
from ops.recount import missing_files, recount
from tests.cast import ANNA, NOW, actor, desk, letter, origin, vouched
from tickets.models import AutoReply, IssuedNumber, Message, Ticket
from tickets.services import conversation, counters
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _a_good_desk():
    desk()
    cache.clear()
    Installation.objects.get_or_create(id=1, defaults={"is_demo": True})
    Installation.objects.update(started_at=NOW)
    ticket = receive(letter(facts=vouched(ANNA)), origin=origin(raw_id=str(uuid.uuid4())), now=NOW)
    raw(state="filed", ticket_id=ticket.ticket_id, message_id=ticket.message_id)
    Delivery.objects.update(state="done")
    bookkeeping.beat(bookkeeping.WORK, now=LATER)
    counters.fold(NOW)
    Ticket.objects.update(level_until=None)
    assert red() == set()


def raw(**more):
    return RawMessage.objects.create(
        **{"door": "smtp", "received_at": NOW, "size_bytes": 1, "digest": "0" * 64, "content": b"x",
           "dedupe_key": uuid.uuid4().hex, **more}
    )  # fmt: skip


def red(now=LATER) -> set[str]:
    bookkeeping.record(bookkeeping.look(registry.BOOKS, now=now), now=now)
    return {entry.name for entry in bookkeeping.red(now=now)}


def delivery(**more):
    return Delivery.objects.create(event=Event.objects.first(), subscriber="mail", key=uuid.uuid4().hex, **more)


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def unread():
    row = raw(state="received")
    return row.delete


def nowhere():
    row = raw(state="filed", message_id=Message.objects.latest("pk").pk + 1000)
    return row.delete


def unanswered():
    rows = list(AutoReply.objects.all())
    AutoReply.objects.all().delete()
    return lambda: AutoReply.objects.bulk_create(rows)


def unknown_number():
    row = IssuedNumber.objects.get()
    number = row.number
    row.delete()
    return lambda: IssuedNumber.objects.create(number=number, issued_at=NOW)


def overdue_level():
    Ticket.objects.update(level_until=NOW)
    return lambda: Ticket.objects.update(level_until=None)


def overdue_summary():
    AutoReply.objects.update(awaits_summary=True, at=NOW)
    return lambda: AutoReply.objects.update(awaits_summary=False)


def due():
    return delivery(due_at=NOW).delete


def overrun():
    return delivery(state="leased", lease=uuid.uuid4(), leased_until=NOW).delete


def silent():
    Heartbeat.objects.update(at=NOW)
    return lambda: bookkeeping.beat(bookkeeping.WORK, now=LATER)


def altered_journal():
    execute("ALTER TABLE events_event DISABLE TRIGGER events_event_is_append_only")
    execute("UPDATE events_event SET actor = 'somebody' WHERE sequence = 2")
    return lambda: execute("UPDATE events_event SET actor = 'requester' WHERE sequence = 2")


BROKEN = {
    "mail_unread": unread,
    "mail_nowhere": nowhere,
    "tickets_unanswered": unanswered,
    "numbers_unknown": unknown_number,
    "levels_overdue": overdue_level,
    "summaries_overdue": overdue_summary,
    "deliveries_due": due,
    "leases_overrun": overrun,
    "work_silent": silent,
    "journals_broken": altered_journal,
}


def test_every_book_is_broken_here():
    assert set(BROKEN) == set(registry.BOOKS)
    assert set(registry.BOOKS) <= set(PATIENCE)


@pytest.mark.parametrize("name", BROKEN)
def test_a_book_turns_red_alone_and_green_again_by_itself(name):
    actor_of = dict(Event.objects.values_list("sequence", "actor"))
    mend = BROKEN[name]()
    assert red() == {name}
    since = Book.objects.get(name=name).red_since
    assert red(LATER + timedelta(minutes=1)) >= {name}
    assert Book.objects.get(name=name).red_since == since
    mend()
    if name == "journals_broken":
        execute(f"UPDATE events_event SET actor = '{actor_of[2]}' WHERE sequence = 2")
    assert red() == set()


@pytest.mark.parametrize("lose", ["the last link", "the head"])
def test_a_journal_that_lost_its_end_is_red(lose):
    if lose == "the last link":
        execute("ALTER TABLE events_event DISABLE TRIGGER events_event_is_append_only")
        last = Event.objects.latest("pk")
        execute(f"DELETE FROM events_eventpayload WHERE event_id = {last.pk}")
        execute(f"DELETE FROM events_delivery WHERE event_id = {last.pk}")
        execute(f"DELETE FROM events_event WHERE id = {last.pk}")
    else:
        Stream.objects.update(head=b"\0" * 32)
    assert red() == {"journals_broken"}


def test_a_book_that_nobody_opens_turns_red_by_its_age(client, monkeypatch):
    def no() -> Seen:
        raise OSError

    monkeypatch.setitem(registry.BOOKS, "mail_unread", lambda now: no())
    assert red(LATER + timedelta(minutes=4)) >= {"mail_unread"}


RULE = {
    "nothing there is green": ("deliveries_due", Seen(0), False),
    "what waits a little is green": ("deliveries_due", Seen(9, LATER - timedelta(minutes=4)), False),
    "what waits long is red": ("deliveries_due", Seen(1, LATER - timedelta(minutes=5)), True),
    "what must never be is red at once": ("numbers_unknown", Seen(1, LATER), True),
    "so it is when nobody knows since when": ("journals_broken", Seen(1), True),
}


@pytest.mark.parametrize(("name", "seen", "expected"), RULE.values(), ids=RULE)
def test_the_rule(name, seen, expected):
    assert is_red(name, seen, now=LATER) is expected


def test_what_was_looked_at_lately_is_not_stale():
    assert not is_stale(LATER - timedelta(minutes=3), now=LATER)
    assert is_stale(LATER - timedelta(minutes=3, seconds=1), now=LATER)


def signed_in() -> Client:
    person = actor("agent1", "agent", "first-line")
    client = Client(headers={"accept-language": "en"})
    client.post("/desk/login/", {"login": "agent1", "password": "demo-helpdesk"})
    assert person
    return client


def fresh() -> None:
    red()
    Book.objects.update(checked_at=NEVER)  # the page reads the real clock
    cache.clear()


def test_red_stands_on_the_front_page_and_goes_when_it_is_over():
    agent = signed_in()
    fresh()
    assert "wrong with the desk itself" not in agent.get("/desk/").content.decode()
    mend = unread()
    fresh()
    for region in ("", "list"):
        page = agent.get("/desk/", headers={"x-region": region}).content.decode()
        assert "wrong with the desk itself" in page
        assert "waited for more than ten minutes" in page
    assert agent.get("/healthz/deep").status_code == 503
    assert agent.get("/readyz").json()["red_books"] == ["mail_unread"]
    mend()
    fresh()
    assert "wrong with the desk itself" not in agent.get("/desk/").content.decode()
    assert agent.get("/healthz/deep").status_code == 200


def test_when_the_relay_is_gone_the_page_says_that_nobody_looks():
    agent = signed_in()
    cache.clear()
    assert "Nobody keeps the books" in agent.get("/desk/").content.decode()


def reds() -> set[str]:
    return {line.name for line in recount(now=LATER) if line.is_red}


def test_a_recount_finds_what_the_minute_does_not_look_for(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path}},
    }
    assert reds() == set()
    execute("UPDATE tickets_counter SET total = total + 1 WHERE key = 'open'")
    assert reds() == {"counters_off"}
    counters.rebuild()
    agent = actor("agent1", "agent", "first-line")
    number = Ticket.objects.get().number
    conversation.add_upload(number, by=agent, filename="x.txt", content=b"x" * 99, now=NOW)
    assert reds() == set()
    (digest,) = blobs.stored()
    (tmp_path / digest[:2] / digest[2:4] / digest).unlink()
    assert missing_files() == {digest}
    assert reds() == {"files_missing"}
